/** A flow as runs use it: every node by its key, and a number that changes when the shape of the flow does. */
import { hashOf } from '../../src/core/hash.js';
import { TroupeError } from '../../src/index.js';
import type { FlowNode } from './nodes.js';
import type { NodeKey } from './run-state.js';

/** See the file's header. */
export interface CompiledFlow {
  readonly root: FlowNode;
  readonly nodes: ReadonlyMap<NodeKey, FlowNode>;
  /** Names of signals that some node waits for. */
  readonly signals: ReadonlySet<string>;
  /** A whole number from 1: the same for two flows whose nodes have the same keys, kinds and signals. */
  readonly fingerprint: number;
  /** 1, and one more for each workflow within a workflow within it. */
  readonly levels: number;
}

/** The flows of workflows, by their definitions. */
export const flowsOf = new WeakMap<object, CompiledFlow>();

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
  let levels = 1;
  const walk = (node: FlowNode, key: NodeKey, depth: number): void => {
    if (nodes.size >= nodesMax || depth > depthMax) {
      const message = `${root.id}: a flow has at most ${nodesMax} nodes, ${depthMax} deep; does it contain itself?`;
      throw new TroupeError('WORKFLOW_FLOW', message, { field: root.id });
    }
    nodes.set(key, node);
    if (node.kind === 'wait') signals.add(node.signal);
    if (node.kind === 'actor') levels = Math.max(levels, 1 + (flowsOf.get(node.definition)?.levels ?? 0));
    shape.push(node.kind === 'wait' ? `${key}:wait ${node.signal}` : `${key}:${node.kind}`);
    const ids = partIds(node);
    for (const [at, part] of partsOf(node).entries()) walk(part, `${key}/${ids[at]}`, depth + 1);
  };
  walk(root, root.id, 1);
  return { root, nodes, signals, fingerprint: (hashOf(shape.join(';')) % 0x3fffffff) + 1, levels };
}
