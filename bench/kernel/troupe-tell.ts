/**
 * Tells from the main thread to actors on one host. A message counts when its turn is committed: at the end every
 * actor is asked for its total, which it gives after everything told before and no earlier than its commit, and the
 * totals must be the sum of what was told.
 */
import type { ActorRef, Durability } from '../../src/index.js';
import { addendOf, tallies, type TallyEvent } from './actors.js';
import { type Contender, cpuUsEach, type Measures, perSecond, prove, withSystem } from './contender.js';
import type { Sizes } from './sizes.js';

const timeoutMs = 60_000;
/** The window is cut into parts; one may start when the one a window earlier is handled. */
const partsPerWindow = 4;

/** The thousand machines, every message to another one. */
export function tellMachines(durability: 'flushed' | 'committed'): Contender {
  return ({ sizes, folder }) => measure(folder, durability, sizes.machines, sizes.tells, sizes);
}

/** One function on another thread, not journaled. */
export function tellFunction(): Contender {
  return ({ sizes, folder }) => measure(folder, 'none', 1, sizes.functionTells, sizes);
}

function measure(folder: string, durability: Durability, actors: number, count: number, sizes: Sizes) {
  return withSystem(folder, async (system): Promise<Measures> => {
    const spawns = Array.from({ length: actors }, (_, at) => system.spawn(tallies[durability], { id: `tally-${at}` }));
    const refs: ActorRef<TallyEvent>[] = await Promise.all(spawns);
    let expected = await tellAll(refs, Math.floor(count * sizes.warmUpShare), sizes.tellsAhead);
    prove('sum after the warm-up', await totalOf(refs), expected);
    const before = (await system.stats()).journal;
    const cpu = process.cpuUsage();
    const begin = performance.now();
    expected += await tellAll(refs, count, sizes.tellsAhead);
    const total = await totalOf(refs);
    const ms = performance.now() - begin;
    const cpuUsPerMessage = cpuUsEach(count, cpu);
    prove('sum of all actors', total, expected);
    const after = (await system.stats()).journal;
    const groups = (after.groups ?? 0) - (before.groups ?? 0);
    const bytes = (after.bytes ?? 0) - (before.bytes ?? 0);
    const handled = Math.floor(count * sizes.warmUpShare) + count;
    const rate = { perSecond: perSecond(count, ms), cpuUsPerMessage, handled };
    return groups === 0 ? rate : { ...rate, messagesPerGroup: count / groups, bytesPerMessage: bytes / count };
  });
}

/** Tell by turns, with at most `ahead` messages not handled. Returns the sum of what was told. */
async function tellAll(refs: readonly ActorRef<TallyEvent>[], count: number, ahead: number): Promise<number> {
  const part = Math.floor(ahead / partsPerWindow);
  const handled: Promise<number>[] = [];
  let sum = 0;
  for (let at = 0; at < count; at += 1) {
    const by = addendOf(at);
    sum += by;
    const ref = refs[at % refs.length] as ActorRef<TallyEvent>;
    // Not awaited one by one; a refusal nobody catches ends this process, and the total would not fit.
    void ref.tell({ type: 'add', by });
    if ((at + 1) % part !== 0) continue;
    handled.push(ref.ask({ type: 'total' }, { timeoutMs }));
    await handled.at(-partsPerWindow);
  }
  await Promise.all(handled);
  return sum;
}

async function totalOf(refs: readonly ActorRef<TallyEvent>[]): Promise<number> {
  const totals = await Promise.all(refs.map((ref) => ref.ask({ type: 'total' }, { timeoutMs })));
  return totals.reduce((sum, total) => sum + total, 0);
}
