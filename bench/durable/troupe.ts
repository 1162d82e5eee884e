/** troupe: the same increments and questions, at the levels that keep something. */
import { talliesOf } from '../kernel/actors.js';
import { percentiles, prove, withSystem } from '../kernel/contender.js';
import { tellActors, type TellWork } from '../kernel/troupe-tell.js';
import type { DurableContender } from './load.js';

/** Increments of a thousand actors, from the main thread to another one. They count when their turns are kept. */
export function troupeTell(kind: TellWork['kind'], durability: 'flushed' | 'committed'): DurableContender {
  return ({ sizes, folder }) => {
    const tells = kind === 'machine' ? sizes.tells : sizes.functionTells;
    return tellActors(folder, { kind, durability, actors: sizes.machines, tells }, sizes);
  };
}

/** Questions that change the actor, one after the other: the reply comes when the change is kept. */
export function troupeAsk(kind: TellWork['kind'], durability: 'flushed' | 'committed'): DurableContender {
  return ({ sizes, folder }) =>
    withSystem(folder, async (system) => {
      const ref = await system.spawn(talliesOf[kind][durability], { id: 'tally' });
      const warmUp = Math.floor(sizes.asks * sizes.warmUpShare);
      const timesMs: number[] = [];
      for (let at = 0; at < warmUp + sizes.asks; at += 1) {
        const begin = performance.now();
        const reply = await ref.ask({ type: 'next' });
        if (at >= warmUp) timesMs.push(performance.now() - begin);
        prove('reply', reply, at + 1);
      }
      return { ...percentiles(timesMs), handled: warmUp + sizes.asks };
    });
}
