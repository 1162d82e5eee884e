/** What a contender gets, what it gives, and the few things several of them need. */
import { createSystem, type System, type SystemOptions } from '../../src/index.js';
import type { Sizes } from './sizes.js';

export { prove } from '../runner/verdict.js';

/** What the runner gives a contender. @typeParam S the sizes of its suite */
export interface ContenderInput<S = Sizes> {
  readonly sizes: S;
  /** A folder of its own, empty, on the disk that is measured. */
  readonly folder: string;
  /** A folder that an earlier contender of this run prepared; empty when there is none. */
  readonly prepared: string;
}

/** What it measured, by name; the unit is part of the name. */
export type Measures = Record<string, number>;

/** One way of doing the work, run in a process of its own. */
export type Contender = (input: ContenderInput) => Promise<Measures>;

/** A system with one host on its own folder, stopped when `use` is through. */
export async function withSystem<T>(
  folder: string,
  use: (system: System) => Promise<T>,
  options: Partial<SystemOptions> = {},
): Promise<T> {
  const system = await createSystem({ journal: folder, hosts: 1, ...options });
  const result = await use(system);
  await system.stop();
  return result;
}

/** How many per second. @param ms the time they took, in milliseconds */
export function perSecond(count: number, ms: number): number {
  return (count * 1_000) / ms;
}

/** Processor time of all threads, for each of so many things. @param before from `process.cpuUsage()` */
export function cpuUsEach(count: number, before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** p50 and p99. @param timesMs in milliseconds; sorted in place @returns in microseconds */
export function percentiles(timesMs: number[]): { p50Us: number; p99Us: number } {
  timesMs.sort((a, b) => a - b);
  const at = (share: number) => (timesMs[Math.floor((timesMs.length - 1) * share)] ?? Number.NaN) * 1_000;
  return { p50Us: at(0.5), p99Us: at(0.99) };
}

/**
 * Wait until something holds.
 * @param everyMs between two looks, in milliseconds
 * @throws Error when it takes longer than two minutes
 */
export async function until(what: string, holds: () => Promise<boolean>, everyMs = 20): Promise<void> {
  const giveUpAt = performance.now() + 120_000;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`it never came true that ${what}`);
    await pause(everyMs);
  }
}

/** @param ms milliseconds */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
