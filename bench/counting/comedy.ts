/** comedy, as its documentation writes it: a class is an actor, `send`, `sendAndReceive`, and threads by an option. */
import { loadPeer } from '../runner/peers.js';

/** What of comedy is used here. */
export interface ComedyActor {
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

/** Its level 1: errors alone are written. */
const errorsOnly = 1;

/** A class that other threads compile from its source: it knows nothing but itself. */
export class Tally {
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

/** A system, and the actor all others are children of. */
export async function started() {
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
