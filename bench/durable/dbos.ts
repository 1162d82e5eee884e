/**
 * DBOS with PostgreSQL, written as its documentation does: workflows of steps. An increment is a step, the cheapest
 * thing it keeps; each counter is a workflow that adds up its steps. A question is a workflow, called and awaited.
 */
import { addendOf } from '../kernel/actors.js';
import { loadPeer } from '../runner/peers.js';
import { type DurableContender, measureCounters, type Way, waysOf } from './load.js';
import { startPostgres } from './postgres.js';

/** What of DBOS is used here. */
interface Dbos {
  setConfig(config: object): void;
  registerWorkflow<A extends unknown[], R>(
    workflow: (...args: A) => Promise<R>,
    options: { name: string },
  ): (...args: A) => Promise<R>;
  runStep<R>(step: () => Promise<R>, options: { name: string }): Promise<R>;
  launch(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Connections to its database: what it has by itself, and more. The better counts, here and in suite `workflow`. */
export const poolSizes: readonly number[] = [10, 50];

interface DbosWay extends Way {
  readonly poolSize: number;
}

/** See the file's header. */
export const dbos: DurableContender = async ({ sizes, folder }) => {
  const { DBOS } = await loadPeer<{ DBOS: Dbos }>('@dbos-inc/dbos-sdk');
  const postgres = await startPostgres(folder);
  const systemDatabaseUrl = `${postgres.url}/tally_sys`;
  const addNumber = async (at: number): Promise<number> => addendOf(at);
  /** Every `step`-th number. */
  const addPart = async (from: number, to: number, step: number): Promise<number> => {
    let total = 0;
    for (let at = from; at < to; at += step) total += await DBOS.runStep(() => addNumber(at), { name: 'add' });
    return total;
  };
  const count = DBOS.registerWorkflow(addPart, { name: 'count' });
  const next = DBOS.registerWorkflow(async (at: number) => at + 1, { name: 'next' });
  let connections = 0;
  const prepare = async ({ poolSize }: DbosWay): Promise<void> => {
    if (poolSize === connections) return;
    if (connections > 0) await DBOS.shutdown();
    connections = poolSize;
    DBOS.setConfig({ name: 'tally', systemDatabaseUrl, systemDatabasePoolSize: poolSize, logLevel: 'error' });
    await DBOS.launch();
  };
  let sum = 0;
  const addAll = async (from: number, to: number, { ahead }: Way): Promise<void> => {
    const counters = Array.from({ length: ahead }, (_, at) => at);
    const totals = await Promise.all(counters.map((each) => count(from + each, to, counters.length)));
    for (const total of totals) sum += total;
  };
  const ways = poolSizes.flatMap((poolSize) =>
    waysOf(sizes).map(({ name, ahead }): DbosWay => ({ name: `${name}By${poolSize}`, ahead, poolSize })),
  );
  const load = { increments: sizes.peerIncrements.dbos, ways };
  const measures = await measureCounters({ addAll, prepare, total: async () => sum, ask: next }, load, sizes);
  await DBOS.shutdown();
  await postgres.stop();
  return { ...measures, versions: { PostgreSQL: postgres.version } };
};
