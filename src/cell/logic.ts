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
 * C5  Effects start only through `port.effect`; the host calls them after the turn's commit, in the order
 *     collected. What one throws is no failure of a message: the host records it (EFFECT_FAILED) and goes on.
 * C6  After a restore the host calls `resume` before the first turn; what it returns may come later.
 */
import type { EventObject } from '../core/message.js';
import type { ActorRef } from '../core/ref.js';
import type { RunEffectOptions } from './named-effects.js';

/** Where in a cell an internal event goes: '' is the root, 'a/b' the local child b of the local child a. */
export type LocalAddress = string;

/** The type of the event by which an effect's failure is told where no result could be. See `EffectFailed`. */
export const effectFailedType = 'troupe.effect.failed';

/** The type of the event by which an actor is told that one of its named effects is over. See `EffectEnded`. */
export const effectEndedType = 'troupe.effect.ended';

/** An effect could not start, its listener threw, or what it reported cannot be carried. */
export interface EffectFailed extends EventObject {
  type: typeof effectFailedType;
  error: unknown;
}

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
  /** The ids of this cell's live timers, those of this turn included, also after a restore. */
  readonly timerIds: Iterable<string>;
  /** In a turn: run this after the turn is committed. If the turn fails it is never run. */
  effect(run: () => void): void;
  /**
   * Outside a turn: a running effect reports. Becomes a journaled message to this cell and comes
   * back by `settle`, with the same address and id. An event that cannot be carried is replaced by an
   * `EffectFailed` with the error that says so. Reports of one cell keep their order. Never throws.
   * @param effectId opaque to the host; '' when local code sent it that is no effect
   */
  post(address: LocalAddress, effectId: string, event: EventObject): void;
  /** A number unique to this actor: grows, is never used twice, also after a restore or when it begins anew. */
  nextNumber(): number;
  /** The same, unique in the whole journal: another actor that lives here later has none of them. */
  nextEffectNumber(): EffectNumber;
}

/** `actor.number`, such as `12.3`. What an earlier build has stored is the second of them alone. */
export type EffectNumber = string | number;

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
  /**
   * A report could not be handled and became a dead letter. In a turn, or between a restore and `resume`. If it was
   * the effect's last report, the effect counts as settled: it is not run again, now or, once the state is stored,
   * after a restore. Others and stale ones are ignored.
   */
  abandon(effectId: string): void;
  /**
   * After a restore, outside any turn: which effects are to go on.
   * @param settled the effect ids, as `post` gave them, of all reports that wait to be settled
   * @returns begins the effects that were running, except those in `settled` and those that have ended meanwhile. To be
   *   called once, with nothing left to commit
   */
  resume(settled: ReadonlySet<string>): () => void;
  /** Is there anything to `resume`? */
  readonly hasEffects: boolean;
  /** Are effects running, or about to? Then the cell must stay in memory, and come back into it after a restart. */
  isBusy(): boolean;
  status(): CellStatus;
  /** See C3. */
  persist(): unknown;
  /** Of machines: does it have a transition for this event now? Others hear everything. */
  hears?(event: EventObject): boolean;
  /** In a turn: begin a named effect. @throws TroupeError EFFECT_UNKNOWN, EFFECT_RUNNING, OPTION_TYPE */
  runEffect?(name: string, options: RunEffectOptions): void;
  /** In a turn: a named effect is not wanted any more. Unknown ids are ignored. */
  cancelEffect?(id: string): void;
  /** The value `system.state()` shows: for machines `{ value, context, status, output?, error? }`. Plain data. */
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
  /**
   * Change a stored state, for a definition whose version has grown.
   * @param persisted what `persist` returned, decoded afresh
   * @param change gets the snapshot as XState's `getPersistedSnapshot` gives it, and returns one like it
   * @returns what `restore` takes
   * @throws what `change` throws, and TroupeError STATE_UNKNOWN when `persisted` is of no known form
   */
  migrate(persisted: unknown, change: (snapshot: unknown) => unknown): unknown;
}
