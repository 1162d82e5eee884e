/**
 * Many agents at the same time, each of which asks its model, has a tool called, and asks its model again. Both threads
 * are watched from the first start to the last answer.
 */
import { startAgent } from '../../actors/index.js';
import { loopDelay, watcher, watchLoop } from '../durable/tasks-actors.js';
import { perSecond, prove, withSystem } from '../kernel/contender.js';
import { doublers, tools } from './agents-actors.js';
import { doubled, question } from './doubling.js';
import type { WorkflowContender } from './load.js';
import { startModelServer } from './model-server.js';

/** Calls of its model that a run makes. */
const callsOfRun = 2;

/** @param where `server`: the model is called over HTTP; `inside`: it is a timer of the agent's thread */
export function agentRuns(where: 'server' | 'inside'): WorkflowContender {
  return async ({ sizes: { agents }, folder }) => {
    const { runs, warmUp, thinksMsMin, thinksMsMax } = agents;
    const server = await startModelServer();
    const measures = await withSystem(folder, async (system) => {
      const bus = await system.spawn(tools, { id: 'tools' });
      const onHost = await system.spawn(watcher, { id: 'watcher' });
      const thinksMs = (at: number): number => thinksMsMin + ((at * 37) % (thinksMsMax - thinksMsMin + 1));
      /** @returns how often models were called */
      const run = async (at: number): Promise<number> => {
        const input = { text: question(at, thinksMs(at)), bus };
        const { answer, steps } = await (
          await startAgent(system, doublers[where], { id: `agent-${at}`, input })
        ).result();
        prove('answer of an agent', answer, doubled(at));
        return steps;
      };
      /** @returns how long they took, in milliseconds */
      const runAll = async (from: number, count: number): Promise<number> => {
        const begin = performance.now();
        const calls = await Promise.all(Array.from({ length: count }, (_, at) => run(from + at)));
        const ms = performance.now() - begin;
        const sum = calls.reduce((all, each) => all + each, 0);
        prove('calls of models', sum, count * callsOfRun);
        return ms;
      };
      await runAll(0, warmUp);
      await onHost.ask({ type: 'watch' });
      watchLoop();
      const ms = await runAll(warmUp, runs);
      const [main, host] = [loopDelay(), await onHost.ask({ type: 'read' })];
      return {
        perSecond: perSecond(runs, ms),
        mainP99Ms: main.p99Ms,
        mainMaxMs: main.maxMs,
        hostP99Ms: host.p99Ms,
        hostMaxMs: host.maxMs,
        handled: runs + warmUp,
      };
    });
    if (where === 'server') prove('calls that were paid', await server.paidCalls(), (runs + warmUp) * callsOfRun);
    await server.stop();
    return measures;
  };
}
