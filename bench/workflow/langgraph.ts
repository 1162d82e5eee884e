/**
 * LangGraph.js with its checkpointer for SQLite, written as its documentation does: a graph of five nodes, a thread for
 * each run, an `invoke`. It writes a checkpoint behind each node, by itself while the next one runs already; SQLite is
 * in its mode of write-ahead, and hardly waits for the disk.
 */
import path from 'node:path';
import { configOf, type LangGraph, type Saver } from '../durable/langgraph.js';
import { loadPeer } from '../runner/peers.js';
import { measureRuns, sumOver, type WorkflowContender } from './load.js';

interface State {
  readonly value: number;
}

/** See the file's header. */
export const langGraph: WorkflowContender = async ({ sizes, folder }) => {
  const { Annotation, StateGraph, START, END } = await loadPeer<LangGraph<State>>('@langchain/langgraph');
  const { SqliteSaver } = await loadPeer<Saver>('@langchain/langgraph-checkpoint-sqlite');
  const addOne = ({ value }: State): State => ({ value: value + 1 });
  const graph = new StateGraph(Annotation.Root({ value: Annotation<number>() }))
    .addNode('one', addOne)
    .addNode('two', addOne)
    .addNode('three', addOne)
    .addNode('four', addOne)
    .addNode('five', addOne)
    .addEdge(START, 'one')
    .addEdge('one', 'two')
    .addEdge('two', 'three')
    .addEdge('three', 'four')
    .addEdge('four', 'five')
    .addEdge('five', END)
    .compile({ checkpointer: SqliteSaver.fromConnString(path.join(folder, 'checkpoints.sqlite')) });
  const threadOf = (at: number) => configOf(`run-${at}`);
  const run = async (at: number): Promise<number> => (await graph.invoke({ value: at }, threadOf(at))).value;
  const sumKept = (count: number): Promise<number> =>
    sumOver(count, async (at) => (await graph.getState(threadOf(at))).values.value ?? Number.NaN);
  return measureRuns({ run, sumKept }, { runs: sizes.peerRuns, singles: sizes.peerSingles }, sizes);
};
