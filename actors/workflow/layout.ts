/**
 * In what order the parts of a node stand, as few characters as will do: a run that is among them keeps it, and knows
 * in a later version of the flow what it has done and what it has still to do.
 *
 * L1  Two ids may have the same sign by chance (one in 46,656): then a run is refused that could have gone on, and
 *     never one let through that could not.
 */
import { hashOf } from '../../src/core/hash.js';
import { partIds } from './compiled.js';
import type { FlowNode } from './nodes.js';

const signChars = 3;
const known = new WeakMap<FlowNode, string>();

function signOf(id: string): string {
  return (hashOf(id) % 36 ** signChars).toString(36).padStart(signChars, '0');
}

/** The signs of a node's parts, in order. */
export function layoutOf(node: FlowNode): string {
  const before = known.get(node);
  if (before !== undefined) return before;
  const layout = partIds(node).map(signOf).join('');
  known.set(node, layout);
  return layout;
}

function signsIn(layout: string): string[] {
  return Array.from({ length: layout.length / signChars }, (_, at) =>
    layout.slice(at * signChars, (at + 1) * signChars),
  );
}

/**
 * A part that a run among a node's parts would do again, or would leave out, with another order of them.
 * @param layout as they stood when the run came to where it is
 * @param at how many of them it had done
 * @param node with the parts as they stand now
 * @param active the id of the one it is at
 * @returns the part's id, if there is one, and what would become of it
 */
export function misplaced(
  layout: string,
  at: number,
  node: FlowNode,
  active: string,
): { id: string; would: 'again' | 'never' } | undefined {
  if (layout === layoutOf(node)) return undefined;
  const signs = signsIn(layout);
  const [done, left] = [new Set(signs.slice(0, at)), new Set(signs.slice(at + 1))];
  const ids = partIds(node);
  const here = ids.indexOf(active);
  for (const [number, id] of ids.entries()) {
    if (number > here && done.has(signOf(id))) return { id, would: 'again' };
    if (number < here && left.has(signOf(id))) return { id, would: 'never' };
  }
  return undefined;
}
