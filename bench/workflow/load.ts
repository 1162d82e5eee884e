/**
 * The load, the same for every contender: runs of a workflow of five steps, each of which gives one more than it was
 * given. First many runs on their way, then one after the other. A run counts when whoever started it has its result.
 */
import { inFlight } from '../durable/load.js';
import { type ContenderInput, type Measures, percentiles, perSecond, prove } from '../kernel/contender.js';
import type { Sizes } from './sizes.js';

/** What the runner gives a contender. */
export type WorkflowInput = ContenderInput<Sizes>;

/** One way of doing the work, run in a process of its own. */
export type WorkflowContender = (input: WorkflowInput) => Promise<Record<string, unknown>>;

/** Steps of a run. */
const stepsOfRun = 5;

/** Workflows of five steps that are kept. */
export interface KeptRuns {
  /** Run number `at`, which begins with that number. @returns what its last step gave */
  run(at: number): Promise<number>;
  /** What runs number 0 up to `count` gave, all added up, as it is kept now that they are over. */
  sumKept(count: number): Promise<number>;
}

/** How many of them. */
export interface RunCounts {
  readonly runs: number;
  readonly singles: number;
}

/** Measure them. */
export async function measureRuns(
  { run, sumKept }: KeptRuns,
  { runs, singles }: RunCounts,
  { warmUpShare, runsAhead, lookedUp }: Sizes,
): Promise<Measures> {
  const proven = async (at: number): Promise<void> => prove('result of a run', await run(at), at + stepsOfRun);
  const warmUp = Math.floor(runs * warmUpShare);
  const warm = warmUp + runs;
  await inFlight(0, warmUp, runsAhead, proven);
  const begin = performance.now();
  await inFlight(warmUp, warm, runsAhead, proven);
  const ms = performance.now() - begin;
  const timesMs: number[] = [];
  const first = warm + Math.floor(singles * warmUpShare);
  for (let at = warm; at < first + singles; at += 1) {
    const started = performance.now();
    await proven(at);
    if (at >= first) timesMs.push(performance.now() - started);
  }
  const count = Math.min(lookedUp, warm);
  prove('sum of the runs that were looked up', await sumKept(count), sumOfResults(count));
  return {
    stepsPerSecond: perSecond(runs * stepsOfRun, ms),
    ...percentiles(timesMs),
    handled: (first + singles) * stepsOfRun,
  };
}

/** What runs number 0 up to `count` must give together. */
function sumOfResults(count: number): number {
  return (count * (count - 1)) / 2 + count * stepsOfRun;
}

/** What numbers 0 up to `count` lead to, added up, one after the other. */
export async function sumOver(count: number, each: (at: number) => Promise<number>): Promise<number> {
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum += await each(at);
  return sum;
}
