/** What a pile does with what it hears: numbers, places and counts are given out here. See pile.ts. */
import { actorContext, TroupeError } from '../../src/index.js';
import { bucketToSplit } from './buckets.js';
import { checkElement } from './pile-door.js';
import { bucketIds } from './pile-index.js';
import { answer, partId, refOf, refuse } from './pile-parts.js';
import { ask, find, here, isOrder, type Made, orderRef, type PileState, withPage } from './pile-state.js';
import { inOrder, page, place, removals } from './pile-views.js';
import type { Find, PartEvent, PileEvents, PileSeed, PlaceEvent } from './pile-words.js';
import { includes, lengthOf, noRuns, type Runs, slice, without, withSorted } from './runs.js';

/** What a pile hears: from outside, from its parts, from its forks. */
export type Hears = PileEvents<unknown> | PartEvent | Find | PlaceEvent;

/** One message. */
export function hear(state: PileState, event: Hears, made: Made): PileState {
  switch (event.type) {
    case 'put':
      return put(state, event.element, made);
    case 'get':
    case 'has':
      return find(state, event.id, { kind: event.type }, made);
    case 'remove': {
      const keep = state.forks > 0;
      const next = find(state, event.id, { kind: 'remove', at: state.next, keep }, made);
      return keep ? { ...next, floor: next.next } : next;
    }
    case 'size':
      answer(state.size);
      return state;
    case 'clear':
      return clear(state);
    case 'page':
      page(state, event, made);
      return state;
    case 'place':
      return place(state, event, made);
    case 'displace':
      return inOrder(state, event, { type: 'order.drop' }, made);
    case 'position':
      return inOrder(state, event, { type: 'order.position' }, made);
    case 'length':
      if (isOrder(event.order, made)) actorContext().forward(orderRef(state, event.order), { type: 'order.length' });
      return state;
    case 'fork':
      return fork(state);
    case 'descent':
      answer({ first: state.first, base: state.base });
      return state;
    case 'removals':
      removals(state, event);
      return state;
    case 'pile.find':
      return found(state, event, made);
    case 'pile.settled':
      return settled(state, event, made);
    case 'pile.hide':
      return hide(state, event.n);
    case 'pile.enter':
      return enter(state, event, made);
    default:
      return state;
  }
}

/** A fork asks. */
function found(state: PileState, event: Find, made: Made): PileState {
  return ask(state, event.id, { ...event, base: state.base }, made);
}

function put(state: PileState, given: unknown, made: Made): PileState {
  const checked = checkElement(given, made.schema);
  if (checked instanceof TroupeError) {
    refuse(checked);
    return state;
  }
  const { id } = checked;
  const isFull = state.size + lengthOf(state.pending) >= made.elementsMax;
  const n = state.next;
  const numbered = withPage({ ...state, next: n + 1 }, n, made);
  const pending = isFull ? state.pending : withSorted(state.pending, n);
  return find({ ...numbered, pending }, id, { kind: 'put', n, element: checked, isFull }, made);
}

/** The base of a fork did not have it. */
function enter(state: PileState, { id, op }: PartEvent & { type: 'pile.enter' }, made: Made): PileState {
  const isLate = op.n < state.clearedAt;
  const n = isLate ? state.next : op.n;
  const pending = isLate ? withSorted(without(state.pending, op.n), n) : state.pending;
  const numbered = isLate ? withPage({ ...state, pending, next: n + 1 }, n, made) : state;
  return ask(numbered, id, { type: 'index.enter', id, home: here(), op: { ...op, n } }, made);
}

/** A put or a removal has come to its end. */
function settled(state: PileState, event: PartEvent & { type: 'pile.settled' }, made: Made): PileState {
  const { n, added } = event;
  const now = added < 0 ? state : { ...state, pending: without(state.pending, n) };
  // PL1: the last number of all, which nobody took, is given to the next.
  if (added === 0 && n === state.next - 1 && n >= state.floor) return { ...now, next: n };
  // Cleared meanwhile, and counted then.
  if (n < state.clearedAt) return now;
  return grown({ ...now, size: now.size + added }, made);
}

/** One bucket more, when there are enough ids. */
function grown(state: PileState, { index }: Made): PileState {
  const { buckets, epoch, per } = state;
  if (buckets === 0 || state.size < buckets * bucketIds) return state;
  const { spawn, tell } = actorContext();
  spawn(index, { id: partId.bucket(epoch, buckets), input: { epoch, per, waits: true } });
  const divided = refOf(`${here()}/${partId.bucket(epoch, bucketToSplit(buckets))}`);
  tell(divided, { type: 'index.split', count: buckets + 1 });
  return { ...state, buckets: buckets + 1 };
}

/** An element of the base is removed here. */
function hide(state: PileState, n: number): PileState {
  if (includes(state.hidden, n)) {
    answer(false);
    return state;
  }
  for (const name of state.orders) actorContext().tell(orderRef(state, name), { type: 'order.drop', n });
  answer(true);
  return { ...state, hidden: withSorted(state.hidden, n), size: state.size - 1 };
}

function clear(state: PileState): PileState {
  const { tell } = actorContext();
  const { epoch, per, first, next, forks } = state;
  const cleared = { at: next, keep: forks > 0 };
  for (let bucket = 0; bucket < state.buckets; bucket += 1) {
    tell(refOf(`${here()}/${partId.bucket(epoch, bucket)}`), { type: 'index.clear', ...cleared });
  }
  for (let at = Math.floor(first / per); at < state.pages; at += 1) {
    tell(refOf(`${here()}/${partId.page(epoch, at)}`), { type: 'page.clear', ...cleared });
  }
  for (const name of state.orders) tell(orderRef(state, name), { type: 'order.clear', at: next });
  answer(state.size);
  const hidden = first === 0 ? noRuns : [0, first];
  return { ...state, size: 0, hidden, clearedAt: next, floor: next };
}

/** PL3 */
function fork(state: PileState): PileState {
  const version = state.next + 1;
  // What is under way may not be seen by the fork: nobody has been told yet that it is there.
  const hidden = slice(state.pending, 0, Infinity).reduce<Runs>(withSorted, state.hidden);
  const { size, epoch, per, first, pages } = state;
  const line = [...state.line, { path: here(), epoch, per, first, end: version, pages }];
  const seed: PileSeed = { base: { path: here(), version }, size, hidden, line, orders: {} };
  const [name] = state.orders;
  if (name === undefined) answer(seed);
  else actorContext().forward(orderRef(state, name), { type: 'order.snapshot', seed, names: [...state.orders], epoch });
  return { ...state, next: version, floor: version, forks: state.forks + 1 };
}
