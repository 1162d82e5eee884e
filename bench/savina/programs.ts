/** The programs, in the order of the table, and who runs each. */
import * as concurrency from './programs/concurrency.js';
import * as micro from './programs/micro.js';
import type { Program } from './program.js';

/** A way to write actors. */
export type Family = 'otp' | 'nact' | 'function' | 'machine' | 'xstate' | 'flushed';

/** A program and those who run it. */
export interface Entry {
  readonly program: Program;
  readonly families: readonly Family[];
  /** The program in Erlang, when it is called otherwise. */
  readonly erlang?: string;
}

/** Families that use more than one thread: Erlang with all of its schedulers, and functions on several hosts. */
export type ParallelFamily = 'otp-all' | 'spread';

// biome-ignore lint/suspicious/noExplicitAny: a program is given its own parameters, and nobody else's
function entry(program: Program<any>, families: readonly Family[], erlang?: string): Entry {
  return erlang === undefined ? { program, families } : { program, families, erlang };
}

const all = ['otp', 'nact', 'function'] as const;
const withMachines = [...all, 'machine'] as const;
const withXstate = [...withMachines, 'xstate'] as const;

/** See the file's header. */
export const entries: readonly Entry[] = [
  entry(micro.pingPong, all),
  entry(micro.counting, all),
  entry(micro.forkJoinThroughput, withXstate),
  entry(micro.forkJoinCreate, all),
  entry(micro.threadRing, withXstate),
  entry(micro.chameneos, all),
  entry(micro.big, withXstate),
  entry(micro.spawnMany, withXstate),
  entry(concurrency.dictionary, all),
  entry(concurrency.smallDictionary, [...all, 'flushed'], 'dictionary'),
  entry(concurrency.sortedList, all),
  entry(concurrency.boundedBuffer, [...all, 'flushed']),
  entry(concurrency.freeBuffer, [...all, 'flushed'], 'bounded_buffer'),
  entry(concurrency.philosophers, withMachines),
  entry(concurrency.sleepingBarber, all),
  entry(concurrency.smokers, all),
  entry(concurrency.logisticMap, all),
  entry(concurrency.banking, [...all, 'flushed']),
  entry(concurrency.sieve, all),
];

/** Those that are gone through on more than one thread as well. */
export const parallelEntries: readonly Entry[] = entries.filter(({ program }) =>
  ['fork-join-throughput', 'thread-ring', 'big'].includes(program.name),
);
