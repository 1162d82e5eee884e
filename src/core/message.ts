/** What actors say to each other, as types: events, requests and their replies. Types only. */

/** An event as XState knows it: an object with a `type`. */
export interface EventObject {
  type: string;
}

/** An event nothing more is known of: what an untyped ref accepts. */
export interface AnyEvent extends EventObject {
  // As XState's AnyEventObject: `unknown` would refuse events declared as interfaces.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  [key: string]: any;
}

declare const replyType: unique symbol;

/** What marks an event type as a request. Never present at run time, so an object literal still fits the type. */
export interface Expects<R> {
  readonly [replyType]?: (reply: R) => R;
}

/**
 * An event that expects a reply: `Request<'read', {}, number>` is told or asked as `{ type: 'read' }`.
 * @typeParam Type the event's `type`
 * @typeParam Payload its other fields
 * @typeParam R the reply's type; exists only for the compiler
 */
export type Request<Type extends string, Payload extends object, R> = { type: Type } & Payload & Expects<R>;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** The events a ref of E may be told: all of them. An actor that replies to a request which was told fails it. */
export type Sendable<E extends EventObject> = IsAny<E> extends true ? AnyEvent : E;

/** The requests among events; `never` when there are none. */
export type RequestOf<E extends EventObject> = E extends unknown
  ? typeof replyType extends keyof E
    ? E
    : never
  : never;

/** The `type`s of the requests among E. */
export type RequestType<E extends EventObject> = IsAny<E> extends true ? string : RequestOf<E>['type'];

/** The request of one type, as a literal of it is written. */
export type RequestEvent<E extends EventObject, Type extends string> =
  IsAny<E> extends true ? AnyEvent : { type: Type } & Extract<RequestOf<E>, { type: Type }>;

/** What the requests E are answered with; `unknown` for events that are no requests, or not known. */
export type ReplyOf<E extends EventObject> = IsAny<E> extends true ? unknown : E extends Expects<infer R> ? R : unknown;

/** The reply to the requests of one type among E. */
export type Reply<E extends EventObject, Type extends string> =
  IsAny<E> extends true ? unknown : ReplyOf<Extract<RequestOf<E>, { type: Type }>>;

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
