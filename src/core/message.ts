/** What actors say to each other, as types: events, requests and their replies. Types only. */

/** An event as XState knows it: an object with a `type`. */
export interface EventObject {
  type: string;
}

declare const replyType: unique symbol;

/**
 * An event that expects a reply.
 * @typeParam Type the event's `type`
 * @typeParam Payload its other fields
 * @typeParam R the reply's type; exists only for the compiler
 */
export type Request<Type extends string, Payload extends object, R> = { type: Type } & Payload & {
    readonly [replyType]?: (reply: R) => R;
  };

/** PLACEHOLDER-TYPES: refined in this file */
export type Sendable<E extends EventObject> = E;
export type RequestOf<E extends EventObject> = E;
export type Reply<E extends EventObject, R> = E extends { readonly [replyType]?: (reply: infer T) => unknown } ? (R extends E ? T : never) : never;

/** Options of `tell`. */
export interface TellOptions {
  /** W3C trace context to carry along. */
  traceparent?: string;
}

/** Options of `ask`. */
export interface AskOptions extends TellOptions {
  /** How long to wait for the reply, in milliseconds. Default 5,000. */
  timeoutMs?: number;
  /** Give up early; the reply, when it comes, counts as late. */
  signal?: AbortSignal;
}
