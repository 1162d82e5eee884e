/** Questions to a pile that go to its pages and progressions. See pile.ts. */
import { actorContext, TroupeError } from '../../src/index.js';
import { checkPage, checkPlace } from './pile-door.js';
import { collectOn, walkOn } from './pile-page.js';
import { refuse } from './pile-parts.js';
import { find, isOrder, orderRef, type Made, type PileState, segmentsOf } from './pile-state.js';
import type { Op, PileEvents, PlaceEvent } from './pile-words.js';
import { filtered, includes, lengthOf, slice } from './runs.js';

/** A stretch of the pile, or of one of its progressions. */
export function page(state: PileState, event: PileEvents<unknown> & { type: 'page' }, made: Made): void {
  const query = checkPage(event, made.filters);
  if (query instanceof TroupeError) {
    refuse(query);
    return;
  }
  const { from, limit, order, reverse, where } = query;
  const segments = segmentsOf(state);
  if (order === undefined) {
    const rest = { page: 0, found: [], hidden: state.hidden, hops: pagesPerRequestMax };
    walkOn({ type: 'page.list', segments, from, limit, where, ...rest });
  } else if (isOrder(order, made)) {
    const asked = { type: 'order.page', from, limit, reverse, where, segments };
    actorContext().forward(orderRef(state, order), asked);
  }
}

/** Pages one request visits, at most: the next page of the view goes on from there. */
const pagesPerRequestMax = 512;

/** Something about an id in a progression. */
export function inOrder(
  state: PileState,
  { order, id }: { order: string; id: string },
  event: (Op & { kind: 'order' })['event'],
  made: Made,
): PileState {
  if (!isOrder(order, made)) return state;
  return find(state, id, { kind: 'order', order: orderRef(state, order).path, event }, made);
}

/** Put into a progression, or move there. */
export function place(state: PileState, event: PlaceEvent, made: Made): PileState {
  const wrong = checkPlace(event);
  if (wrong !== undefined) {
    refuse(wrong);
    return state;
  }
  const { order, at, move, beside } = event;
  if (typeof at === 'string') return inOrder(state, event, { type: 'order.place', at, move }, made);
  const [side, other] = 'before' in at ? (['before', at.before] as const) : (['after', at.after] as const);
  if (beside !== undefined) return inOrder(state, event, { type: 'order.place', at: side, beside, move }, made);
  if (!isOrder(order, made)) return state;
  // First the one beside it, then its own: what is said of an id to a progression comes from its bucket.
  return find(state, other, { kind: 'number', resume: { type: 'place', order, id: event.id, at, move } }, made);
}

/** Elements of the base that were removed here. */
export function removals(state: PileState, { from, limit }: { from?: number; limit?: number }): void {
  const query = checkPage(
    { type: 'page', ...(from === undefined ? {} : { from }), ...(limit === undefined ? {} : { limit }) },
    {},
  );
  if (query instanceof TroupeError) {
    refuse(query);
    return;
  }
  const { hidden, inherited, line } = state;
  const removed = filtered(hidden, (n) => !includes(inherited, n));
  const numbers = slice(removed, query.from, query.limit);
  const end = query.from + numbers.length;
  const next = end < lengthOf(removed) ? end : undefined;
  const rest = { asked: numbers, line: [...line], segments: [], page: 0, found: [], where: {} };
  collectOn({ type: 'page.collect', numbers, next, ...rest });
}
