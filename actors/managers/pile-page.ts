/**
 * A page of a pile: the elements whose numbers lie next to each other, few of them (`pageElements`), in an actor of
 * their own. So what is written for one element does not grow with the pile.
 *
 * PG1  Slots are in the order of their numbers.
 * PG2  A slot that is gone (`at` says before which number) is kept only while there are forks that see it.
 * PG3  What arrives for a number from before the last `clear` came too late, and is gone.
 */
import { isDeepStrictEqual } from 'node:util';
import { fromTransition } from 'xstate';
import { actorContext, TroupeError } from '../../src/index.js';
import type { Element } from './element.js';
import { answer, type Filters, isWanted, partId, refOf, refuse } from './pile-parts.js';
import type { PageEvent, Segment } from './pile-words.js';
import { includes } from './runs.js';

interface Slot {
  n: number;
  element: Element;
  at?: number;
}

interface PageState {
  slots: readonly Slot[];
  clearedAt: number;
}

/** The logic of a page. @param filters of the pile's definition */
export const pageLogic = (filters: Filters) =>
  fromTransition((state: PageState, event: PageEvent): PageState => hear(state, event, filters), {
    slots: [],
    clearedAt: 0,
  });

function hear(state: PageState, event: PageEvent, filters: Filters): PageState {
  switch (event.type) {
    case 'page.store':
      return store(state, event);
    case 'page.match':
      match(state, event);
      return state;
    case 'page.read':
      answer(state.slots.find(({ n }) => n === event.n)?.element);
      return state;
    case 'page.drop': {
      const { n, at, keep } = event;
      if (!keep) return { ...state, slots: state.slots.filter((slot) => slot.n !== n) };
      return { ...state, slots: state.slots.map((slot) => (slot.n === n ? { ...slot, at } : slot)) };
    }
    case 'page.clear': {
      const { at, keep } = event;
      const slots = keep ? state.slots.map((slot) => (slot.at === undefined ? { ...slot, at } : slot)) : [];
      return { slots, clearedAt: at };
    }
    case 'page.list':
      list(state, event, filters);
      return state;
    case 'page.collect':
      collect(state, event, filters);
      return state;
    default:
      return state;
  }
}

function store(state: PageState, { n, element, home }: PageEvent & { type: 'page.store' }): PageState {
  answer({ id: element.id, added: true });
  actorContext().tell(refOf(home), { type: 'pile.settled', n, added: 1 });
  if (n < state.clearedAt) return state;
  const slots = [...state.slots, { n, element }];
  // PG1
  return { ...state, slots: slots.sort((a, b) => a.n - b.n) };
}

/** It is there: as it is given, or as something else? */
function match({ slots }: PageState, { n, element, home, given }: PageEvent & { type: 'page.match' }): void {
  const { id } = element;
  const there = slots.find((slot) => slot.n === n)?.element;
  actorContext().tell(refOf(home), { type: 'pile.settled', n: given, added: 0 });
  if (there !== undefined && isSame(there, element)) {
    answer({ id, added: false });
    return;
  }
  const message = `${home} has another element ${JSON.stringify(id)}; remove that first, or give this one another id`;
  refuse(new TroupeError('PILE_CONFLICT', message, { field: 'element.id', value: id }));
}

/** Do two elements say the same? Their times do not matter: who puts again may have made it again. */
export function isSame(a: Element, b: Element): boolean {
  return isDeepStrictEqual([a.value, a.metadata], [b.value, b.metadata]);
}

/** Is a slot seen from a segment's end? */
function isSeen({ n, at }: Slot, { end }: Segment): boolean {
  if (end === undefined) return at === undefined;
  return n < end && (at === undefined || at >= end);
}

function list({ slots }: PageState, event: PageEvent & { type: 'page.list' }, filters: Filters): void {
  const { page, from, segments, limit, hidden, where } = event;
  const [segment, ...later] = segments as [Segment, ...Segment[]];
  const found = [...event.found];
  for (const slot of slots) {
    if (slot.n < from || !isSeen(slot, segment)) continue;
    // Hidden numbers are those of the piles before.
    if (segment.end !== undefined && includes(hidden, slot.n)) continue;
    if (!isWanted(slot.element, where, filters, isDeepStrictEqual)) continue;
    if (found.length === limit) {
      answer({ elements: found, next: slot.n });
      return;
    }
    found.push(slot.element);
  }
  if (page + 1 < segment.pages) walkOn({ ...event, found }, page + 1);
  else walkOn({ ...event, found, segments: later });
}

/** To the next page of the first segment, or to the first one of the next. */
export function walkOn(walk: PageEvent & { type: 'page.list' }, nextPage?: number): void {
  for (const [index, segment] of walk.segments.entries()) {
    const first = Math.floor(Math.max(walk.from, segment.first) / segment.per);
    const page = index === 0 && nextPage !== undefined && nextPage > first ? nextPage : first;
    if (page >= segment.pages) continue;
    if (walk.hops <= 0) {
      answer({ elements: walk.found, next: Math.max(page * segment.per, segment.first) });
      return;
    }
    const segments = walk.segments.slice(index);
    const ref = refOf(`${segment.path}/${partId.page(segment.epoch, page)}`);
    actorContext().forward(ref, { ...walk, segments, page, hops: walk.hops - 1 });
    return;
  }
  answer({ elements: walk.found, next: undefined });
}

function collect({ slots }: PageState, event: PageEvent & { type: 'page.collect' }, filters: Filters): void {
  const [segment] = event.segments as [Segment, ...Segment[]];
  const isHere = (n: number): boolean =>
    n >= segment.first && n < (segment.end ?? Infinity) && Math.floor(n / segment.per) === event.page;
  const found = [...event.found];
  for (const slot of slots) {
    if (!isHere(slot.n) || !event.numbers.includes(slot.n) || !isSeen(slot, segment)) continue;
    if (isWanted(slot.element, event.where, filters, isDeepStrictEqual)) found.push([slot.n, slot.element]);
  }
  collectOn({ ...event, found, asked: event.asked.filter((n) => !isHere(n)) });
}

/** To the page of the first number that is still asked for. Numbers that nobody took may have no page. */
export function collectOn(event: PageEvent & { type: 'page.collect' }): void {
  for (const [index, n] of event.asked.entries()) {
    const segment = event.line.find(({ first, end = Infinity }) => n >= first && n < end);
    if (segment === undefined) continue;
    const page = Math.floor(n / segment.per);
    if (page >= segment.pages) continue;
    const ref = refOf(`${segment.path}/${partId.page(segment.epoch, page)}`);
    actorContext().forward(ref, { ...event, asked: event.asked.slice(index), segments: [segment], page });
    return;
  }
  const byNumber = new Map(event.found);
  answer({ elements: event.numbers.flatMap((n) => byNumber.get(n) ?? []), next: event.next });
}
