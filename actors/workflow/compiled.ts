/** A flow as runs use it: every node by its key, and a number that changes when the shape of the flow does. */
import { hashOf } from '../../src/core/hash.js';
import { TroupeError } from '../../src/index.js';
import type { FlowNode } from './nodes.js';
import { addressIn, keyOf, type NodeKey, type RunState } from './run-state.js';

/** See the file's header. */
export interface CompiledFlow {
  readonly root: FlowNode;
  readonly nodes: ReadonlyMap<NodeKey, FlowNode>;
  /** Names of signals that some node waits for. */
  readonly signals: ReadonlySet<string>;
  /** A whole number from 1: the same for two flows whose nodes have the same keys, kinds and signals. */
  readonly fingerprint: number;
}

const nodesMax = 10_000;
const depthMax = 100;

/** The parts of a node, in order. */
export function partsOf(node: FlowNode): readonly FlowNode[] {
  switch (node.kind) {
    case 'sequence':
      return node.parts;
    case 'parallel':
      return Object.values(node.parts);
    case 'conditional':
      return Object.values(node.cases);
    case 'loop':
      return [node.body];
    case 'map':
      return [node.each];
    case 'pipeline':
      return node.stages;
    case 'attempt':
      return node.fallback === undefined ? [node.body] : [node.body, node.fallback];
    default:
      return [];
  }
}

/** The ids under which a node's parts are addressed: their own, or the names they were given. */
export function partIds(node: FlowNode): readonly string[] {
  if (node.kind === 'parallel') return Object.keys(node.parts);
  if (node.kind === 'conditional') return Object.keys(node.cases);
  return partsOf(node).map((part) => part.id);
}

/** Walk a flow. @throws TroupeError WORKFLOW_FLOW for one of more than 10,000 nodes, or 100 deep, or in itself */
export function compile(root: FlowNode): CompiledFlow {
  const nodes = new Map<NodeKey, FlowNode>();
  const signals = new Set<string>();
  const shape: string[] = [];
  const walk = (node: FlowNode, key: NodeKey, depth: number): void => {
    if (nodes.size >= nodesMax || depth > depthMax) {
      const message = `${root.id}: a flow has at most ${nodesMax} nodes, ${depthMax} deep; does it contain itself?`;
      throw new TroupeError('WORKFLOW_FLOW', message, { field: root.id });
    }
    nodes.set(key, node);
    if (node.kind === 'wait') signals.add(node.signal);
    shape.push(node.kind === 'wait' ? `${key}:wait ${node.signal}` : `${key}:${node.kind}`);
    const ids = partIds(node);
    for (const [at, part] of partsOf(node).entries()) walk(part, `${key}/${ids[at]}`, depth + 1);
  };
  walk(root, root.id, 1);
  return { root, nodes, signals, fingerprint: (hashOf(shape.join(';')) % 0x3fffffff) + 1 };
}

/** The kind of node each kind of frame belongs to. */
const kindOfFrame: Readonly<Record<string, readonly string[]>> = { step: ['step', 'job'], undo: ['step'] };

/** Is anything active at an address, or below it? */
function isAtWork({ frames }: RunState, address: string): boolean {
  return Object.keys(frames).some((at) => at === address || at.startsWith(`${address}/`));
}

/**
 * Can a run that was stored under another shape of the flow go on under this one? It can when everything that is
 * active, and everything that may have to be undone, is still there and of its kind, and if what waits for several
 * parts at once has begun them all.
 * @throws TroupeError WORKFLOW_CHANGED naming what is missing
 */
export function checkFits(run: RunState, flow: CompiledFlow): void {
  const missing = (at: string): never => {
    const message = `the flow has changed: it has nothing at ${at} any more that fits a run which is there`;
    throw new TroupeError('WORKFLOW_CHANGED', message, { field: at });
  };
  for (const [at, frame] of Object.entries(run.frames)) {
    const place = frame.is === 'undo' ? frame.entry.at : at;
    const kinds = kindOfFrame[frame.is] ?? [frame.is];
    const node = flow.nodes.get(keyOf(place));
    if (!kinds.includes(node?.kind ?? '')) missing(place);
    if (frame.is === 'wait' && node?.kind === 'wait' && node.signal !== frame.signal) missing(place);
    // A branch that was not there when the others began would be waited for in vain; so would a stage.
    if (frame.is === 'parallel' && node !== undefined) {
      const isKnown = (id: string) => Object.hasOwn(frame.out, id) || isAtWork(run, addressIn(at, id));
      for (const id of partIds(node)) if (!isKnown(id)) missing(addressIn(at, id));
    }
    if (frame.is === 'pipeline' && node !== undefined && frame.busy.length !== partIds(node).length) missing(at);
  }
  for (const { at } of run.saga) if (flow.nodes.get(keyOf(at))?.kind !== 'step') missing(at);
}
