/** Actors that exist and do nothing: how fast they come, what they occupy, and what remains when they are passive. */
import type { System, SystemOptions } from '../../src/index.js';
import { addendOf, flushedTally, type TallyEvent } from './actors.js';
import { type ContenderInput, type Measures, pause, perSecond, prove, until, withSystem } from './contender.js';
import type { Sizes } from './sizes.js';
import { cellsOf } from './spawn-all.js';

/** Spawn them, let memory come to rest, passivate them, let it rest again. */
export function idleActors({ sizes, folder }: ContenderInput): Promise<Measures> {
  return withSystem(
    folder,
    async (system) => {
      const emptyMb = await restingMb();
      const begin = performance.now();
      await spawnIdle(system, sizes);
      const ms = performance.now() - begin;
      const rssMb = await restingMb();
      prove('cells in memory', await cellsOf(system), sizes.idleActors);
      await system.passivate();
      await until('all cells have left memory', async () => (await cellsOf(system)) === 0);
      const passiveMb = await restingMb();
      prove(
        'total of one that comes back',
        await system.get<TallyEvent>(pathOf(1)).ask({ type: 'total' }),
        addendOf(1),
      );
      return { perSecond: perSecond(sizes.idleActors, ms), emptyMb, rssMb, passiveMb };
    },
    allResident(sizes),
  );
}

/** By default a host would keep fewer of them in memory. */
function allResident({ idleActors }: Sizes): Partial<SystemOptions> {
  return { residentActorsMax: idleActors };
}

/** Where the actor of a number lives. */
export function pathOf(at: number): string {
  return `/idle-${at}`;
}

/** Spawn all of them, many at a time, each with a message to handle, until every first turn is committed. */
export async function spawnIdle(
  system: System,
  { idleActors: count, spawnsAhead }: Pick<Sizes, 'idleActors' | 'spawnsAhead'>,
): Promise<void> {
  const part = Math.ceil(spawnsAhead / 4);
  const parts: Promise<unknown>[] = [];
  for (let at = 0; at < count; at += part) {
    const numbers = Array.from({ length: Math.min(part, count - at) }, (_, index) => at + index);
    parts.push(Promise.all(numbers.map((number) => spawnOne(system, number))));
    await parts.at(-4);
  }
  await Promise.all(parts);
  await until('every message is handled', async () => (await system.stats()).journal.waiting === 0);
}

async function spawnOne(system: System, number: number): Promise<void> {
  const ref = await system.spawn(flushedTally, { id: pathOf(number).slice(1) });
  if (number % 100 === 1) await ref.tell({ type: 'add', by: addendOf(number) });
}

/** The process's memory once it no longer falls: the garbage of the work is not what the actors occupy. */
async function restingMb(): Promise<number> {
  let least = process.memoryUsage.rss();
  for (let quiet = 0; quiet < 5; quiet += 1) {
    await pause(200);
    const rss = process.memoryUsage.rss();
    if (rss < least * 0.99) quiet = 0;
    least = Math.min(least, rss);
  }
  return least / 2 ** 20;
}
