/**
 * Effects of a cell: promises, callbacks, observables and custom logic with a `start`. An `EffectLogic` takes the
 * place of such logic in its XState actor; XState calls it during the turn, it calls the real logic afterwards.
 *
 * What I own: when the real logic starts, hears events and is cleaned up; the effect's id.
 * What XState owns: the snapshot. It changes during turns only.
 *
 * F1  The real `start`, listeners and clean-up run only after the commit of the turn that asked for them.
 * F2  An effect starts once in an instance's life, and never when it was stopped first.
 * F3  Whoever was started is cleaned up once: when stopped, when failed, or by `dispose`.
 * F4  The id stays the same over restores, and another start at the same address has another id.
 */
import type { EffectId } from '../core/ids.js';
import { TroupeError } from '../core/errors.js';
import type { EventObject } from '../core/message.js';
import type { CellPort, EffectFailed, EffectNumber, LocalAddress } from './logic.js';
import { effectFailedType } from './logic.js';
import { effectIdOfCall } from './named-effects.js';
import type { LocalActor, LocalLogic, LocalScope, LocalSnapshot } from './xstate-internals.js';
import { isCallback, isLastReport, stopEventType } from './xstate-internals.js';

/** Ends the id under which an effect reports that has more to say, so that `resume` does not take it for settled. */
const moreToCome = '+';

/** What an effect needs of its cell. */
export interface EffectOwner {
  readonly port: CellPort;
  /** The cell is gone: nothing is reported any more. */
  readonly disposed: boolean;
  /** The effect will not run (again) and needs no clean-up. */
  forget(effect: EffectLogic): void;
  /** The effect's logic threw during a turn. */
  threw(effect: EffectLogic): void;
}

/**
 * `settled`: its last report is recorded or under way, and nothing of it runs here. `ended`: nothing is expected of
 * it any more, and nothing has to be cleaned up.
 */
type EffectStage = 'waiting' | 'running' | 'settled' | 'ended';

/** Stands in for effectful logic in one actor. */
export class EffectLogic implements LocalLogic {
  /** `path#address#number`: stable over crashes and restores, and of this start alone, whoever lives here later. */
  readonly id: string;
  readonly config: unknown;
  /** Its turn has stopped it; the clean-up may still have to come. */
  stopped = false;
  private stage: EffectStage = 'waiting';
  private scope: LocalScope | undefined;
  /** The snapshot to clean up with: XState's own is marked as stopped by then. */
  private last: LocalSnapshot | undefined;
  private readonly heedsEvents: boolean;

  /**
   * @param address of the actor
   * @param number from `port.nextEffectNumber`, or as it was stored
   */
  constructor(
    private readonly owner: EffectOwner,
    private readonly actor: LocalActor,
    private readonly real: LocalLogic,
    readonly address: LocalAddress,
    readonly number: EffectNumber,
  ) {
    this.id = `${owner.port.self.path}#${address}#${number}`;
    this.config = real.config;
    this.heedsEvents = isCallback(real);
  }

  // What XState calls, during a turn or a restore.

  /** XState believes it has started; `startAfterCommit` or, after a restore, `resume` sees to it. */
  start(_snapshot: LocalSnapshot, scope: LocalScope): void {
    this.scope = scope;
  }

  transition(snapshot: LocalSnapshot, event: EventObject, scope: LocalScope): LocalSnapshot {
    if (event.type === stopEventType) {
      this.end(snapshot);
      return { ...snapshot, status: 'stopped', input: undefined } as LocalSnapshot;
    }
    if (event.type === effectFailedType) {
      this.end(snapshot);
      return { ...snapshot, status: 'error', error: (event as EffectFailed).error, input: undefined } as LocalSnapshot;
    }
    if (this.heedsEvents) {
      this.owner.port.effect(() => this.deliver(event));
      return snapshot;
    }
    const next = this.step(snapshot, event, scope);
    if (next.status !== 'active') {
      this.stage = 'ended';
      this.owner.forget(this);
    }
    return next;
  }

  getPersistedSnapshot(snapshot: LocalSnapshot, options?: unknown): unknown {
    return this.real.getPersistedSnapshot(snapshot, options);
  }

  getInitialSnapshot(scope: LocalScope, input: unknown): LocalSnapshot {
    return this.real.getInitialSnapshot(scope, input);
  }

  // What the cell calls.

  /** In a turn: start the real logic once the turn is committed. */
  startAfterCommit(): void {
    this.owner.port.effect(() => this.begin());
  }

  /** Start the real logic now (F1: the caller knows that nothing waits for a commit). */
  begin(): void {
    if (this.stage !== 'waiting' || this.stopped || this.owner.disposed) return;
    this.stage = 'running';
    const started = this.guard((scope) => this.real.start?.(this.actor.getSnapshot(), scope));
    // What did not start holds nothing: XState's observables would trip over a clean-up.
    if (!started) this.stage = 'settled';
  }

  /** Its last report is recorded: it must not start again. The report may still be to come. */
  markSettled(): void {
    if (this.stage === 'waiting') this.stage = 'settled';
  }

  /** Its last report could not be handled: it never runs again. Between a restore and `resume`, or in a turn. */
  abandon(): void {
    this.end(this.actor.getSnapshot());
  }

  /** Is its result still expected? Then its number is stored. */
  get isWanted(): boolean {
    return !this.stopped && this.stage !== 'ended';
  }

  /** Does it run here, or is about to? */
  get isRunning(): boolean {
    return !this.stopped && (this.stage === 'waiting' || this.stage === 'running');
  }

  /** The id to report an event under. */
  reportId(event: EventObject): string {
    return isLastReport(event) ? this.id : this.id + moreToCome;
  }

  /** In a turn: no more of it. What has been started is cleaned up after the commit. */
  end(snapshot: LocalSnapshot): void {
    if (this.stopped || this.stage === 'ended') return;
    this.stopped = true;
    this.last = snapshot;
    if (this.stage === 'running') {
      this.owner.port.effect(() => this.cleanUp());
      return;
    }
    this.stage = 'ended';
    this.owner.forget(this);
  }

  /** Release what the real logic holds, now. Harmless when there is nothing to release. */
  cleanUp(): void {
    this.owner.forget(this);
    if (this.stage !== 'running' || this.scope === undefined) return;
    this.stage = 'ended';
    try {
      this.real.transition(this.last ?? this.actor.getSnapshot(), { type: stopEventType }, this.scope);
    } catch (cause) {
      throw new TroupeError('EFFECT_FAILED', `the clean-up of ${this.id} threw`, { field: this.id, cause });
    }
  }

  private step(snapshot: LocalSnapshot, event: EventObject, scope: LocalScope): LocalSnapshot {
    try {
      return this.real.transition(snapshot, event, scope);
    } catch (error) {
      this.owner.threw(this);
      throw error;
    }
  }

  /** An event for a callback's listeners, which are user code. */
  private deliver(event: EventObject): void {
    if (this.stage !== 'running' || this.stopped || this.owner.disposed) return;
    this.guard((scope) => this.real.transition(this.actor.getSnapshot(), event, scope));
  }

  /** Run user code outside a turn; what it throws settles the effect as its error. Returns false if it threw. */
  private guard(run: (scope: LocalScope) => unknown): boolean {
    try {
      if (this.scope !== undefined) run(this.scope);
      return true;
    } catch (error) {
      const failed: EffectFailed = { type: effectFailedType, error };
      if (!this.owner.disposed) this.owner.port.post(this.address, this.id, failed);
      return false;
    }
  }
}

/** The effect an id of `post` belongs to. */
export function effectIdOfReport(reportId: string): string {
  return reportId.endsWith(moreToCome) ? reportId.slice(0, -moreToCome.length) : reportId;
}

/**
 * The stable id of a running effect, for use as an idempotency key: the same when the effect is run again after
 * a crash, another one when the actor starts it anew.
 * @param self what `fromPromise`, `fromCallback` or `fromObservable` handed to the creator, or what the function of a
 *   named effect was told
 * @returns undefined when `self` is no effect of a troupe actor
 */
export function effectIdOf(self: object): EffectId | undefined {
  const { logic } = self as { logic?: unknown };
  return logic instanceof EffectLogic ? logic.id : effectIdOfCall(self);
}
