/**
 * Actions for machines. Each is a plain function to XState, which runs it in its place among the others; what it does
 * goes through the turn's context and commits with the turn. `context` and `event` are inferred as in XState's own
 * action creators.
 */
import {
  type ActionArgs,
  type ActionFunction,
  type DoNotInfer,
  type EventObject,
  type InferEvent,
  type MachineContext,
  type NonReducibleUnknown,
  type ParameterizedObject,
  type SendToActionOptions,
  sendTo as xstateSendTo,
} from 'xstate';
import type { ReplyOf } from '../core/message.js';
import type { ActorRef, ReplyTo } from '../core/ref.js';
import { actorContext } from './context.js';
import type { ActorDefinition, SpawnOptions } from './define.js';

type Params = ParameterizedObject['params'] | undefined;

/** A function of the step's context and event. */
export type Expression<C extends MachineContext, XE extends EventObject, P extends Params, E extends EventObject, R> = (
  args: ActionArgs<C, XE, E>,
  params: P,
) => R;

/** An action that asks nothing of the machine around it. */
export type TroupeAction<C extends MachineContext, XE extends EventObject, P extends Params, E extends EventObject> = (
  args: ActionArgs<C, XE, E>,
  params: P,
) => void;

/** `unknown` would swallow the function beside it in a union and with it the types of its parameters. */
type Value<T> = unknown extends T ? NonReducibleUnknown : T;

/**
 * Answer the current request. Inside the transition of a `Request` event the value must be its reply's type.
 * @param value the reply, or a function of `{ context, event }` that returns it
 * @throws (while the message is handled) REPLY_OUTSIDE_REQUEST when it was told, PAYLOAD_NOT_CARRIABLE
 */
export function reply<C extends MachineContext, XE extends EventObject, P extends Params, E extends EventObject>(
  value: Expression<C, XE, P, E, DoNotInfer<Value<ReplyOf<XE>>>> | DoNotInfer<Value<ReplyOf<XE>>>,
): TroupeAction<C, XE, P, E>;
/**
 * Answer an earlier request, whose `replyTo` the actor has kept.
 * @param options `to`: the kept `ReplyTo`, or a function of `{ context, event }` that returns it
 */
export function reply<C extends MachineContext, XE extends EventObject, P extends Params, E extends EventObject>(
  value: Expression<C, XE, P, E, unknown> | NonReducibleUnknown,
  options: { to: ReplyTo | Expression<C, XE, P, E, ReplyTo> },
): TroupeAction<C, XE, P, E>;
export function reply<C extends MachineContext, XE extends EventObject, P extends Params, E extends EventObject>(
  value: unknown,
  options?: { to: ReplyTo | Expression<C, XE, P, E, ReplyTo> },
): TroupeAction<C, XE, P, E> {
  return (args, params) => {
    const resolved = resolve(value, args, params);
    if (options === undefined) actorContext().reply(resolved);
    else actorContext().reply(resolved, resolve(options.to, args, params) as ReplyTo);
  };
}

function resolve(value: unknown, args: unknown, params: unknown): unknown {
  return typeof value === 'function' ? (value as (args: unknown, params: unknown) => unknown)(args, params) : value;
}

/**
 * Start an actor with a mailbox, a thread and a supervisor of its own, as a child of this one. (XState's `spawnChild`
 * makes a local child inside this actor.) To keep its ref, call `actorContext().spawn` in an `assign`.
 * @param options `id` and `input`, or a function of `{ context, event }` that returns them
 * @throws (while the message is handled) PATH_ILLEGAL, PAYLOAD_NOT_CARRIABLE
 */
export function spawnActor<
  C extends MachineContext,
  XE extends EventObject,
  P extends Params,
  E extends EventObject,
  Input,
  Events extends EventObject,
>(
  definition: ActorDefinition<Input, Events>,
  options: SpawnOptions<DoNotInfer<Input>> | Expression<C, XE, P, E, SpawnOptions<DoNotInfer<Input>>>,
): TroupeAction<C, XE, P, E> {
  return (args, params) => {
    actorContext().spawn(definition, resolve(options, args, params) as SpawnOptions<Input>);
  };
}

/**
 * XState's `sendTo` for troupe's refs.
 * `to`: a ref, or a function of `{ context, event }` that returns one; `event`: the event, or a function that returns
 * it; `options`: `delay` in milliseconds or by name, `id` for XState's `cancel`.
 */
export type SendToRef = <
  C extends MachineContext,
  XE extends EventObject,
  P extends Params,
  Events extends EventObject,
  E extends EventObject,
  Delay extends string = never,
  UsedDelay extends Delay = never,
>(
  to: ActorRef<Events> | Expression<C, XE, P, E, ActorRef<Events>>,
  event: DoNotInfer<Events> | Expression<C, XE, P, E, InferEvent<Events>>,
  options?: SendToActionOptions<C, XE, P, DoNotInfer<E>, UsedDelay>,
) => ActionFunction<C, XE, E, P, never, never, never, Delay, never>;

/**
 * XState's `sendTo`, that also accepts troupe's refs; use it in place of XState's. At run time it is XState's own, so
 * delay, id and `cancel` work, and a delayed send to another actor is a durable timer of this one.
 */
// Only the types differ: XState hands a target through to the system's relay without looking at it.
export const sendTo = xstateSendTo as unknown as SendToRef & typeof xstateSendTo;
