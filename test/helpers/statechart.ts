/** An XState machine as a state diagram in Mermaid's language. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/**
 * Draw it: states within states, and every transition that leads somewhere, with what it says of itself, else the event
 * that takes it. A state that is left at once is a choice.
 */
export function statechart(machine: AnyStateMachine): string {
  return ['stateDiagram-v2', ...inside(machine.root, '  ')].join('\n');
}

function inside(node: AnyStateNode, indent: string): string[] {
  const first = Object.keys(node.states).find((key) => key === node.config.initial);
  const lines = first === undefined ? [] : [`${indent}[*] --> ${first}`];
  for (const state of Object.values(node.states)) {
    if (isChoice(state)) lines.push(`${indent}state ${state.key} <<choice>>`);
    if (state.type === 'compound')
      lines.push(`${indent}state ${state.key} {`, ...inside(state, `${indent}  `), `${indent}}`);
  }
  for (const state of below(node)) lines.push(...ways(state, node).map((line) => indent + line));
  return lines;
}

function below(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states).flatMap((state) => [state, ...below(state)]);
}

/** Of a state, each other one it leads to once. Of those, the ones that stay within a node, and in none below it. */
function ways(state: AnyStateNode, within: AnyStateNode): string[] {
  const labels = new Map<string, Set<string>>();
  for (const transition of transitionsOf(state)) {
    for (const target of transition.target ?? []) {
      if (commonOf(state, target) !== within.path.length) continue;
      const known = labels.get(target.key) ?? new Set();
      labels.set(target.key, known.add(transition.description ?? wordOf(transition.eventType)));
    }
  }
  const lines = [...labels].map(([target, words]) => `${state.key} --> ${target}: ${[...words].join(', ')}`);
  return state.type === 'final' && state.parent === within ? [...lines, `${state.key} --> [*]`] : lines;
}

/** How many nodes from the root on are above both. */
function commonOf({ path: one }: AnyStateNode, { path: other }: AnyStateNode): number {
  const differs = one.findIndex((key, at) => key !== other[at]);
  return differs === -1 ? one.length - 1 : differs;
}

function transitionsOf(state: AnyStateNode): AnyTransitionDefinition[] {
  return [...(state.always ?? []), ...[...state.transitions.values()].flat()];
}

function isChoice(state: AnyStateNode): boolean {
  return state.type === 'atomic' && state.transitions.size === 0 && (state.always ?? []).length > 0;
}

function wordOf(event: string): string {
  if (event.startsWith('xstate.done.')) return 'done';
  if (event.startsWith('xstate.error.')) return 'failed';
  return /^xstate\.after\.([^.]+)/.exec(event)?.[1] ?? event;
}
