/** What is said to a pile, and what the actors it is made of say to each other. */
import type { Request } from '../../src/index.js';
import type { Element, Metadata } from './element.js';
import type { Runs } from './runs.js';

/** What `put` came to. `added` false: it was there already, with the same value and metadata. */
export interface Put {
  id: string;
  added: boolean;
}

/** Which elements of a view are wanted: those for which all of it holds. */
export interface Where {
  /** One of the pile's `filters`, by its name. */
  filter?: string;
  /** Of a time, in milliseconds since 1970: `since` included, `until` not. */
  since?: number;
  until?: number;
  /** Metadata that the element's must contain; compared by value. */
  metadata?: Metadata;
}

/** Which stretch of a pile is wanted. */
export interface PageQuery {
  /** Where to begin: `next` of the page before. Default: at the beginning. */
  from?: number;
  /** At most so many, 1 to 1,000. Default 100. */
  limit?: number;
  /** In the order of this progression. Default: in the order of arrival. */
  order?: string;
  /** From its end backwards. Only with `order`. */
  reverse?: boolean;
  where?: Where;
}

/** A stretch of a pile. With `where` it may have fewer elements than asked for although `next` leads on. */
export interface Page<T> {
  elements: Element<T>[];
  /** Where the next page begins; undefined: this was the last. */
  next: number | undefined;
}

/** A place in a progression. */
export type Place = 'start' | 'end' | { before: string } | { after: string };

/** A part of a line of forks: whose pages they are, and which numbers of theirs are seen. */
export interface Segment {
  path: string;
  epoch: string;
  /** Numbers of one page. */
  per: number;
  first: number;
  /** Numbers from this one on are not seen; undefined: all are. */
  end: number | undefined;
  /** Pages up to this one, without it, have been opened. */
  pages: number;
}

/** What a fork begins with: `spawn` a pile of the same definition with it as input. Plain data. */
export interface PileSeed {
  /** The pile that was forked, and what it is to be asked as of. */
  base: { path: string; version: number };
  size: number;
  /** Numbers of the line that the fork does not see. */
  hidden: Runs;
  /** The piles before, oldest first. */
  line: Segment[];
  orders: Record<string, Runs>;
}

/** What is known of a pile's descent. */
export interface Descent {
  /** Its own elements have numbers from this one on: `page` from here shows what was put since the fork. */
  first: number;
  /** Undefined: it is no fork. */
  base: { path: string; version: number } | undefined;
}

/** What a pile of T understands. Each is a request; told instead of asked, nobody is answered. */
export type PileEvents<T> =
  | Request<'put', { element: Element<T> }, Put>
  | Request<'get', { id: string }, Element<T> | undefined>
  | Request<'has', { id: string }, boolean>
  /** False: it was not there. */
  | Request<'remove', { id: string }, boolean>
  | Request<'size', object, number>
  | Request<'page', PageQuery, Page<T>>
  /** How many there were. */
  | Request<'clear', object, number>
  /** Put into a progression; one that is in it is moved there, or, without `move`, left where it is (false). */
  | Request<'place', { order: string; id: string; at: Place; move: boolean }, boolean>
  /** Take out of a progression; it stays in the pile. False: it was not in it. */
  | Request<'displace', { order: string; id: string }, boolean>
  /** Where it stands in a progression, from 0. */
  | Request<'position', { order: string; id: string }, number | undefined>
  | Request<'length', { order: string }, number>
  | Request<'fork', object, PileSeed>
  | Request<'descent', object, Descent>
  /** Elements of the base that were removed here, in the order of their arrival there. */
  | Request<'removals', { from?: number; limit?: number }, Page<T>>;

// From here on: among the actors of a pile.

/** What is to be done with an id, when its number is known. */
export type Op =
  | { kind: 'get' | 'has' }
  | { kind: 'put'; n: number; element: Element; isFull: boolean }
  | { kind: 'remove'; at: number; keep: boolean }
  /** Handed to a progression, with the number. */
  | { kind: 'order'; order: string; event: OrderEvent & { n?: number } }
  /** Said back to the pile, which goes on from there. */
  | { kind: 'number'; resume: PlaceEvent };

/** A placing, on its way. */
export interface PlaceEvent {
  type: 'place';
  order: string;
  id: string;
  at: Place;
  move: boolean;
  /** The number of the element it is to stand beside. */
  beside?: number;
}

/** Looks an id up. `home`: the pile that was asked. */
export interface Find {
  type: 'pile.find';
  id: string;
  home: string;
  op: Op;
  /** As of this version; undefined: as it is. */
  asOf?: number | undefined;
  hidden: Runs;
  base?: { path: string; version: number } | undefined;
}

/** What an index hears. */
export type IndexEvent =
  | Find
  /** The base does not have it. */
  | { type: 'index.enter'; id: string; home: string; op: Op & { kind: 'put' } }
  | { type: 'index.clear'; at: number; keep: boolean }
  /** There are so many buckets now: give the newest its part. */
  | { type: 'index.split'; count: number }
  | { type: 'index.take'; entries: [id: string, marks: number[]][] };

/** What a pile hears from its parts. */
export type PartEvent =
  | { type: 'pile.settled'; n: number; added: number }
  | { type: 'pile.hide'; n: number }
  | { type: 'pile.enter'; id: string; op: Op & { kind: 'put' } };

/** A walk over pages, segment by segment. */
export interface Walk {
  /** Still to go, this one first. */
  segments: Segment[];
  limit: number;
  hidden: Runs;
  where: Where;
  found: Element[];
  /** Pages it may still visit. */
  hops: number;
}

/** What a page hears. */
export type PageEvent =
  | { type: 'page.store'; n: number; element: Element; home: string }
  | { type: 'page.match'; n: number; element: Element; home: string; given: number }
  | { type: 'page.read'; n: number }
  | { type: 'page.drop'; n: number; at: number; keep: boolean }
  | { type: 'page.clear'; at: number; keep: boolean }
  | ({ type: 'page.list'; page: number; from: number } & Walk)
  | {
      type: 'page.collect';
      page: number;
      /** Whose page this is. */
      segments: Segment[];
      line: Segment[];
      /** In the order they are wanted, and those of them that are still to be found. */
      numbers: number[];
      asked: number[];
      found: [n: number, element: Element][];
      where: Where;
      next: number | undefined;
    };

/** What a progression hears. */
export type OrderEvent =
  | { type: 'order.add'; n: number }
  | { type: 'order.place'; at: 'start' | 'end' | 'before' | 'after'; beside?: number | undefined; move: boolean }
  | { type: 'order.drop' }
  | { type: 'order.position' }
  | { type: 'order.length' }
  | { type: 'order.clear'; at: number }
  | { type: 'order.snapshot'; seed: PileSeed; names: string[]; epoch: string }
  | { type: 'order.page'; from: number; limit: number; reverse: boolean; where: Where; segments: Segment[] };
