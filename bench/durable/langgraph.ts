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

/** Which thread of a graph. */
export interface Config {
  readonly configurable: { readonly thread_id: string };
}

interface Graph<S> {
  invoke(input: Partial<S>, config: Config): Promise<S>;
  getState(config: Config): Promise<{ values: Partial<S> }>;
}

interface Builder<S> {
  addNode(name: string, node: (state: S) => Partial<S>): Builder<S>;
  addEdge(from: string, to: string): Builder<S>;
  compile(options: { checkpointer: object }): Graph<S>;
}

/** What of LangGraph is used here. @typeParam S the state of the graph */
export interface LangGraph<S> {
  readonly Annotation: {
    <T>(options?: { reducer: (left: T, right: T) => T; default: () => T }): unknown;
    Root(spec: object): unknown;
  };
  readonly StateGraph: new (state: unknown) => Builder<S>;
  readonly START: string;
  readonly END: string;
}

/** What of its checkpointer. */
export interface Saver {
  readonly SqliteSaver: { fromConnString(file: string): object };
}

/** See the file's header. */
export const langGraph: DurableContender = async ({ sizes, folder }) => {
  const { Annotation, StateGraph, START, END } = await loadPeer<LangGraph<State>>('@langchain/langgraph');
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

/** The configuration that names a thread. */
export function configOf(thread: string): Config {
  return { configurable: { thread_id: thread } };
}
