/**
 * LangGraph.js with its checkpointer for SQLite, written as its documentation does: a graph of one node, a thread for
 * each counter, every increment an `invoke`. SQLite runs in its mode of write-ahead and does not wait for the disk.
 */
import path from 'node:path';
import { addendOf } from '../kernel/actors.js';
import { loadPeer } from '../runner/peers.js';
import { type DurableContender, inFlight, measureCounters } from './load.js';

interface State {
  readonly by: number;
  readonly total: number;
}

interface Config {
  readonly configurable: { readonly thread_id: string };
}

interface Graph {
  invoke(input: { by: number }, config: Config): Promise<State>;
  getState(config: Config): Promise<{ values: Partial<State> }>;
}

interface Builder {
  addNode(name: string, node: (state: State) => Partial<State>): Builder;
  addEdge(from: string, to: string): Builder;
  compile(options: { checkpointer: object }): Graph;
}

/** What of LangGraph is used here. */
interface LangGraph {
  readonly Annotation: {
    <T>(options?: { reducer: (left: T, right: T) => T; default: () => T }): unknown;
    Root(spec: object): unknown;
  };
  readonly StateGraph: new (state: unknown) => Builder;
  readonly START: string;
  readonly END: string;
}

interface Saver {
  readonly SqliteSaver: { fromConnString(file: string): object };
}

/** See the file's header. */
export const langGraph: DurableContender = async ({ sizes, folder }) => {
  const { Annotation, StateGraph, START, END } = await loadPeer<LangGraph>('@langchain/langgraph');
  const { SqliteSaver } = await loadPeer<Saver>('@langchain/langgraph-checkpoint-sqlite');
  const state = Annotation.Root({
    by: Annotation<number>(),
    total: Annotation<number>({ reducer: (left, right) => left + right, default: () => 0 }),
  });
  const graph = new StateGraph(state)
    .addNode('add', ({ by }) => ({ total: by }))
    .addEdge(START, 'add')
    .addEdge('add', END)
    .compile({ checkpointer: SqliteSaver.fromConnString(path.join(folder, 'checkpoints.sqlite')) });
  const threads = Array.from({ length: sizes.peerCounters }, (_, at) => configOf(`tally-${at}`));
  const addAll = (from: number, to: number): Promise<void> =>
    inFlight(from, to, threads.length, (at) =>
      graph.invoke({ by: addendOf(at) }, threads[at % threads.length] as Config),
    );
  const total = async (): Promise<number> => {
    const states = await Promise.all(threads.map((each) => graph.getState(each)));
    return states.reduce((sum, { values }) => sum + (values.total ?? 0), 0);
  };
  const ask = async (): Promise<number> => (await graph.invoke({ by: 1 }, configOf('asked'))).total;
  return measureCounters({ addAll, total, ask }, sizes);
};

function configOf(thread: string): Config {
  return { configurable: { thread_id: thread } };
}
