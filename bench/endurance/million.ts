/** Many more actors than fit into memory, of which one in a hundred has something to do. */
import type { System } from '../../src/index.js';
import { addendOf, type TallyEvent } from '../kernel/actors.js';
import { percentiles, perSecond, prove, until, withSystem } from '../kernel/contender.js';
import { pathOf, spawnIdle } from '../kernel/idle-actors.js';
import type { Sample } from '../runner/entrant.js';
import type { Endured, EnduranceInput } from './contender.js';
import { memoryMb } from './memory.js';
import { sampled } from './sampler.js';
import type { Sizes } from './sizes.js';
import { type Nap, sleeper } from './sleeper.js';
import { type Progress, tellByTurns, totalOfAll } from './tell-by-turns.js';

/** One actor in so many is active: those whose number leaves 1, which `spawnIdle` has already told something. */
const activeEvery = 100;

/** Spawn, let a few work, ask some of the passive ones, and hear the alarm clocks ring. */
export function million({ sizes, folder }: EnduranceInput): Promise<Endured> {
  const { actors, residentActorsMax, tells } = sizes.million;
  return withSystem(
    folder,
    async (system) => {
      const progress: Progress = { accepted: 0, sum: 0 };
      const read = () => sampleOf(system, progress);
      const sampledFrom = performance.now();
      const { result, samples } = await sampled(sizes.sampleMs, read, async () => {
        await spawnSleepers(system, sizes);
        const begin = performance.now();
        await spawnIdle(system, { idleActors: actors, spawnsAhead: sizes.spawnsAhead });
        const spawnedAt = performance.now();
        const activeMs = await tellActive(system, sizes, progress);
        const asked = await askPassive(system, sizes);
        const lateMsMax = await hearSleepers(system, sizes);
        const { journal, hosts } = await system.stats();
        prove('actors in the journal', journal.actors ?? 0, actors + sizes.million.sleepers);
        const cells = hosts.reduce((sum, host) => sum + (host.cells ?? 0), 0);
        prove('more actors in memory than allowed', Math.max(0, cells - residentActorsMax), 0);
        return {
          spawnedPerSecond: perSecond(actors, spawnedAt - begin),
          toldPerSecond: perSecond(tells, activeMs),
          spawnedAtMs: Math.round(spawnedAt - sampledFrom),
          ...asked,
          lateMsMax,
        };
      });
      const peak = samples.reduce((most, sample) => ((sample.rssMb ?? 0) > (most.rssMb ?? 0) ? sample : most));
      const { rssMb = Number.NaN, anonMb = Number.NaN, fileMb = Number.NaN } = peak;
      return { measures: { actors, rssMbMax: rssMb, peakAnonMb: anonMb, peakFileMb: fileMb, ...result }, samples };
    },
    { residentActorsMax },
  );
}

async function sampleOf(system: System, { accepted }: Progress): Promise<Sample> {
  const { journal, hosts } = await system.stats();
  const cells = hosts.reduce((sum, host) => sum + (host.cells ?? 0), 0);
  return { actors: journal.actors ?? 0, cells, rows: journal.rowsInMemory ?? 0, accepted, ...memoryMb() };
}

async function tellActive(system: System, { million, tellsAhead }: Sizes, progress: Progress): Promise<number> {
  const numbers: number[] = [];
  for (let number = 1; number < million.actors; number += activeEvery) numbers.push(number);
  const refs = numbers.map((number) => system.get<TallyEvent>(pathOf(number)));
  progress.sum = numbers.reduce((sum, number) => sum + addendOf(number), 0);
  const begin = performance.now();
  await tellByTurns(refs, million.tells, tellsAhead, progress);
  prove('sum of the active ones', await totalOfAll(refs), progress.sum);
  return performance.now() - begin;
}

/** Passive actors, spread over all: each must come back as it was. */
async function askPassive(system: System, { million: { actors, asks } }: Sizes) {
  const step = Math.max(activeEvery, Math.floor(actors / asks / activeEvery) * activeEvery);
  const timesMs: number[] = [];
  for (let number = 0; number < actors && timesMs.length < asks; number += step) {
    const begin = performance.now();
    const total = await system.get<TallyEvent>(pathOf(number)).ask({ type: 'total' });
    timesMs.push(performance.now() - begin);
    prove(`total of ${pathOf(number)}`, total, 0);
  }
  const { p50Us, p99Us } = percentiles(timesMs);
  return { passiveAsked: timesMs.length, passiveP50Ms: p50Us / 1_000, passiveP99Ms: p99Us / 1_000 };
}

async function spawnSleepers(system: System, { million: { sleepers, sleepMs } }: Sizes): Promise<void> {
  const numbers = Array.from({ length: sleepers }, (_, number) => number);
  await Promise.all(
    numbers.map(async (number) => {
      const ref = await system.spawn(sleeper, { id: `sleeper-${number}` });
      await ref.tell({ type: 'sleep', ms: sleepMs });
    }),
  );
}

/** Every timer must have fired, and none early. Read from the journal: nobody is woken by the question. */
async function hearSleepers(system: System, { million: { sleepers } }: Sizes): Promise<number> {
  let lateMsMax = 0;
  for (let number = 0; number < sleepers; number += 1) {
    const napOf = async () => (await system.state(`/sleeper-${number}`))?.context as Nap;
    await until(`sleeper ${number} wakes`, async () => (await napOf()).wokeAt > 0);
    const { dueAt, wokeAt } = await napOf();
    prove(`sleeper ${number} woke early, by ms`, Math.max(0, dueAt - wokeAt), 0);
    lateMsMax = Math.max(lateMsMax, wokeAt - dueAt);
  }
  return lateMsMax;
}
