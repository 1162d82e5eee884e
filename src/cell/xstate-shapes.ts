/**
 * What the snapshots of a machine have in common: all actors of a definition that are in the same state share the
 * state nodes, the value and the tags. An actor at rest keeps only which shape it has, and its context.
 *
 * I own the shapes of one machine. They are shared between actors, so nobody changes what is in them.
 *
 * P1  A snapshot made of a shape and a context has the members of the one it was taken from, in XState's order.
 * P2  There are at most `shapesMax` shapes; in further states actors keep their snapshots whole.
 * P3  A shape was taken from a snapshot of this very machine, so its value is whole: an actor stored with that value
 *     can be brought back from the shape, without asking XState for the same state nodes again.
 */
import type { AnyStateMachine } from 'xstate';
import type { MachineSnapshot } from './xstate-internals.js';
import { isSameValue } from './xstate-value.js';

/** A parallel machine can have any number of states. Each search compares with all shapes, so they stay few. */
const shapesMax = 32;

const noMembers = Object.freeze({});

/** A state of a machine, as its snapshots show it. */
export class SnapshotShape {
  /** @param sample a snapshot in this state */
  constructor(private readonly sample: MachineSnapshot) {}

  get value(): unknown {
    return this.sample.value;
  }

  /** A snapshot in this state (P1). */
  withContext(context: unknown): MachineSnapshot {
    const { machine, _nodes, value, tags, matches, hasTag, can, getMeta, toJSON } = this.sample;
    return {
      status: 'active',
      output: undefined,
      error: undefined,
      machine,
      context,
      _nodes,
      value,
      tags,
      children: noMembers,
      historyValue: noMembers,
      matches,
      hasTag,
      can,
      getMeta,
      toJSON,
    };
  }

  fits({ _nodes }: MachineSnapshot): boolean {
    const mine = this.sample._nodes;
    return mine === _nodes || (mine.length === _nodes.length && mine.every((node, at) => node === _nodes[at]));
  }
}

/** The shapes of one machine. */
export class SnapshotShapes {
  private readonly shapes: SnapshotShape[] = [];
  /** The shape asked for last by its value: actors that come back together are often in the same state. */
  private latest: SnapshotShape | undefined;

  constructor(readonly machine: AnyStateMachine) {}

  /**
   * The shape of a snapshot; undefined when there is more to it than state and context, or no place left (P2).
   * @param likely the shape to try first
   */
  of(snapshot: MachineSnapshot, likely: SnapshotShape | undefined): SnapshotShape | undefined {
    if (snapshot.status !== 'active' || !isEmpty(snapshot.children) || !isEmpty(snapshot.historyValue))
      return undefined;
    if (likely?.fits(snapshot)) return likely;
    const known = this.shapes.find((shape) => shape.fits(snapshot));
    if (known !== undefined || this.shapes.length >= shapesMax) return known;
    // Not the snapshot itself: it would keep its actor's context alive.
    const shape = new SnapshotShape({ ...snapshot, context: undefined });
    this.shapes.push(shape);
    return shape;
  }

  /** The shape with a state value, if one is known (P3). */
  ofValue(value: unknown): SnapshotShape | undefined {
    if (this.latest === undefined || !isSameValue(this.latest.value, value))
      this.latest = this.shapes.find((shape) => isSameValue(shape.value, value));
    return this.latest;
  }
}

function isEmpty(object: object): boolean {
  for (const _key in object) return false;
  return true;
}
