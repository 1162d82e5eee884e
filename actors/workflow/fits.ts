/** Can a run that was stored under another version of its flow go on under this one? */
import { TroupeError } from '../../src/index.js';
import { type CompiledFlow, partIds } from './compiled.js';
import { layoutOf, misplaced } from './layout.js';
import type { FlowNode } from './nodes.js';
import { type Address, addressIn, type Frame, keyOf, type RunState } from './run-state.js';

/** The kind of node each kind of frame belongs to. */
const kindOfFrame: Readonly<Record<string, readonly string[]>> = {
  step: ['step', 'job'],
  undo: ['step'],
  closing: ['actor'],
};

function refuse(at: Address, why: string): never {
  throw new TroupeError('WORKFLOW_CHANGED', `the flow has changed: ${why}`, { field: at });
}

function missing(at: Address): never {
  return refuse(at, `it has nothing at ${at} any more that fits a run which is there`);
}

/** The id of a part of an address that is active, or has parts that are; undefined when none is. */
function activePart({ frames }: RunState, address: Address): string | undefined {
  const found = Object.keys(frames).find((at) => at.startsWith(`${address}/`));
  return found?.slice(address.length + 1).split(/[/[]/, 1)[0];
}

/** Is anything active at an address, or below it? */
function isAtWork({ frames }: RunState, address: Address): boolean {
  return Object.keys(frames).some((at) => at === address || at.startsWith(`${address}/`));
}

/**
 * Can a run that was stored under another shape of the flow go on under this one? It can when everything that is
 * active, and everything that may have to be undone, is still there and of its kind; if what waits for several parts
 * at once has begun them all; and if no part of a sequence that was done comes again, and none that was to come is
 * passed over.
 * @throws TroupeError WORKFLOW_CHANGED naming the place
 */
export function checkFits(run: RunState, flow: CompiledFlow): void {
  for (const [at, frame] of Object.entries(run.frames)) {
    const place = frame.is === 'undo' ? frame.entry.at : at;
    const kinds = kindOfFrame[frame.is] ?? [frame.is];
    const node = flow.nodes.get(keyOf(place));
    if (node === undefined || !kinds.includes(node.kind)) missing(place);
    checkFrame(run, at, frame, node);
  }
  for (const { at } of run.saga ?? []) if (flow.nodes.get(keyOf(at))?.kind !== 'step') missing(at);
}

function checkFrame(run: RunState, at: Address, frame: Frame, node: FlowNode): void {
  switch (frame.is) {
    case 'wait':
      if (node.kind === 'wait' && node.signal !== frame.signal) missing(at);
      return;
    case 'parallel': {
      // A branch that was not there when the others began would be waited for in vain; so would a stage.
      const isKnown = (id: string) => Object.hasOwn(frame.out, id) || isAtWork(run, addressIn(at, id));
      for (const id of partIds(node)) if (!isKnown(id)) missing(addressIn(at, id));
      return;
    }
    case 'pipeline': {
      // Where its items are is kept by the numbers of its stages.
      const isSame = frame.layout === undefined || frame.layout === layoutOf(node);
      if (!isSame || frame.busy.length !== partIds(node).length) missing(at);
      return;
    }
    case 'attempt':
      // One that has become the other would be taken twice.
      if (node.kind === 'attempt' && frame.part !== 'undo') {
        const part = frame.part === 'body' ? node.body : node.fallback;
        const active = activePart(run, at);
        if (active !== undefined && active !== part?.id) missing(addressIn(at, active));
      }
      return;
    case 'sequence': {
      const active = activePart(run, at);
      if (frame.layout === undefined || active === undefined || !partIds(node).includes(active)) return;
      const part = misplaced(frame.layout, frame.at, node, active);
      if (part === undefined) return;
      const place = addressIn(at, part.id);
      const why =
        part.would === 'again' ? 'was done, and would be done again' : 'was to be done, and would be left out';
      refuse(place, `${place} ${why}, by a run that is at ${addressIn(at, active)}`);
    }
  }
}
