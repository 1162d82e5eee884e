/**
 * A pile: a typed collection as an actor, safe under any number of writers, because it handles one message at a time.
 *
 * It is made of actors, so that what a put writes does not grow with it:
 *
 *   pile           a few numbers: how many there are, the next number of arrival, how many parts
 *   x0, x1, ...    the index: id -> number, about `bucketIds` ids each (pile-index.ts)
 *   p0, p1, ...    the elements, `pageElements` each, in the order of their numbers (pile-page.ts)
 *   o-name, ...    progressions: orders of the numbers (pile-order.ts)
 *
 * A request goes from the pile to the bucket of its id, and from there to page or progression, which answers whoever
 * asked. The parts run where the pile runs, so all this is mostly one turn, and one commit.
 *
 * PL1  A number is given to one element only, in the order the puts came.
 * PL2  Places are reserved when a put is passed on, so there are never more than `elementsMax`. While the last places
 *      are reserved another put is refused, although one of those under way may turn out to be a duplicate.
 * PL3  A version is a number that no element has: what came before has smaller ones, what comes after has larger ones.
 *      A fork sees the pile as of a version, for ever: what is removed afterwards is kept for it.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { fromTransition } from 'xstate';
import { actorContext, type ActorDefinition, defineActor, type Durability, TroupeError } from '../../src/index.js';
import { checkOptions, type OptionsSpec } from '../../src/core/options.js';
import { bucketOf, bucketToSplit } from './buckets.js';
import type { Element } from './element.js';
import { bucketIds, indexLogic } from './pile-index.js';
import { checkElement, checkPage, checkPlace } from './pile-door.js';
import { orderLogic } from './pile-order.js';
import { collectOn, pageLogic, walkOn } from './pile-page.js';
import { answer, type Filters, partId, refOf, refuse } from './pile-parts.js';
import type { Find, IndexEvent, Op, PartEvent, PileEvents, PileSeed, PlaceEvent, Segment } from './pile-words.js';
import { filtered, includes, lengthOf, noRuns, type Runs, slice, without, withSorted } from './runs.js';

/** What a pile of T is to be. */
export interface PileOptions<T> {
  /** What values must be: any Standard Schema that answers at once. Elements hold what it returns. Default: anything. */
  schema?: StandardSchemaV1<unknown, T>;
  /** At most so many elements, 1 to 10,000,000. Default 10,000. More are refused with PILE_FULL. */
  elementsMax?: number;
  /** Elements that are written together, 1 to 64; fixed when a pile begins. Default 8; 1 for large values. */
  pageElements?: number;
  /** Progressions by name: `arrival` takes every new element at its end, `manual` none. Default: none. */
  orders?: Readonly<Record<string, 'arrival' | 'manual'>>;
  /** Views by name, for `where.filter`: pure functions that do not throw. */
  filters?: Readonly<Record<string, (element: Element<T>) => boolean>>;
  /** As of any definition. Default `flushed`. */
  durability?: Exclude<Durability, 'none'>;
}

const optionsSpec: OptionsSpec<PileOptions<unknown>> = {
  schema: { type: 'any' },
  elementsMax: { type: 'integer', min: 1, max: 10_000_000, default: 10_000 },
  pageElements: { type: 'integer', min: 1, max: 64, default: 8 },
  orders: { type: 'object', default: {} },
  filters: { type: 'object', default: {} },
  durability: { type: 'string', oneOf: ['flushed', 'committed'], default: 'flushed' },
};

interface PileState {
  epoch: string;
  per: number;
  /** PL1, PL3 */
  next: number;
  /** No number below is given back: a version or a removal refers to it. */
  floor: number;
  first: number;
  size: number;
  buckets: number;
  pages: number;
  forks: number;
  clearedAt: number;
  /** Progressions that have begun. */
  orders: readonly string[];
  /** PL2: the numbers of puts under way. */
  pending: Runs;
  base: { path: string; version: number } | undefined;
  line: readonly Segment[];
  hidden: Runs;
  /** Of these, what the fork began with. */
  inherited: Runs;
  seeds: Readonly<Record<string, Runs>>;
}

/** A definition, taken apart. */
interface Made extends Required<Omit<PileOptions<unknown>, 'schema'>> {
  schema: StandardSchemaV1 | undefined;
  index: ActorDefinition;
  page: ActorDefinition;
  order: ActorDefinition;
}

type Hears = PileEvents<unknown> | PartEvent | Find | PlaceEvent;

/**
 * Declare a pile, at the top level of a module, and export it; spawn it as any actor.
 *
 *   export const notes = pile<Note>(import.meta, 'notes', { schema: noteSchema, orders: { read: 'manual' } });
 *   const ref = await system.spawn(notes, { id: 'notes' });
 *   await ref.ask({ type: 'put', element: element({ text: 'hello' }, { clock }) });
 *
 * A put of an id that is there is idempotent when value and metadata are the same, else refused with PILE_CONFLICT; one
 * of more than `elementsMax` with PILE_FULL; one whose element or value is not what it must be with ELEMENT_INVALID.
 * What fails is refused at the door and changes nothing. After a crash a pile is as it was. Supervise it with
 * `restore` or `resume`: with `reset` it begins empty, and what it held stays on the disk.
 *
 * The names `NAME.index`, `NAME.page` and `NAME.order` are taken as well.
 *
 * @param meta the module's `import.meta`
 * @param name unique in the system
 * @param options see `PileOptions`
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE; what `defineActor` throws
 */
export function pile<T = unknown>(
  meta: { readonly url: string },
  name: string,
  options: PileOptions<T> = {},
): ActorDefinition<PileSeed | undefined, PileEvents<T>> {
  const where = `pile("${name}")`;
  const checked = checkOptions<PileOptions<unknown>>(options, optionsSpec, where) as Required<PileOptions<unknown>>;
  checkNames(checked, where);
  const { durability, orders, filters } = checked;
  const all = Object.keys(orders);
  const arrivals = all.filter((each) => orders[each] === 'arrival');
  // A part's messages come from its pile, so what fails there once may not fail again; a lost one would be missed.
  const part = { durability, placement: 'with-parent', passivateAfterMs: 60_000, maxAttempts: 100 } as const;
  const made: Made = {
    ...checked,
    index: defineActor(meta, `${name}.index`, indexLogic({ all, arrivals }), part),
    page: defineActor(meta, `${name}.page`, pageLogic(filters as Filters), part),
    order: defineActor(meta, `${name}.order`, orderLogic, part),
  };
  const logic = fromTransition(
    (state: PileState, event: Hears) => hear(withOrders(state, made), event, made),
    ({ input }: { input: PileSeed | undefined }) => begin(input, made),
  );
  return defineActor(meta, name, logic, { durability }) as ActorDefinition<PileSeed | undefined, PileEvents<T>>;
}

function checkNames({ orders, filters, schema }: PileOptions<unknown>, where: string): void {
  for (const [name, mode] of Object.entries(orders ?? {})) {
    if (/^[A-Za-z0-9_]{1,64}$/.test(name) && (mode === 'arrival' || mode === 'manual')) continue;
    const rule = "a name of letters, digits and _, and 'arrival' or 'manual'";
    throw new TroupeError('OPTION_RANGE', `${where}: orders.${name} must be ${rule}`, {
      field: `orders.${name}`,
      value: mode,
    });
  }
  for (const [name, filter] of Object.entries(filters ?? {})) {
    if (typeof filter === 'function') continue;
    const field = `filters.${name}`;
    throw new TroupeError('OPTION_TYPE', `${where}: ${field} must be a function`, { field, value: filter });
  }
  if (schema === undefined || typeof schema?.['~standard']?.validate === 'function') return;
  throw new TroupeError('OPTION_TYPE', `${where}: schema must be a Standard Schema`, {
    field: 'schema',
    value: schema,
  });
}

function begin(seed: PileSeed | undefined, { pageElements }: Made): PileState {
  const first = seed?.base.version ?? 0;
  const hidden = seed?.hidden ?? noRuns;
  const counts = { size: seed?.size ?? 0, buckets: 0, forks: 0, clearedAt: 0 };
  return {
    epoch: actorContext().now().toString(36),
    per: pageElements,
    next: first,
    floor: first,
    first,
    ...counts,
    pages: Math.floor(first / pageElements),
    orders: [],
    pending: noRuns,
    base: seed?.base,
    line: seed?.line ?? [],
    hidden,
    inherited: hidden,
    seeds: seed?.orders ?? {},
  };
}

/** Progressions that are declared and have not begun. One that is declared later begins empty. */
function withOrders(state: PileState, { orders, order }: Made): PileState {
  const declared = Object.keys(orders);
  if (declared.length === state.orders.length) return state;
  for (const name of declared) {
    if (state.orders.includes(name)) continue;
    actorContext().spawn(order, { id: partId.order(state.epoch, name), input: state.seeds[name] ?? noRuns });
  }
  return { ...state, orders: declared, seeds: {} };
}

function hear(state: PileState, event: Hears, made: Made): PileState {
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

const here = (): string => actorContext().self.path;
const bucketRef = ({ epoch, buckets }: PileState, id: string) =>
  refOf(`${here()}/${partId.bucket(epoch, bucketOf(id, buckets))}`);
const orderRef = ({ epoch }: PileState, name: string) => refOf(`${here()}/${partId.order(epoch, name)}`);

/** The bucket of an id is told; the first one begins with that. */
function ask(state: PileState, id: string, event: IndexEvent, made: Made): PileState {
  const { spawn, forward } = actorContext();
  let now = state;
  if (state.buckets === 0) {
    spawn(made.index, {
      id: partId.bucket(state.epoch, 0),
      input: { epoch: state.epoch, per: state.per, waits: false },
    });
    now = { ...state, buckets: 1 };
  }
  forward(bucketRef(now, id), event);
  return now;
}

function find(state: PileState, id: unknown, op: Op, made: Made): PileState {
  if (typeof id !== 'string') {
    refuse(new TroupeError('ELEMENT_INVALID', 'an id must be a string', { field: 'id', value: id }));
    return state;
  }
  const { base, hidden } = state;
  return ask(state, id, { type: 'pile.find', id, home: here(), op, base, hidden }, made);
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

/** The page of a number is there. */
function withPage(state: PileState, n: number, made: Made): PileState {
  const page = Math.floor(n / state.per);
  for (let at = state.pages; at <= page; at += 1) {
    actorContext().spawn(made.page, { id: partId.page(state.epoch, at) });
  }
  return page < state.pages ? state : { ...state, pages: page + 1 };
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

/** The pile and those before it, oldest first. */
function segmentsOf({ line, epoch, per, first, pages }: PileState): Segment[] {
  return [...line, { path: here(), epoch, per, first, end: undefined, pages }];
}

function isOrder(name: unknown, { orders }: Made): boolean {
  if (typeof name === 'string' && Object.hasOwn(orders, name)) return true;
  const known = Object.keys(orders).join(', ') || 'none';
  refuse(
    new TroupeError('OPTION_RANGE', `there is no such order; known are: ${known}`, { field: 'order', value: name }),
  );
  return false;
}

function page(state: PileState, event: PileEvents<unknown> & { type: 'page' }, made: Made): void {
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

function inOrder(
  state: PileState,
  { order, id }: { order: string; id: string },
  event: (Op & { kind: 'order' })['event'],
  made: Made,
): PileState {
  if (!isOrder(order, made)) return state;
  return find(state, id, { kind: 'order', order: orderRef(state, order).path, event }, made);
}

function place(state: PileState, event: PlaceEvent, made: Made): PileState {
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

function removals(state: PileState, { from = 0, limit = 100 }: { from?: number; limit?: number }): void {
  const { hidden, inherited, line } = state;
  const removed = filtered(hidden, (n) => !includes(inherited, n));
  const numbers = slice(removed, from, limit);
  const next = from + numbers.length;
  const isLast = slice(removed, next, 1).length === 0;
  const rest = { asked: numbers, line: [...line], segments: [], page: 0, found: [], where: {} };
  collectOn({ type: 'page.collect', numbers, next: isLast ? undefined : next, ...rest });
}
