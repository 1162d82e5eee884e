/** troupe: runs of a workflow, started and awaited as its documentation does, in a system of the default size. */
import { startRun, WorkflowRun } from '../../actors/index.js';
import { createSystem } from '../../src/index.js';
import { lines } from './lines.js';
import { measureRuns, sumOver, type WorkflowContender } from './load.js';

/** @param durability of the workflow's runs */
export function troupeSteps(durability: 'flushed' | 'committed'): WorkflowContender {
  return async ({ sizes, folder }) => {
    let system = await createSystem({ journal: folder });
    const nameOf = (at: number): string => `run-${at}`;
    const run = async (at: number): Promise<number> => {
      const started = await startRun(system, lines[durability], { id: nameOf(at), input: at });
      return started.result();
    };
    /** Another system, which has nothing but the journal. */
    const sumKept = async (count: number): Promise<number> => {
      await system.stop();
      system = await createSystem({ journal: folder });
      return sumOver(count, (at) => new WorkflowRun<number>(system.get(`/${nameOf(at)}`)).result());
    };
    const measures = await measureRuns({ run, sumKept }, sizes, sizes);
    await system.stop();
    return measures;
  };
}
