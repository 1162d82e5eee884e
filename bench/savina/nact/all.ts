/** The programs with nact, by name, and how they are run. */
import type { ContenderInput, Measures } from '../../kernel/contender.js';
import { loadPeer } from '../../runner/peers.js';
import type { Program } from '../program.js';
import { repeat } from '../repeat.js';
import type { Sizes } from '../sizes.js';
import { parametersOf } from '../troupe.js';
import type { Nact, NactProgram } from './api.js';
import * as concurrency from './concurrency.js';
import * as micro from './micro.js';

// biome-ignore lint/suspicious/noExplicitAny: a program is given its own parameters, and nobody else's
const programs: Readonly<Record<string, NactProgram<any>>> = {
  'ping-pong': micro.pingPong,
  counting: micro.counting,
  'fork-join-throughput': micro.forkJoinThroughput,
  'fork-join-create': micro.forkJoinCreate,
  'thread-ring': micro.threadRing,
  chameneos: micro.chameneos,
  big: micro.big,
  spawn: micro.spawnMany,
  dictionary: concurrency.dictionary,
  'small-dictionary': concurrency.dictionary,
  'sorted-list': concurrency.sortedList,
  'bounded-buffer': concurrency.boundedBuffer,
  'free-buffer': concurrency.boundedBuffer,
  philosophers: concurrency.philosophers,
  'sleeping-barber': concurrency.sleepingBarber,
  smokers: concurrency.smokers,
  'logistic-map': concurrency.logisticMap,
  banking: concurrency.banking,
  sieve: concurrency.sieve,
};

/** A system for each run. */
export async function runNact(program: Program, { sizes }: ContenderInput<Sizes>): Promise<Measures> {
  const nact = await loadPeer<Nact>('nact');
  const run = programs[program.name];
  if (run === undefined) throw new Error(`nobody wrote ${program.name} with nact`);
  return repeat(program, parametersOf(program, sizes), sizes.repetition, async (parameters) => {
    const system = nact.start();
    const begin = performance.now();
    const outcome = await run(nact, system, parameters);
    const ms = performance.now() - begin;
    nact.stop(system);
    return { ms, outcome };
  });
}
