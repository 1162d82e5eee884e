/** More and more actors on one host, all in memory: how fast they come, and how fast messages to them are handled. */
import { totalOfAll } from '../endurance/tell-by-turns.js';
import type { ActorRef, Durability } from '../../src/index.js';
import { talliesOf, type TallyEvent } from '../kernel/actors.js';
import { perSecond, prove, withSystem } from '../kernel/contender.js';
import { spawnAll } from '../kernel/spawn-all.js';
import type { TellWork } from '../kernel/troupe-tell.js';
import { xstateTell } from '../kernel/xstate-alone.js';
import type { ContenderInput } from '../kernel/contender.js';
import type { CurvesContender } from './sizes.js';
import { Teller, timeTelling } from './tell.js';

/** What a heap of a million actors may take, in MB: by itself V8 allows a thread less. */
const heapMbMax = 12_288;

/** @param actors how many */
export function crowd(kind: TellWork['kind'], durability: Durability, actors: number): CurvesContender {
  return ({ sizes, folder }) =>
    withSystem(
      folder,
      async (system) => {
        const begin = performance.now();
        const all = await spawnAll(system, talliesOf[kind][durability], actors, sizes.spawnsAhead);
        const spawnMs = performance.now() - begin;
        const told = spread(all, sizes.toldMax);
        const teller = new Teller(told, sizes.tellsAhead);
        // Each is told something before time runs: the first message finds out where its receiver lives.
        const warmUp = Math.max(told.length, Math.floor(sizes.tells * sizes.warmUpShare));
        await timeTelling(system, teller.telling(warmUp));
        const { ms, cpuUsPerMessage } = await timeTelling(system, teller.telling(sizes.tells));
        prove('sum of all actors', await totalOfAll(told), teller.sum);
        return {
          perSecond: perSecond(sizes.tells, ms),
          cpuUsPerMessage,
          spawnedPerSecond: perSecond(actors, spawnMs),
          rssMb: process.memoryUsage.rss() / 2 ** 20,
          handled: warmUp + sizes.tells,
        };
      },
      { residentActorsMax: actors + 1, hostLimits: { maxOldGenerationSizeMb: heapMbMax } },
    );
}

/** At most so many of them, at equal distances. */
function spread(refs: readonly ActorRef<TallyEvent>[], most: number): readonly ActorRef<TallyEvent>[] {
  const step = Math.max(1, Math.floor(refs.length / most));
  return refs.filter((_, at) => at % step === 0);
}

/** The same machines by XState alone, on one thread, nothing kept. */
export function xstateCrowd(machines: number): CurvesContender {
  return (input) => {
    const { tells, warmUpShare } = input.sizes;
    return xstateTell({ ...input, sizes: { machines, tells, warmUpShare } } as ContenderInput);
  };
}
