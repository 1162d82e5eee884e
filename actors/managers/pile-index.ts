/**
 * The index of a pile: which number an id has. It is divided into buckets (buckets.ts), each an actor with about
 * `bucketIds` ids, so that what is written for one id does not grow with the pile.
 *
 * IX1  An id's marks are its history: `n` when it was put as number n, `-n` when it was removed before number n came.
 *      History is kept only while there are forks; without it an id has one mark or none.
 * IX2  A bucket that is new holds back what it hears until its part of the old bucket's ids has come.
 * IX3  What is said of an id to pages and progressions is said by its bucket, so it is heard in the order it happened.
 */
import { fromTransition } from 'xstate';
import { actorContext, TroupeError } from '../../src/index.js';
import { bucketOf } from './buckets.js';
import { answer, type Asker, partId, pilePath, refOf, refuse } from './pile-parts.js';
import type { Find, IndexEvent, Op } from './pile-words.js';
import { includes } from './runs.js';

/** How many ids a bucket has when it is divided, about. */
export const bucketIds = 16;

/** What a bucket begins with. `waits`: IX2. */
export interface IndexInput {
  epoch: string;
  per: number;
  waits: boolean;
}

/** The progressions of a pile, and those that every new element joins. */
interface Orders {
  all: readonly string[];
  arrivals: readonly string[];
}

interface IndexState {
  epoch: string;
  per: number;
  ids: Record<string, number[]>;
  held: { event: IndexEvent; asker: Asker }[] | undefined;
}

/** The logic of a bucket. @param orders of the pile's definition */
export const indexLogic = (orders: Orders) =>
  fromTransition(
    (state: IndexState, event: IndexEvent): IndexState => {
      const asker = actorContext().replyTo;
      if (state.held === undefined || event.type === 'index.take') return hear(state, event, asker, orders);
      return { ...state, held: [...state.held, { event, asker }] };
    },
    ({ input }: { input: IndexInput }): IndexState => {
      const { waits, ...rest } = input;
      return { ...rest, ids: {}, held: waits ? [] : undefined };
    },
  );

function hear(state: IndexState, event: IndexEvent, asker: Asker, orders: Orders): IndexState {
  switch (event.type) {
    case 'pile.find':
      return find(state, event, asker, orders);
    case 'index.enter':
      return enter(state, event, asker, orders);
    case 'index.clear':
      return { ...state, ids: cleared(state.ids, event.at, event.keep) };
    case 'index.split':
      return split(state, event.count);
    case 'index.take': {
      // IX2
      const { held = [] } = state;
      const begun: IndexState = { ...state, ids: Object.fromEntries(event.entries), held: undefined };
      return held.reduce((now, each) => hear(now, each.event, each.asker, orders), begun);
    }
    default:
      return state;
  }
}

/** The number of an id, as of a version. */
function numberOf({ ids }: IndexState, id: string, asOf = Infinity): number | undefined {
  const marks = Object.hasOwn(ids, id) ? ids[id]! : [];
  const mark = marks.findLast((each) => Math.abs(each) < asOf);
  return mark !== undefined && mark >= 0 ? mark : undefined;
}

function find(state: IndexState, event: Find, asker: Asker, orders: Orders): IndexState {
  const { id, asOf, base, hidden, op, home } = event;
  const n = numberOf(state, id, asOf);
  if (n !== undefined && (asOf === undefined || !includes(hidden, n))) return found(state, event, n, asker, orders);
  if (n === undefined && base !== undefined) {
    actorContext().forward(refOf(base.path), { type: 'pile.find', id, home, op, asOf: base.version, hidden }, asker);
    return state;
  }
  if (op.kind === 'put' && !op.isFull && home === pilePath()) return enter(state, { id, home, op }, asker, orders);
  absent(event, asker);
  return state;
}

function found(state: IndexState, { id, home, op }: Find, n: number, asker: Asker, orders: Orders): IndexState {
  const { forward, tell } = actorContext();
  const here = pilePath();
  const page = refOf(`${here}/${partId.page(state.epoch, Math.floor(n / state.per))}`);
  switch (op.kind) {
    case 'get':
      forward(page, { type: 'page.read', n }, asker);
      return state;
    case 'has':
      answer(true, asker);
      return state;
    case 'put':
      forward(page, { type: 'page.match', n, element: op.element, home, given: op.n }, asker);
      return state;
    case 'number':
      forward(refOf(home), { ...op.resume, beside: n }, asker);
      return state;
    case 'order':
      forward(refOf(op.order), { ...op.event, n }, asker);
      return state;
    case 'remove': {
      if (home !== here) {
        forward(refOf(home), { type: 'pile.hide', n }, asker);
        return state;
      }
      tell(page, { type: 'page.drop', n, at: op.at, keep: op.keep });
      for (const order of orders.all) {
        tell(refOf(`${here}/${partId.order(state.epoch, order)}`), { type: 'order.drop', n });
      }
      tell(refOf(here), { type: 'pile.settled', n, added: -1 });
      answer(true, asker);
      return { ...state, ids: removed(state.ids, id, op.at, op.keep) };
    }
  }
}

/** It is nowhere in the line. */
function absent(event: Find, asker: Asker): void {
  const { id, home, op } = event;
  const { forward, tell } = actorContext();
  switch (op.kind) {
    case 'get':
      answer(undefined, asker);
      return;
    case 'has':
    case 'remove':
      answer(false, asker);
      return;
    case 'put': {
      if (!op.isFull) {
        forward(refOf(home), { type: 'pile.enter', id, op }, asker);
        return;
      }
      tell(refOf(home), { type: 'pile.settled', n: op.n, added: 0 });
      const message = `${home} has as many elements as it may`;
      refuse(new TroupeError('PILE_FULL', message, { field: 'element.id', value: id }), event, asker);
      return;
    }
    case 'number':
    case 'order': {
      const message = `${home} has no element ${JSON.stringify(id)}, so no progression can have it`;
      refuse(new TroupeError('PROGRESSION_UNKNOWN', message, { field: 'id', value: id }), event, asker);
    }
  }
}

interface Entering {
  id: string;
  home: string;
  op: Op & { kind: 'put' };
}

/** It is new: a number for it, a place on a page, and one in every progression that takes all. */
function enter(state: IndexState, { id, home, op }: Entering, asker: Asker, orders: Orders): IndexState {
  const { n, element } = op;
  const { forward, tell } = actorContext();
  const known = numberOf(state, id);
  // Somebody else put it while the base was asked.
  if (known !== undefined) return found(state, { type: 'pile.find', id, home, op, hidden: [] }, known, asker, orders);
  const page = refOf(`${home}/${partId.page(state.epoch, Math.floor(n / state.per))}`);
  forward(page, { type: 'page.store', n, element, home }, asker);
  for (const order of orders.arrivals) {
    tell(refOf(`${home}/${partId.order(state.epoch, order)}`), { type: 'order.add', n });
  }
  const marks = Object.hasOwn(state.ids, id) ? state.ids[id]! : [];
  return { ...state, ids: withId(state.ids, id, [...marks, n]) };
}

/** Computed, so that an id may be called `__proto__`. */
function withId(ids: Record<string, number[]>, id: string, marks: number[]): Record<string, number[]> {
  return Object.fromEntries([...Object.entries(ids).filter(([other]) => other !== id), [id, marks]]);
}

/** IX1 */
function removed(ids: Record<string, number[]>, id: string, at: number, keep: boolean): Record<string, number[]> {
  if (keep) return withId(ids, id, [...ids[id]!, -at]);
  return Object.fromEntries(Object.entries(ids).filter(([other]) => other !== id));
}

function cleared(ids: Record<string, number[]>, at: number, keep: boolean): Record<string, number[]> {
  if (!keep) return {};
  const gone = (marks: number[]): number[] => (marks.at(-1)! >= 0 ? [...marks, -at] : marks);
  return Object.fromEntries(Object.entries(ids).map(([id, marks]) => [id, gone(marks)]));
}

function split(state: IndexState, count: number): IndexState {
  const entries = Object.entries(state.ids);
  const goes = ([id]: [string, number[]]): boolean => bucketOf(id, count) === count - 1;
  const bucket = refOf(`${pilePath()}/${partId.bucket(state.epoch, count - 1)}`);
  actorContext().tell(bucket, { type: 'index.take', entries: entries.filter(goes) });
  return { ...state, ids: Object.fromEntries(entries.filter((entry) => !goes(entry))) };
}
