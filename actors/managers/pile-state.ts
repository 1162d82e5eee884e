/** What a pile knows of itself, and how it reaches its parts. See pile.ts. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { actorContext, type ActorDefinition, TroupeError } from '../../src/index.js';
import { bucketOf } from './buckets.js';
import type { PileOptions } from './pile-options.js';
import { partId, refOf, refuse } from './pile-parts.js';
import type { IndexEvent, Op, PileSeed, Segment } from './pile-words.js';
import { noRuns, type Runs } from './runs.js';

/** What a pile knows of itself. */
export interface PileState {
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
export interface Made extends Required<Omit<PileOptions<unknown>, 'schema'>> {
  schema: StandardSchemaV1 | undefined;
  index: ActorDefinition;
  page: ActorDefinition;
  order: ActorDefinition;
}

/** How a pile, or a fork of one, begins. */
export function begin(seed: PileSeed | undefined, { pageElements }: Made): PileState {
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
export function withOrders(state: PileState, { orders, order }: Made): PileState {
  const declared = Object.keys(orders);
  if (declared.length === state.orders.length) return state;
  for (const name of declared) {
    if (state.orders.includes(name)) continue;
    actorContext().spawn(order, { id: partId.order(state.epoch, name), input: state.seeds[name] ?? noRuns });
  }
  return { ...state, orders: declared, seeds: {} };
}

/** The path of the pile that runs. */
export const here = (): string => actorContext().self.path;

/** The bucket of an id. */
const bucketRef = ({ epoch, buckets }: PileState, id: string) =>
  refOf(`${here()}/${partId.bucket(epoch, bucketOf(id, buckets))}`);

/** A progression. */
export const orderRef = ({ epoch }: PileState, name: string) => refOf(`${here()}/${partId.order(epoch, name)}`);

/** The bucket of an id is told; the first one begins with that. */
export function ask(state: PileState, id: string, event: IndexEvent, made: Made): PileState {
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

/** Look an id up, and do something with its number. */
export function find(state: PileState, id: unknown, op: Op, made: Made): PileState {
  if (typeof id !== 'string') {
    refuse(new TroupeError('ELEMENT_INVALID', 'an id must be a string', { field: 'id', value: id }));
    return state;
  }
  const { base, hidden } = state;
  return ask(state, id, { type: 'pile.find', id, home: here(), op, base, hidden }, made);
}

/** The page of a number is there. */
export function withPage(state: PileState, n: number, made: Made): PileState {
  const page = Math.floor(n / state.per);
  for (let at = state.pages; at <= page; at += 1) {
    actorContext().spawn(made.page, { id: partId.page(state.epoch, at) });
  }
  return page < state.pages ? state : { ...state, pages: page + 1 };
}

/** The pile and those before it, oldest first. */
export function segmentsOf({ line, epoch, per, first, pages }: PileState): Segment[] {
  return [...line, { path: here(), epoch, per, first, end: undefined, pages }];
}

/** Is it a progression of the pile? If not, that is refused. */
export function isOrder(name: unknown, { orders }: Made): boolean {
  if (typeof name === 'string' && Object.hasOwn(orders, name)) return true;
  const known = Object.keys(orders).join(', ') || 'none';
  refuse(
    new TroupeError('OPTION_RANGE', `there is no such order; known are: ${known}`, { field: 'order', value: name }),
  );
  return false;
}
