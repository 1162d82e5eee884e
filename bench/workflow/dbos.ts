/** DBOS with PostgreSQL, written as its documentation does: a workflow of five steps, started under an id. */
import { poolSizes } from '../durable/dbos.js';
import { startPostgres } from '../durable/postgres.js';
import type { Measures } from '../kernel/contender.js';
import { loadPeer } from '../runner/peers.js';
import { measureRuns, type WorkflowContender } from './load.js';

type Line = (value: number) => Promise<number>;

/** What of DBOS is used here. */
interface Dbos {
  setConfig(config: object): void;
  registerWorkflow(workflow: Line, options: { name: string }): Line;
  startWorkflow(workflow: Line, options: { workflowID: string }): (value: number) => Promise<Handle>;
  runStep<R>(step: () => Promise<R>, options: { name: string }): Promise<R>;
  listWorkflows(which: { workflowIDs: string[] }): Promise<readonly { output?: unknown }[]>;
  launch(): Promise<void>;
  shutdown(): Promise<void>;
}

interface Handle {
  getResult(): Promise<number>;
}

/** See the file's header. */
export const dbos: WorkflowContender = async ({ sizes, folder }) => {
  const { DBOS } = await loadPeer<{ DBOS: Dbos }>('@dbos-inc/dbos-sdk');
  const postgres = await startPostgres(folder);
  const addOne = async (value: number): Promise<number> => value + 1;
  const line = DBOS.registerWorkflow(
    async (value) => {
      const first = await DBOS.runStep(() => addOne(value), { name: 'one' });
      const second = await DBOS.runStep(() => addOne(first), { name: 'two' });
      const third = await DBOS.runStep(() => addOne(second), { name: 'three' });
      const fourth = await DBOS.runStep(() => addOne(third), { name: 'four' });
      return DBOS.runStep(() => addOne(fourth), { name: 'five' });
    },
    { name: 'line' },
  );
  const measures: Measures[] = [];
  for (const poolSize of poolSizes) {
    const systemDatabaseUrl = `${postgres.url}/line_sys`;
    DBOS.setConfig({ name: 'line', systemDatabaseUrl, systemDatabasePoolSize: poolSize, logLevel: 'error' });
    await DBOS.launch();
    // A workflow that has its id already would only give its result.
    const idOf = (at: number): string => `run-${at}-by-${poolSize}`;
    const run = async (at: number): Promise<number> => {
      const handle = await DBOS.startWorkflow(line, { workflowID: idOf(at) })(at);
      return handle.getResult();
    };
    const sumKept = async (count: number): Promise<number> => {
      const workflowIDs = Array.from({ length: count }, (_, at) => idOf(at));
      const kept = await DBOS.listWorkflows({ workflowIDs });
      return kept.reduce((sum, { output }) => sum + (output as number), 0);
    };
    const counts = { runs: sizes.peerRuns, singles: sizes.peerSingles };
    measures.push(await measureRuns({ run, sumKept }, counts, sizes));
    await DBOS.shutdown();
  }
  await postgres.stop();
  const rates = measures.map(({ stepsPerSecond = Number.NaN }) => stepsPerSecond);
  const best = measures[rates.indexOf(Math.max(...rates))];
  return { ...best, versions: { PostgreSQL: postgres.version } };
};
