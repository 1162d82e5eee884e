/** Goes through a program again and again, and proves every run. */
import { type Measures, perSecond, prove } from '../kernel/contender.js';
import { spreadOf } from '../runner/series.js';
import type { Outcome, Parameters, Program, Repetition } from './program.js';

/** One run: how long it took, and what came out. */
export interface Run {
  readonly ms: number;
  readonly outcome: Outcome;
}

/** Every figure of an outcome must be the one expected. @throws Error naming the first that is not */
export function proveOutcome({ name }: { readonly name: string }, outcome: Outcome, expected: Outcome): void {
  for (const [what, value] of Object.entries(expected)) prove(`${name}: ${what}`, outcome[what] ?? Number.NaN, value);
}

/** The first run warms up. @param runOnce goes through the program once */
export async function repeat<P extends Parameters>(
  program: Program<P>,
  parameters: P,
  { budgetMs, runsMax }: Repetition,
  runOnce: (parameters: P) => Promise<Run>,
): Promise<Measures> {
  const expected = program.expected(parameters);
  const timesMs: number[] = [];
  let spentMs = 0;
  for (let at = 0; at === 0 || (timesMs.length < runsMax && (spentMs < budgetMs || timesMs.length === 0)); at += 1) {
    const { ms, outcome } = await runOnce(parameters);
    proveOutcome(program, outcome, expected);
    if (at === 0) continue;
    timesMs.push(ms);
    spentMs += ms;
  }
  return measuresOf(program, parameters, timesMs);
}

/** The middle one of the runs, as the program counts. @param timesMs of each run, in milliseconds */
export function measuresOf<P extends Parameters>({ per }: Program<P>, parameters: P, timesMs: number[]): Measures {
  const { median } = spreadOf(timesMs);
  const runs = timesMs.length;
  if (per === 'run') return { msPerRun: median, runs };
  return { perSecond: perSecond(per(parameters), median), runs };
}
