/**
 * The narrow contract between a cell and the logic it runs. The host knows only this; XState's
 * interpreter (`xstate-logic.ts`) is its first implementation, transition functions
 * (`transition-logic.ts`) the second.
 *
 * What I own: the logic's live state. What you (the host) own: the mailbox, the turn, timers, effects.
 *
 * C1  Inside a turn (`start`, `handle`, `fire`, `settle`) nothing leaves the logic except through the port.
 * C2  A method that throws has failed the message; the host then drops this whole instance and
 *     makes another from the last committed state. No method is called after a throw except `dispose`.
 * C3  `persist` is called only at quiescence and returns plain data that no later event changes in place.
 * C4  `restore(persist())` gives an instance that behaves the same, and re-runs no action.
 * C5  Effects start only through `port.effect`; the host calls them after the turn's commit.
 */
import type { EventObject } from '../core/message.js';
import type { ActorRef } from '../core/ref.js';


/** Where in a cell an internal event goes: '' is the root, 'a/b' the local child b of the local child a. */
export type LocalAddress = string;

/** What logic may ask of its host. */
export interface CellPort {
  /** This actor. */
  readonly self: ActorRef;
  /** The troupe parent, if it has one: the target of `sendParent`. */
  readonly parent: ActorRef | undefined;
  /** True while the host runs a turn of this very cell. */
  readonly inTurn: boolean;
  /** In a turn: collect a message to another actor. */
  send(target: ActorRef, event: EventObject): void;
  /** In a turn: collect a durable timer. The same id replaces the old one. `delayMs` up to 100 years. */
  setTimer(timerId: string, delayMs: number, firing: TimerFiring): void;
  /** In a turn: cancel a timer; unknown ids are ignored. */
  cancelTimer(timerId: string): void;
  /** In a turn: run this after the turn is committed. If the turn fails it is never run. */
  effect(run: () => void): void;
  /**
   * Outside a turn: a running effect reports. Becomes a journaled message to this cell and comes
   * back by `settle`. An event that cannot be carried is replaced by the error that says so.
   */
  post(address: LocalAddress, effectId: string, event: EventObject): void;
  /** A number unique in this actor's life, for effect ids: grows, is never used twice, also after a restore. */
  nextEffectNumber(): number;
}

/** What happens when a timer fires: an event to a local child (address) or to another actor (ref). */
export interface TimerFiring {
  /** Local receiver, or undefined when `ref` is given. */
  address?: LocalAddress;
  ref?: ActorRef;
  event: EventObject;
}

/** How the logic stands after a message. */
export type CellStatus =
  | { readonly kind: 'active' }
  | { readonly kind: 'done'; readonly output: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

/** A live instance. */
export interface CellInstance {
  /** Run the initial transition. In a turn, once in an actor's life (not after a restore). */
  start(): void;
  /** One event from the mailbox. In a turn. */
  handle(event: EventObject): void;
  /** A timer of this cell has fired. In a turn. The host has checked that it was still set. */
  fire(firing: TimerFiring): void;
  /** What an effect reported by `port.post`. In a turn. Stale reports (effect no longer running) are ignored. */
  settle(address: LocalAddress, effectId: string, event: EventObject): void;
  /** After a restore, outside any turn and with nothing left to commit: start the effects that were running, except those in `settled`. */
  resume(settled: ReadonlySet<string>): void;
  status(): CellStatus;
  /** See C3. */
  persist(): unknown;
  /** The value `system.state()` shows: for machines `{ value, context, status, output?, error? }`. */
  view(): unknown;
  /** Let go of everything: abort running effects, stop local children. Never throws. */
  dispose(): void;
}

/** A definition's logic in one host. */
export interface CellLogic {
  /** A fresh instance, not yet started. */
  create(port: CellPort, input: unknown): CellInstance;
  /**
   * An instance from what `persist` returned (decoded afresh: it may be kept and changed).
   * @throws TroupeError STATE_UNKNOWN when the stored state does not fit this logic
   */
  restore(port: CellPort, persisted: unknown): CellInstance;
}
