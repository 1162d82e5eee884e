/** Questions asked one after the other from the main thread: how long until the reply is there. */
import type { Durability } from '../../src/index.js';
import { addendOf, tallies } from './actors.js';
import { type Contender, percentiles, prove, withSystem } from './contender.js';

/** Between two questions one `tell` of the same actor, so that each reply is another one, and is proven. */
export function askOne(durability: Durability): Contender {
  return ({ sizes, folder }) =>
    withSystem(folder, async (system) => {
      const ref = await system.spawn(tallies[durability], { id: 'tally' });
      const warmUp = Math.floor(sizes.asks * sizes.warmUpShare);
      const timesMs: number[] = [];
      let expected = 0;
      for (let at = 0; at < warmUp + sizes.asks; at += 1) {
        const by = addendOf(at);
        expected += by;
        await ref.tell({ type: 'add', by });
        const begin = performance.now();
        const total = await ref.ask({ type: 'total' });
        if (at >= warmUp) timesMs.push(performance.now() - begin);
        prove('reply', total, expected);
      }
      return percentiles(timesMs);
    });
}
