/**
 * The load, the same for every durable contender: increments of which many are on their way, then questions one by one.
 * An increment counts when whoever added it has been told that it is kept; a rate ends when the last one is.
 */
import { addendOf } from '../kernel/actors.js';
import { type ContenderInput, percentiles, perSecond, prove } from '../kernel/contender.js';
import type { Sizes } from './sizes.js';

/** What the runner gives a contender. */
export type DurableInput = ContenderInput<Sizes>;

/** What it measured, and the versions of the servers it ran. */
export type DurableMeasures = Record<string, number | Readonly<Record<string, string>>>;

/** One way of doing the work, run in a process of its own. */
export type DurableContender = (input: DurableInput) => Promise<DurableMeasures>;

/** A way to have increments on their way. A peer may have more to choose in it. */
export interface Way {
  /** Part of the name of its measure. */
  readonly name: string;
  /** Increments on their way at a time. */
  readonly ahead: number;
}

/** Counters that are kept. @typeParam W what there is to choose in a way */
export interface DurableCounters<W extends Way> {
  /** Add numbers `from` up to `to`, each what `addendOf` says, to the counters by turns. Resolves when all are kept. */
  addAll(from: number, to: number, way: W): Promise<void>;
  /** Make ready for a way, while nothing is timed. Default: nothing is to be done. */
  prepare?(way: W): Promise<void>;
  /** The sum of all counters, as they are kept. */
  total(): Promise<number>;
  /** Have one more thing done, and kept. @param at how many were before @returns one more than that */
  ask(at: number): Promise<number>;
}

/** How many increments, and the ways to be tried. */
export interface CounterLoad<W extends Way> {
  readonly increments: number;
  readonly ways: readonly W[];
}

/** A way for each number that may be on their way. */
export function waysOf({ peerAhead }: Sizes): readonly Way[] {
  return peerAhead.map((ahead) => ({ name: `ahead${ahead}`, ahead }));
}

/**
 * Measure them: all increments in each way, one behind the other, after a warm-up with some of both; the best counts,
 * for nobody's documentation says how many to send. The rate of each way is there too, as `<its name>PerSecond`.
 */
export async function measureCounters<W extends Way>(
  { addAll, prepare, total, ask }: DurableCounters<W>,
  { increments, ways }: CounterLoad<W>,
  sizes: Sizes,
): Promise<DurableMeasures> {
  const { peerAsks: asks } = sizes;
  const warmUp = Math.floor(increments * sizes.warmUpShare);
  let added = 0;
  const add = async (count: number, way: W): Promise<number> => {
    await prepare?.(way);
    const begin = performance.now();
    await addAll(added, added + count, way);
    const ms = performance.now() - begin;
    added += count;
    prove(`sum of all counters, ${way.name}`, await total(), sumOf(0, added));
    return perSecond(count, ms);
  };
  for (const way of ways) await add(Math.ceil(warmUp / ways.length), way);
  const rates: Record<string, number> = {};
  for (const way of ways) rates[`${way.name}PerSecond`] = await add(increments, way);
  const timesMs: number[] = [];
  const warmUpAsks = Math.floor(asks * sizes.warmUpShare);
  for (let at = 0; at < warmUpAsks + asks; at += 1) {
    const asked = performance.now();
    const reply = await ask(at);
    if (at >= warmUpAsks) timesMs.push(performance.now() - asked);
    prove('reply', reply, at + 1);
  }
  return { perSecond: Math.max(...Object.values(rates)), ...rates, ...percentiles(timesMs) };
}

/** What numbers `from` up to `to` add up to. */
export function sumOf(from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += addendOf(at);
  return sum;
}

/** Do `each` for numbers `from` up to `to`, with `ahead` of them on their way. */
export async function inFlight(
  from: number,
  to: number,
  ahead: number,
  each: (at: number) => Promise<unknown>,
): Promise<void> {
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < to) {
      const at = next;
      next += 1;
      await each(at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(ahead, to - from) }, worker));
}

/**
 * Do `each` for numbers `from` up to `to`, shared out to so many counters: all of them at the same time, and for each
 * of them one number after the other.
 */
export async function byCounters(
  from: number,
  to: number,
  counters: number,
  each: (at: number, counter: number) => Promise<unknown>,
): Promise<void> {
  const count = async (counter: number): Promise<void> => {
    for (let at = from + counter; at < to; at += counters) await each(at, counter);
  };
  await Promise.all(Array.from({ length: counters }, (_, counter) => count(counter)));
}
