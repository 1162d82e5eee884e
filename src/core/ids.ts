/**
 * Ids are texts, of which the compiler knows the kind: a plain text may be any of them, and one kind never stands where
 * another one is asked for. Nothing of it is there when the program runs.
 */

declare const kind: unique symbol;

/** An id of this kind. */
export type Id<K extends string> = string & { readonly [kind]?: K };

/** Where an actor lives: `/orders/order-17`. See `path.ts`. */
export type ActorPath = Id<'path'>;

/** What an actor is called below its parent: the last part of its path, such as `order-17`. */
export type ActorId = Id<'actor'>;

/** One run of an effect: the same after a crash, and never of another run. Give it to servers as idempotency key. */
export type EffectId = Id<'effect'>;
