/** Many actors crash at the same time, each so often: how many crashes are over in a second, next message handled? */
import type { ActorRef, System } from '../../src/index.js';
import { oneForOne } from '../../supervisors/index.js';
import { type Measures, perSecond, prove, withSystem } from '../kernel/contender.js';
import type { SupervisionContender } from './contender.js';
import { crewOf100, crowd, fragile, type FragileEvent, fragileId } from './crash-actors.js';

const timeoutMs = 120_000;

/** Below a dynamic supervisor, which keeps no list of them. */
export const crashCrowd: SupervisionContender = ({ sizes, folder }) =>
  withSystem(
    folder,
    async (system) => {
      const { actors, crashesEach } = sizes.many;
      const ref = await system.spawn(crowd, { id: 'crowd' });
      const starts = numbers(actors).map((at) => ref.ask({ type: 'startChild', id: fragileId(at) }, { timeoutMs }));
      const started = (await Promise.all(starts)).filter(({ ok }) => ok);
      prove('children started', started.length, actors);
      return crashAll(system, '/crowd', actors, crashesEach, sizes.warmUpShare);
    },
    { logger: false },
  );

/** Below a supervisor that has them in its list: its books, which it commits with every decision, are as long. */
export const crashCrew: SupervisionContender = ({ sizes, folder }) =>
  withSystem(
    folder,
    async (system) => {
      const { listed, listedCrashesEach } = sizes.many;
      const ref = await system.spawn(crewOf100, { id: 'crew' });
      prove('children running', (await ref.ask({ type: 'count' })).active, listed);
      return crashAll(system, '/crew', listed, listedCrashesEach, sizes.warmUpShare);
    },
    { logger: false },
  );

/** Below nobody: the system's policy decides. */
export const crashStrangers: SupervisionContender = ({ sizes, folder }) => {
  const { actors, crashesEach } = sizes.many;
  const policy = oneForOne({ intensity: { restarts: 1_000_000, periodMs: 1 }, onFailure: 'reset' });
  return withSystem(
    folder,
    async (system) => {
      await Promise.all(numbers(actors).map((at) => system.spawn(fragile.committed, { id: fragileId(at) })));
      return crashAll(system, '', actors, crashesEach, sizes.warmUpShare);
    },
    { logger: false, supervision: policy },
  );
};

/** @param above the path of whoever they live under */
async function crashAll(
  system: System,
  above: string,
  actors: number,
  crashesEach: number,
  warmUpShare: number,
): Promise<Measures> {
  const refs = numbers(actors).map((at) => system.get<FragileEvent>(`${above}/${fragileId(at)}`));
  await Promise.all(refs.map((ref) => crashTimes(ref, Math.ceil(crashesEach * warmUpShare))));
  const before = (await system.stats()).journal;
  const begin = performance.now();
  const sums = await Promise.all(refs.map((ref) => crashTimes(ref, crashesEach)));
  const ms = performance.now() - begin;
  const after = (await system.stats()).journal;
  const crashes = actors * crashesEach;
  const sum = sums.reduce((all, each) => all + each, 0);
  prove('answers of actors that had just begun', sum, crashes);
  const bytesPerCrash = ((after.bytes ?? 0) - (before.bytes ?? 0)) / crashes;
  return { perSecond: perSecond(crashes, ms), bytesPerCrash };
}

/** One after the other; the sum of what it had handled when it answered: one each, or it was not reset. */
async function crashTimes(ref: ActorRef<FragileEvent>, times: number): Promise<number> {
  let sum = 0;
  for (let at = 0; at < times; at += 1) {
    void ref.tell({ type: 'crash' });
    sum += await ref.ask({ type: 'count' }, { timeoutMs });
  }
  return sum;
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
