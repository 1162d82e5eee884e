/**
 * Tells from the main thread to actors on one host. A message counts when its turn is committed: at the end every
 * actor is asked for its total, which it gives after everything told before and no earlier than its commit, and the
 * totals must be the sum of what was told.
 */
import { limits } from '../../src/core/limits.js';
import type { ActorRef, Durability } from '../../src/index.js';
import { addendOf, talliesOf, type TallyEvent } from './actors.js';
import { type Contender, cpuUsEach, type Measures, perSecond, prove, withSystem } from './contender.js';
import type { Sizes } from './sizes.js';

const timeoutMs = 60_000;
const spawnsTogether = 5_000;
/** The window is cut into parts; one may start when the one a window earlier is handled. */
const partsPerWindow = 4;

/** Whom to tell, and how much. */
export interface TellWork {
  readonly kind: 'machine' | 'function';
  readonly durability: Durability;
  readonly actors: number;
  readonly tells: number;
}

/** The thousand machines, every message to another one. */
export function tellMachines(durability: 'flushed' | 'committed'): Contender {
  return ({ sizes, folder }) =>
    tellActors(folder, { kind: 'machine', durability, actors: sizes.machines, tells: sizes.tells }, sizes);
}

/** One function on another thread, not journaled. */
export function tellFunction(): Contender {
  return ({ sizes, folder }) =>
    tellActors(folder, { kind: 'function', durability: 'none', actors: 1, tells: sizes.functionTells }, sizes);
}

/** Actors on another thread, each message to the next one. All stay in memory, as those of XState alone do. */
export function tellActors(
  folder: string,
  { kind, durability, actors, tells: count }: TellWork,
  sizes: Pick<Sizes, 'warmUpShare' | 'tellsAhead'>,
): Promise<Measures> {
  const definition = talliesOf[kind][durability];
  const options = { residentActorsMax: Math.max(actors, limits.residentActorsMaxDefault) };
  return withSystem(
    folder,
    async (system): Promise<Measures> => {
      const refs: ActorRef<TallyEvent>[] = [];
      while (refs.length < actors) {
        const part = Array.from(
          { length: Math.min(spawnsTogether, actors - refs.length) },
          (_, at) => refs.length + at,
        );
        refs.push(...(await Promise.all(part.map((at) => system.spawn(definition, { id: `tally-${at}` })))));
      }
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
      // The questions for the totals are handled too, and take their time; the tells alone count, as of everybody.
      const rate = { perSecond: perSecond(count, ms), cpuUsPerMessage, handled };
      return groups === 0 ? rate : { ...rate, messagesPerGroup: count / groups, bytesPerMessage: bytes / count };
    },
    options,
  );
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

/**
 * The total of all actors. Of more actors than messages were told in a window, most have nothing left to do: they are
 * asked by parts, after the last of them that was told something has answered.
 */
async function totalOf(refs: readonly ActorRef<TallyEvent>[]): Promise<number> {
  let sum = 0;
  for (let at = 0; at < refs.length; at += spawnsTogether) {
    const part = refs.slice(at, at + spawnsTogether);
    for (const total of await Promise.all(part.map((ref) => ref.ask({ type: 'total' }, { timeoutMs })))) sum += total;
  }
  return sum;
}
