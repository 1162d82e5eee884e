/**
 * What is stored of an XState actor, and the way back.
 *
 * Two forms. Plain, for machines without local children: an array `[value, context]`, with a third item for what is
 * rarely there (output of a finished machine, history). It costs a fraction of `getPersistedSnapshot`. Full, for
 * everything else: `{ s: XState's persisted snapshot, e: effect numbers }`. Readers tell them apart by the array.
 *
 * R1  A stored state comes back whole or is refused with STATE_UNKNOWN. XState alone would leave out children whose
 *     logic is gone, complete state values with states never entered, and forget history.
 */
import { TroupeError } from '../core/errors.js';
import { isMachine, type LocalActor, type LocalSnapshot, type MachineInsides } from './xstate-internals.js';
import { persistedOf } from './xstate-persisted.js';
import { RootActor } from './xstate-root.js';
import type { CellSystem, EffectNumbers } from './xstate-system.js';
import { isSameValue } from './xstate-value.js';

/** History as stored: ids of state nodes, by the id of the history node. */
type StoredHistory = Record<string, string[]>;

/** The rarely present part of a plain state. */
interface PlainRest {
  /** Output, when the machine is done. */
  done?: unknown;
  history?: StoredHistory;
}

type PlainState = [value: unknown, context: unknown, rest?: PlainRest];

interface FullState {
  s: unknown;
  e?: EffectNumbers;
}

/** XState's persisted snapshot, as far as it is checked here. */
interface PersistedSnapshot {
  status: LocalSnapshot['status'];
  value?: unknown;
  context?: unknown;
  output?: unknown;
  historyValue?: Record<string, readonly { id: string }[]>;
  children?: Record<string, { snapshot: PersistedSnapshot; src: unknown }>;
}

/** What `readState` gives. */
export interface StoredState {
  /** For `createActor({ snapshot })`, which changes it. */
  snapshot: unknown;
  effects: EffectNumbers;
}

/**
 * The state of a cell, to be encoded before its next event.
 * @throws TroupeError DEFINITION_LOGIC when a local child was spawned under a name nobody registered
 */
export function writeState(root: LocalActor, system: CellSystem): unknown {
  const resting = root instanceof RootActor ? root.resting : undefined;
  if (resting !== undefined) return resting;
  const snapshot = root.getSnapshot();
  if (!isMachine(root.logic)) return full(root.getPersistedSnapshot(), system);
  const { children = {} } = snapshot;
  if (!system.hasHadChildren && isEmpty(children)) return plain(snapshot);
  checkChildren(children, root.id);
  checkSelf(snapshot.context, root);
  const persisted = persistedOf(snapshot) as PersistedSnapshot;
  // A context may still name children that are gone; only without such names the plain form is the same.
  if (isEmpty(children) && persisted.context === snapshot.context) {
    system.hasHadChildren = false;
    return plain(snapshot);
  }
  return full(persisted, system);
}

function plain(snapshot: LocalSnapshot): PlainState {
  const { value, context, status, historyValue = {} } = snapshot;
  const hasHistory = !isEmpty(historyValue);
  if (status !== 'done' && !hasHistory) return [value, context];
  const rest: PlainRest = {};
  if (status === 'done') rest.done = snapshot.output;
  if (hasHistory) {
    rest.history = {};
    for (const [key, nodes] of Object.entries(historyValue)) rest.history[key] = nodes.map((node) => node.id);
  }
  return [value, context, rest];
}

function full(persisted: unknown, system: CellSystem): FullState {
  const effects = system.effectNumbers();
  return effects === undefined ? { s: persisted } : { s: persisted, e: effects };
}

/** XState stores a child whose name has no logic as undefined, and would trip over it much later. */
function checkChildren(children: NonNullable<LocalSnapshot['children']>, parentId: string): void {
  for (const [id, child] of Object.entries(children)) {
    if (child === undefined) {
      const message = `${parentId} spawned the local child '${id}' under a name that is not in setup({ actors })`;
      throw new TroupeError('DEFINITION_LOGIC', message, { field: id });
    }
    checkChildren(child.getSnapshot().children ?? {}, child.id);
  }
}

/** Beside children XState would store the root as the child it is not, and bring it back as undefined. */
function checkSelf(context: unknown, root: LocalActor): void {
  for (const [key, value] of Object.entries(context ?? {})) {
    if (value !== root) continue;
    const message = `context.${key} of ${root.id} is the actor's own \`self\`, which cannot be stored`;
    throw new TroupeError('PAYLOAD_NOT_CARRIABLE', message, { field: `context.${key}` });
  }
}

/**
 * Turn what `writeState` made (and the codec decoded afresh) into a snapshot for XState.
 * @throws TroupeError STATE_UNKNOWN when it has neither form
 */
export function readState(state: unknown, path: string): StoredState {
  if (!Array.isArray(state)) {
    const { s: snapshot, e: effects = {} } = (state ?? {}) as Partial<FullState>;
    // A migration may have left out the children; XState's machines want them.
    if (typeof snapshot === 'object' && snapshot !== null) return { snapshot: { children: {}, ...snapshot }, effects };
    throw new TroupeError('STATE_UNKNOWN', `the stored state of ${path} is of no known form`, { field: path });
  }
  const [value, context, rest] = state as PlainState;
  const historyValue: Record<string, { id: string }[]> = {};
  for (const [key, ids] of Object.entries(rest?.history ?? {})) historyValue[key] = ids.map((id) => ({ id }));
  const isDone = rest !== undefined && 'done' in rest;
  const status = isDone ? 'done' : 'active';
  return { snapshot: { status, output: rest?.done, value, context, historyValue, children: {} }, effects: {} };
}

/** What is stored of a machine that says no more than its value and context; undefined for other stored states. */
export function plainState(state: unknown): readonly [value: unknown, context: unknown] | undefined {
  return Array.isArray(state) && state.length === 2 ? (state as [unknown, unknown]) : undefined;
}

/** `CellLogic.migrate`: the changed state is in the full form, until it is stored again. */
export function changeState(state: unknown, change: (snapshot: unknown) => unknown): unknown {
  const { snapshot, effects } = readState(state, 'an actor to be migrated');
  return { s: change(snapshot), e: effects } satisfies FullState;
}

/**
 * What `checkRestored` compares with, taken before XState has changed the snapshot.
 * Contexts and outputs are not compared, so they are not kept.
 */
export type Outline = Pick<PersistedSnapshot, 'status' | 'value'> & {
  history: string[];
  children: Record<string, Outline>;
};

/** The outline of a stored snapshot. */
export function outlineOf(snapshot: unknown): Outline {
  const { status, value, historyValue, children } = snapshot as PersistedSnapshot;
  const history = Object.values(historyValue ?? {}).flatMap((nodes) => nodes.map((node) => node.id));
  const outlines: Record<string, Outline> = {};
  for (const [id, child] of Object.entries(children ?? {})) outlines[id] = outlineOf(child.snapshot);
  return { status, value, history, children: outlines };
}

/**
 * R1: is everything back?
 * @throws TroupeError STATE_UNKNOWN naming what is missing
 */
export function checkRestored(actor: LocalActor, stored: Outline, where: string): void {
  const restored = actor.getSnapshot();
  if (restored.status !== stored.status) throw unknownState(where, messageOf(restored.error), restored.error);
  if (!isMachine(actor.logic)) return;
  const { idMap } = actor.logic as unknown as MachineInsides;
  if (!isSameValue(restored.value, stored.value)) {
    const [now, then] = [JSON.stringify(restored.value), JSON.stringify(stored.value)];
    throw unknownState(
      where,
      `the stored state ${then} is incomplete in this version of the machine, which has ${now}`,
    );
  }
  const lost = stored.history.find((id) => !idMap.has(id));
  if (lost !== undefined) throw unknownState(where, `the state '${lost}' in the stored history does not exist`);
  for (const [id, child] of Object.entries(stored.children)) {
    const back = restored.children?.[id];
    if (back === undefined) throw unknownState(where, `the logic of the local child '${id}' is not registered`);
    checkRestored(back, child, `${where}, local child '${id}'`);
  }
}

function unknownState(where: string, why: string, cause?: unknown): TroupeError {
  return new TroupeError('STATE_UNKNOWN', `the stored state of ${where} does not fit its definition: ${why}`, {
    cause,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isEmpty(object: object): boolean {
  for (const _key in object) return false;
  return true;
}
