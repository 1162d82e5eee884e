/** A pipeline's items on their way through its stages: frames in, frames out. */
import { layoutOf } from './layout.js';
import type { FlowNode } from './nodes.js';
import type { Frame } from './run-state.js';

/** What a run keeps of a pipeline. */
export type LineFrame = Frame & { is: 'pipeline' };
type Item = [number, unknown];

/** All items before the first stage. */
export function newLine(node: FlowNode & { kind: 'pipeline' }, items: readonly unknown[]): LineFrame {
  const waiting = node.stages.map((_, stage) => (stage === 0 ? items.map((item, at): Item => [at, item]) : []));
  const busy = node.stages.map(() => 0);
  return { is: 'pipeline', layout: layoutOf(node), waiting, busy, outs: [], left: items.length };
}

/** An item has left a stage. */
export function pastStage(frame: LineFrame, stage: number, item: number, output: unknown): LineFrame {
  const isLast = stage === frame.busy.length - 1;
  const busy = frame.busy.map((count, number) => (number === stage ? count - 1 : count));
  const waiting = frame.waiting.map((queue, number): Item[] =>
    !isLast && number === stage + 1 ? [...queue, [item, output]] : queue,
  );
  const outs = [...frame.outs];
  if (isLast) outs[item] = output;
  return { ...frame, busy, waiting, outs, left: frame.left - (isLast ? 1 : 0) };
}

/** What the stages that have room take in. */
export function takenIn(
  frame: LineFrame,
  concurrency: number,
): { frame: LineFrame; taken: { stage: number; item: number; value: unknown }[] } {
  const waiting = frame.waiting.map((queue) => [...queue]);
  const busy = [...frame.busy];
  const taken: { stage: number; item: number; value: unknown }[] = [];
  for (const [stage, queue] of waiting.entries())
    while (queue.length > 0 && (busy[stage] as number) < concurrency) {
      const [item, value] = queue.shift() as Item;
      busy[stage] = (busy[stage] as number) + 1;
      taken.push({ stage, item, value });
    }
  return { frame: { ...frame, waiting, busy }, taken };
}
