/**
 * The turn as user code sees it. Actions, guards and assigns run synchronously inside a turn, so the current one is a
 * variable of the thread: the host sets it before it hands a message to a cell and clears it right after.
 *
 * X1  What is done through a context commits with the turn, or not at all.
 * X2  Outside a turn (in a promise, a callback's listener, after an await) there is no context, and saying so
 *     loudly beats doing half of it.
 */
import { TroupeError } from '../core/errors.js';
import type { EventObject, Sendable } from '../core/message.js';
import { type ActorRef, type RefClient, type ReplyTo, setTurnClient } from '../core/ref.js';
import type { Announcements } from '../observe/channels.js';
import type { ActorDefinition, SpawnOptions } from './define.js';
import type { RunEffectOptions } from './named-effects.js';
import type { Supervision } from './supervise.js';

export { ReplyTo } from '../core/ref.js';

/** The turn that handles the current message. */
export interface TurnContext {
  /** The actor that runs. */
  readonly self: ActorRef;
  /** Who spawned it, when that was an actor. */
  readonly parent?: ActorRef | undefined;
  /** Where the reply to the current message goes; undefined when it was told. Keep it to answer later. */
  readonly replyTo?: ReplyTo | undefined;
  /**
   * Answer a request: the current one, or the one `to` belongs to. Only the first answer to a request counts.
   * @throws TroupeError REPLY_OUTSIDE_REQUEST when there is nobody to answer, PAYLOAD_NOT_CARRIABLE
   */
  reply(value: unknown, to?: ReplyTo): void;
  /**
   * Pass a request on: the receiver's `reply` goes straight to whoever asked this actor, and so does word that it will
   * not come. A send like any other; when the current message was told, it is one of `tell`.
   * @param to whose request it is, if not the current one
   * @throws TroupeError EVENT_SHAPE, PAYLOAD_NOT_CARRIABLE
   */
  forward<Events extends EventObject>(target: ActorRef<Events>, event: Sendable<Events>, to?: ReplyTo): void;
  /**
   * Say no to the current message: the asker's `ask` rejects with this error. What was told becomes a dead letter, with
   * the error's code. It is no failure of the actor, and nothing that it did in the turn is undone.
   * @param kept an earlier message instead, that the actor has kept
   * @throws TroupeError REPLY_OUTSIDE_REQUEST where there is no message, at a start for instance
   */
  refuse(error: TroupeError, kept?: { event: EventObject; replyTo: ReplyTo | undefined }): void;
  /**
   * Start an actor of its own (mailbox, thread, supervision) as a child of this one. It starts when the turn is
   * committed; what is told to the ref before is kept for it.
   * @throws TroupeError PATH_ILLEGAL, PAYLOAD_NOT_CARRIABLE
   */
  spawn<Input, Events extends EventObject>(
    definition: ActorDefinition<Input, Events>,
    options: SpawnOptions<Input>,
  ): ActorRef<Events>;
  /**
   * Send a message. It leaves with the commit; there is nothing to wait for.
   * @throws TroupeError EVENT_SHAPE, PAYLOAD_NOT_CARRIABLE
   */
  tell<Events extends EventObject>(target: ActorRef<Events>, event: Sendable<Events>): void;
  /**
   * End this actor after the current message.
   * @param error ends it as failed, for this reason; default: it has been stopped
   */
  stopSelf(error?: unknown): void;
  /**
   * Begin one of the definition's `effects` when the turn is committed. Its end is told by an `EffectEnded`; its
   * `signal` is aborted when it is cancelled, and when the actor ends.
   * @param name of the effect, in the definition
   * @param options `id`: tells effects that run at the same time apart, default the name; `input`: plain data
   * @throws TroupeError EFFECT_UNKNOWN, EFFECT_RUNNING when the id belongs to one that still runs, OPTION_TYPE
   */
  runEffect(name: string, options?: RunEffectOptions): void;
  /** An effect is not wanted any more: it is aborted, and what it still reports is dropped. Unknown ids are ignored. */
  cancelEffect(id: string): void;
  /** For actors whose definition says `supervises`. @throws TroupeError NOT_A_SUPERVISOR of others */
  readonly supervision: Supervision;
  /** Be told once, by a `troupe.terminated` event, when the other actor has ended, also if it has already. */
  watch(target: ActorRef): void;
  /**
   * Tell the process, on one of the channels, once this turn has committed. News, not a message: it is told at most
   * once, and not again after a crash; the actor's state is what lasts.
   */
  announce<K extends keyof Announcements>(name: K, news: Announcements[K]): void;
  /** The W3C trace context the current message carries; what the actor sends carries it on. */
  readonly traceparent?: string | undefined;
  /** The system's time, in milliseconds since 1970. */
  now(): number;
}

let current: TurnContext | undefined;

/** The host is about to hand a message to a cell. @param client what refs that come in the message go through */
export function enterTurn(context: TurnContext, client?: RefClient): void {
  current = context;
  setTurnClient(client);
}

/** The host has handled the message. */
export function leaveTurn(): void {
  current = undefined;
  setTurnClient(undefined);
}

/**
 * The current turn, for actions written as plain functions.
 * @throws TroupeError OUTSIDE_TURN
 */
export function actorContext(): TurnContext {
  if (current !== undefined) return current;
  throw new TroupeError('OUTSIDE_TURN', 'there is no current message: this works only while an actor handles one');
}
