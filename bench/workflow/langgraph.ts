/**
 * LangGraph.js with its checkpointer for SQLite, written as its documentation does: a graph of five nodes, a thread for
 * each run, an `invoke`; in two ways. As it is by default it writes a checkpoint behind each node, by itself while the
 * next one runs already, and SQLite, in its mode of write-ahead, hardly waits for the disk: what is kept survives the
 * process. And so that it keeps what a flushed run of ours keeps: the checkpoint of a node is written, and flushed,
 * before the next one begins (`durability: 'sync'`, `synchronous = FULL`).
 */
import path from 'node:path';
import { configOf, type LangGraph } from '../durable/langgraph.js';
import { loadPeer } from '../runner/peers.js';
import type { Measures } from '../kernel/contender.js';
import { measureRuns, sumOver, type WorkflowContender, type WorkflowInput } from './load.js';

interface State {
  readonly value: number;
}

/** What of its checkpointer. */
interface Saver {
  readonly SqliteSaver: { fromConnString(file: string): object & { db: { pragma(text: string): unknown } } };
}

/** See the file's header. */
export function langGraph(level: 'default' | 'flushed'): WorkflowContender {
  return (input) => measureGraph(input, level === 'flushed');
}

const measureGraph = async ({ sizes, folder }: WorkflowInput, isFlushed: boolean): Promise<Measures> => {
  const { Annotation, StateGraph, START, END } = await loadPeer<LangGraph<State>>('@langchain/langgraph');
  const { SqliteSaver } = await loadPeer<Saver>('@langchain/langgraph-checkpoint-sqlite');
  const saver = SqliteSaver.fromConnString(path.join(folder, 'checkpoints.sqlite'));
  if (isFlushed) saver.db.pragma('synchronous = FULL');
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
    .compile({ checkpointer: saver });
  const threadOf = (at: number) => ({
    ...configOf(`run-${at}`),
    ...(isFlushed ? { durability: 'sync' as const } : {}),
  });
  const run = async (at: number): Promise<number> => (await graph.invoke({ value: at }, threadOf(at))).value;
  const sumKept = (count: number): Promise<number> =>
    sumOver(count, async (at) => (await graph.getState(threadOf(at))).values.value ?? Number.NaN);
  return measureRuns({ run, sumKept }, { runs: sizes.peerRuns, singles: sizes.peerSingles }, sizes);
};
