/**
 * LangGraph.js with its checkpointer for SQLite, written as its documentation does: a graph of one node, a thread for
 * each counter, every increment an `invoke`. A checkpoint is written once a run, at its end (`durability: 'exit'`):
 * with a single node an `invoke` that has returned keeps as much as with one for each step. SQLite runs in its mode of
 * write-ahead, and waits for the disk only when it moves that into its file.
 */
import path from 'node:path';
import { addendOf } from '../kernel/actors.js';
import { loadPeer } from '../runner/peers.js';
import { byCounters, type DurableContender, measureCounters, type Way, waysOf } from './load.js';

interface State {
  readonly by: number;
  readonly total: number;
}

/** Which thread of a graph, and when its checkpoints are written. */
export interface Config {
  readonly configurable: { readonly thread_id: string };
  readonly durability?: 'exit' | 'async' | 'sync';
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
  const configAtExit = (thread: string): Config => ({ ...configOf(thread), durability: 'exit' });
  const counters = Math.max(...sizes.peerAhead);
  const threads = Array.from({ length: counters }, (_, at) => configAtExit(`tally-${at}`));
  const addAll = (from: number, to: number, { ahead }: Way): Promise<void> =>
    byCounters(from, to, ahead, (at, counter) => graph.invoke({ by: addendOf(at) }, threads[counter] as Config));
  const total = async (): Promise<number> => {
    const states = await Promise.all(threads.map((each) => graph.getState(each)));
    return states.reduce((sum, { values }) => sum + (values.total ?? 0), 0);
  };
  const ask = async (): Promise<number> => (await graph.invoke({ by: 1 }, configAtExit('asked'))).total;
  const load = { increments: sizes.peerIncrements.langGraph, ways: waysOf(sizes) };
  return measureCounters({ addAll, total, ask }, load, sizes);
};

/** The configuration that names a thread. */
export function configOf(thread: string): Config {
  return { configurable: { thread_id: thread } };
}
