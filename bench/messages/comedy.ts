/** comedy, as its documentation writes it: a class is an actor, `send`, `sendAndReceive`, and threads by an option. */
import { loadPeer } from '../runner/peers.js';
import { askAll, makeMany, type MessagesContender, tellTally } from './load.js';

/** What of comedy is used here. */
interface ComedyActor {
  createChild(definition: object, options?: object): Promise<ComedyActor>;
  send(topic: string, ...message: readonly unknown[]): void | Promise<void>;
  sendAndReceive<R>(topic: string, ...message: readonly unknown[]): Promise<R>;
}

interface ComedySystem {
  rootActor(): Promise<ComedyActor>;
  destroy(): Promise<void>;
  getLog(): { setLevel(level: number): void };
}

type Comedy = (options?: object) => ComedySystem;

/** Questions for a total that is not there yet: some thousand a second. */
const triesMax = 100_000;
/** Its level 1: errors alone are written. */
const errorsOnly = 1;

/** A class that other threads compile from its source: it knows nothing but itself. */
class Tally {
  declare sum: number;
  initialize(): void {
    this.sum = 0;
  }
  add(by: number): void {
    this.sum += by;
  }
  total(): number {
    return this.sum;
  }
  next(): number {
    this.sum += 1;
    return this.sum;
  }
}

async function started() {
  const { default: actors } = await loadPeer<{ default: Comedy }>('comedy');
  const system = actors();
  system.getLog().setLevel(errorsOnly);
  return { system, root: await system.rootActor() };
}

/** A system with an actor that counts, on this thread or on another one. */
export async function counting(mode: 'in-memory' | 'threaded') {
  const { system, root } = await started();
  return { system, actor: await root.createChild(Tally, { mode }) };
}

/** Messages to it. */
export function comedyTell(mode: 'in-memory' | 'threaded', count: 'functionTells' | 'askMany'): MessagesContender {
  return async ({ sizes }) => {
    const { system, actor } = await counting(mode);
    const tell = (by: number) => void actor.send('add', by);
    // A question overtakes messages: it is asked again until they have arrived.
    const total = async (expected: number): Promise<number> => {
      for (let tries = 0; ; tries += 1) {
        const found = await actor.sendAndReceive<number>('total');
        if (found >= expected || tries === triesMax) return found;
      }
    };
    const measures = await tellTally({ tell, total }, sizes[count], sizes);
    await system.destroy();
    return measures;
  };
}

/** Questions to an actor on another thread. */
export const comedyAsk: MessagesContender = async ({ sizes }) => {
  const { system, actor } = await counting('threaded');
  const measures = await askAll(() => actor.sendAndReceive<number>('next'), sizes);
  await system.destroy();
  return measures;
};

/** Actors that do nothing. */
export const comedyMany: MessagesContender = async ({ sizes }) => {
  const { system, root } = await started();
  const kept: ComedyActor[] = [];
  const measures = await makeMany(async (count) => {
    while (kept.length < count) {
      const part = Array.from({ length: Math.min(1_000, count - kept.length) }, () => root.createChild(Tally));
      kept.push(...(await Promise.all(part)));
    }
    return new Set(kept).size;
  }, sizes);
  await system.destroy();
  return measures;
};
