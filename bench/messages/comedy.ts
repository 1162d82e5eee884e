/** comedy, on this thread and on another one. */
import { type ComedyActor, counting, started, Tally } from '../counting/comedy.js';
import { askAll, makeMany, type MessagesContender, tellTally } from './load.js';

/** Questions for a total that is not there yet: some thousand a second. */
const triesMax = 100_000;

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
  const { root } = await started();
  const kept: ComedyActor[] = [];
  // The system is not destroyed: that takes minutes with so many, and is not what is measured.
  return makeMany(async (count) => {
    while (kept.length < count) {
      const part = Array.from({ length: Math.min(1_000, count - kept.length) }, () => root.createChild(Tally));
      kept.push(...(await Promise.all(part)));
    }
    return new Set(kept).size;
  }, sizes);
};
