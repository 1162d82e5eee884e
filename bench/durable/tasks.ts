/** Many long tasks at the same time: how late the event loops are meanwhile, and how many jobs run at once. */
import type { ActorDefinition, System } from '../../src/index.js';
import { perSecond, prove, withSystem } from '../kernel/contender.js';
import { WrongResult } from '../runner/verdict.js';
import type { DurableContender } from './load.js';
import { computer, type JobSpan, loopDelay, waiter, watcher, type WorkerEvent, watchLoop } from './tasks-actors.js';

const timeoutMs = 120_000;

/** A thousand that each wait for a second, all of them at once. */
export const waitingTasks: DurableContender = ({ sizes, folder }) =>
  withSystem(folder, async (system) => {
    const { results, ...measures } = await runAll(system, waiter, sizes.tasks, sizes.taskMs);
    prove(
      'sum of all waits',
      results.reduce((sum, each) => sum + each, 0),
      sizes.tasks * sizes.taskMs,
    );
    return measures;
  });

/** A thousand jobs that compute, on few threads. */
export const computingTasks: DurableContender = ({ sizes, folder }) =>
  withSystem(
    folder,
    async (system) => {
      const { results, ...measures } = await runAll(system, computer, sizes.jobs, sizes.jobMs);
      prove(
        'jobs that computed for as long as they should',
        results.filter(({ beginMs, endMs }) => {
          return endMs - beginMs >= sizes.jobMs;
        }).length,
        sizes.jobs,
      );
      const atOnce = mostAtOnce(results);
      if (atOnce > sizes.jobThreads) throw new WrongResult(`jobs at once: ${atOnce}, allowed ${sizes.jobThreads}`);
      return { ...measures, atOnce };
    },
    { jobThreads: sizes.jobThreads },
  );

/** Start so many, all at once, and wait for all; both threads are watched from the first spawn to the last answer. */
async function runAll<R>(
  system: System,
  definition: ActorDefinition<unknown, WorkerEvent<R>>,
  count: number,
  ms: number,
) {
  const onHost = await system.spawn(watcher, { id: 'watcher' });
  await onHost.ask({ type: 'watch' });
  watchLoop();
  const begin = performance.now();
  const numbers = Array.from({ length: count }, (_, at) => at);
  const refs = await Promise.all(numbers.map((at) => system.spawn(definition, { id: `task-${at}` })));
  const results = await Promise.all(refs.map((ref) => ref.ask({ type: 'run', ms }, { timeoutMs })));
  const tookMs = performance.now() - begin;
  const [main, host] = [loopDelay(), await onHost.ask({ type: 'read' })];
  return {
    results: results as R[],
    tookMs,
    perSecond: perSecond(count, tookMs),
    mainP99Ms: main.p99Ms,
    mainMaxMs: main.maxMs,
    hostP99Ms: host.p99Ms,
    hostMaxMs: host.maxMs,
  };
}

/** How many spans overlap at most. One that begins when another ends does not overlap it. */
export function mostAtOnce(spans: readonly JobSpan[]): number {
  const edges = spans.flatMap(({ beginMs, endMs }) => [
    { atMs: beginMs, step: 1 },
    { atMs: endMs, step: -1 },
  ]);
  edges.sort((a, b) => a.atMs - b.atMs || a.step - b.step);
  let most = 0;
  let now = 0;
  for (const { step } of edges) {
    now += step;
    most = Math.max(most, now);
  }
  return most;
}
