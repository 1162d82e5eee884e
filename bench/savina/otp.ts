/** Runs a program in Erlang: `otp/*.erl` beside this file's source. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ContenderInput, Measures } from '../kernel/contender.js';
import { spreadOf } from '../runner/series.js';
import type { Outcome, Program } from './program.js';
import { measuresOf, proveOutcome } from './repeat.js';
import type { Sizes } from './sizes.js';
import { parametersOf } from './troupe.js';

const run = promisify(execFile);
const sources = path.join(import.meta.dirname, '..', '..', '..', 'bench', 'savina', 'otp');

/** What `savina.erl` prints. */
interface Printed {
  readonly timesMs: number[];
  readonly outcomes: readonly (readonly number[])[];
}

/** Compile all of them into a folder others are told as `prepared`. */
export async function compileOtp({ folder }: ContenderInput<Sizes>): Promise<Measures> {
  mkdirSync(folder, { recursive: true });
  const files = readdirSync(sources).filter((name) => name.endsWith('.erl'));
  await run('erlc', ['-Werror', '-o', folder, ...files.map((name) => path.join(sources, name))]);
  return { programs: files.length };
}

/**
 * Once with one scheduler, as all others here have one thread, and once with as many as Erlang takes by itself; the
 * quicker one counts. Quick sizes: only the latter.
 * @throws Error with what Erlang said when it failed, or naming what does not add up
 */
export async function runOtp(program: Program, name: string, input: ContenderInput<Sizes>): Promise<Measures> {
  const { isQuick } = input.sizes;
  const all = await timesOf(program, name, input, []);
  const one = isQuick ? all : await timesOf(program, name, input, ['+S', '1']);
  const best = spreadOf(one).median < spreadOf(all).median ? one : all;
  const parameters = parametersOf(program, input.sizes);
  return {
    ...measuresOf(program, parameters, best),
    oneSchedulerMs: spreadOf(one).median,
    allSchedulersMs: spreadOf(all).median,
  };
}

/** With as many schedulers as Erlang takes by itself: one for each core. */
export async function runOtpOnAll(program: Program, name: string, input: ContenderInput<Sizes>): Promise<Measures> {
  return measuresOf(program, parametersOf(program, input.sizes), await timesOf(program, name, input, []));
}

async function timesOf(
  program: Program,
  name: string,
  { sizes, prepared }: ContenderInput<Sizes>,
  flags: readonly string[],
): Promise<number[]> {
  const parameters = parametersOf(program, sizes);
  const { budgetMs, runsMax } = sizes.repetition;
  const numbers = [budgetMs, runsMax, ...Object.values(parameters)].map(String);
  const args = [...flags, '-noshell', '-pa', prepared, '-run', 'savina', 'main', name, ...numbers];
  const { stdout } = await run('erl', args);
  const { timesMs, outcomes } = JSON.parse(stdout) as Printed;
  const expected = program.expected(parameters);
  for (const outcome of outcomes) proveOutcome(program, named(expected, outcome), expected);
  return timesMs;
}

/** A program in Erlang gives its figures in the order of the expected ones. */
function named(expected: Outcome, figures: readonly number[]): Outcome {
  return Object.fromEntries(Object.keys(expected).map((what, at) => [what, figures[at] ?? Number.NaN]));
}
