/** A progression from outside: an order of a pile's elements, with its operations by name. Holds no state. */
import type { ActorRef } from '../../src/index.js';
import type { Element, ElementId } from './element.js';
import type { Page, PageQuery, PileEvents } from './pile-words.js';

/** An order of a pile's elements. All methods reject as `ask` does. */
export interface Progression<T> {
  /**
   * Put it at the end. One that is in it stays where it is: false.
   * Rejects with PROGRESSION_UNKNOWN when the id is not in the pile; so do the others that place something.
   */
  append(id: ElementId): Promise<boolean>;
  /** Put it before (after) another one, or move it there. Rejects with PROGRESSION_UNKNOWN when that is not in it. */
  insertBefore(id: ElementId, other: ElementId): Promise<boolean>;
  insertAfter(id: ElementId, other: ElementId): Promise<boolean>;
  /** Move it to an end; one that is not in it comes in there. */
  move(id: ElementId, to: 'start' | 'end'): Promise<boolean>;
  /** Take it out; it stays in the pile. False: it was not in it. */
  remove(id: ElementId): Promise<boolean>;
  /** Where it stands, from 0; undefined: it is not in it. */
  position(id: ElementId): Promise<number | undefined>;
  length(): Promise<number>;
  /** A stretch of it, also from its end (`reverse`), or of a view of it (`where`). */
  page(query?: Omit<PageQuery, 'order'>): Promise<Page<T>>;
  /** All of it, page by page. What is changed meanwhile may be seen twice or not at all. */
  all(query?: Omit<PageQuery, 'order' | 'from'>): AsyncGenerator<Element<T>, void>;
}

/**
 * A progression of a pile. Use it in programs and effects; inside a turn, send the pile's own events.
 * @param pile the pile's ref
 * @param order one of the `orders` of its definition
 */
export function progression<T>(pile: ActorRef<PileEvents<T>>, order: string): Progression<T> {
  type Place = (PileEvents<T> & { type: 'place' })['at'];
  const place = (id: string, at: Place, move: boolean): Promise<boolean> =>
    pile.ask({ type: 'place', order, id, at, move });
  const page = (query: Omit<PageQuery, 'order'> = {}): Promise<Page<T>> => pile.ask({ type: 'page', ...query, order });
  return {
    append: (id) => place(id, 'end', false),
    insertBefore: (id, other) => place(id, { before: other }, true),
    insertAfter: (id, other) => place(id, { after: other }, true),
    move: (id, to) => place(id, to, true),
    remove: (id) => pile.ask({ type: 'displace', order, id }),
    position: (id) => pile.ask({ type: 'position', order, id }),
    length: () => pile.ask({ type: 'length', order }),
    page,
    all: (query = {}) => allOf((from) => page({ ...query, from })),
  };
}

/** Every element of pages that lead from one to the next. */
export async function* allOf<T>(page: (from: number) => Promise<Page<T>>): AsyncGenerator<Element<T>, void> {
  let from: number | undefined = 0;
  while (from !== undefined) {
    const { elements, next }: Page<T> = await page(from);
    yield* elements;
    from = next;
  }
}
