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

/** Counters that are kept. */
export interface DurableCounters {
  /** Add numbers `from` up to `to`, each what `addendOf` says, to the counters by turns. Resolves when all are kept. */
  addAll(from: number, to: number): Promise<void>;
  /** The sum of all counters, as they are kept. */
  total(): Promise<number>;
  /** Have one more thing done, and kept. @param at how many were before @returns one more than that */
  ask(at: number): Promise<number>;
}

/** Measure them. */
export async function measureCounters({ addAll, total, ask }: DurableCounters, sizes: Sizes): Promise<DurableMeasures> {
  const { peerIncrements: count, peerAsks: asks } = sizes;
  const warmUp = Math.floor(count * sizes.warmUpShare);
  await addAll(0, warmUp);
  prove('sum after the warm-up', await total(), sumOf(0, warmUp));
  const begin = performance.now();
  await addAll(warmUp, warmUp + count);
  const ms = performance.now() - begin;
  prove('sum of all counters', await total(), sumOf(0, warmUp + count));
  const timesMs: number[] = [];
  const warmUpAsks = Math.floor(asks * sizes.warmUpShare);
  for (let at = 0; at < warmUpAsks + asks; at += 1) {
    const asked = performance.now();
    const reply = await ask(at);
    if (at >= warmUpAsks) timesMs.push(performance.now() - asked);
    prove('reply', reply, at + 1);
  }
  return { perSecond: perSecond(count, ms), ...percentiles(timesMs) };
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
