/**
 * What stands around the XState actors of one cell: to XState it is the root's parent, the actor system and the
 * scheduler in one object, so that an idle cell stays small. It belongs to one instance of one cell.
 *
 * What I own: who is alive in the cell, their system ids, the running effects, the root's failure.
 * What the port owns: timers, sends, effects and their commits.
 *
 * Y1  `_relay` is the single door for every event: to other actors it is collected, to local ones it goes straight
 *     in during a turn and becomes a journaled message outside one. No send enters another cell.
 * Y2  While restoring nothing is relayed, scheduled or started.
 * Y3  Every running local actor is reachable by its address, so whatever runs can be stored, found and stopped.
 * Y4  Nothing leaves a disposed cell.
 */
import { TroupeError } from '../core/errors.js';
import type { EventObject } from '../core/message.js';
import { ActorRef } from '../core/ref.js';
import { actorLogger } from './actor-log.js';
import { childAddress, parentAddress, readTimerId, rootAddress, timerIdOf } from './address.js';
import type { CellPort, EffectNumber, LocalAddress } from './logic.js';
import { EffectLogic, type EffectOwner } from './xstate-effects.js';
import { hasEffect, type LocalActor } from './xstate-internals.js';

/** The effect numbers of the running effects, by the address of their actor: stored beside the snapshot. */
export type EffectNumbers = Readonly<Record<LocalAddress, EffectNumber>>;

const noEffects: readonly EffectLogic[] = [];

/** Labels for actors that are restored. Never stored, and only for people to read. */
let restoredCount = 0;

/** See the file's header. The members XState calls keep XState's names. */
export class CellSystem implements EffectOwner {
  root: LocalActor | undefined;
  /** The root ended in an error. In a box, because anything can be thrown. */
  failure: { readonly error: unknown } | undefined;
  disposed = false;
  /** The root's logic threw, and did not merely end in an error. Kept for effects; with machines it is the same. */
  hasRootThrown = false;
  /** Has there been a local child since the last time a snapshot without any was stored? */
  hasHadChildren = false;
  private isRootBooked = false;
  private live: Map<LocalAddress, LocalActor> | undefined;
  private named: Map<string, LocalActor> | undefined;
  private effects: Map<string, EffectLogic> | undefined;

  /** @param restoring while restoring: the stored effect numbers */
  constructor(
    readonly port: CellPort,
    private restoring: EffectNumbers | undefined,
  ) {}

  /** The restored actors stand: from now on they may act. */
  endRestore(): void {
    this.restoring = undefined;
  }

  // For the instance

  /** The local actor that lives at an address now. */
  find(address: LocalAddress): LocalActor | undefined {
    return address === rootAddress ? this.root : this.live?.get(address);
  }

  /** An effect that is still expected to report. */
  findEffect(effectId: string): EffectLogic | undefined {
    const effect = this.effects?.get(effectId);
    return effect?.isWanted ? effect : undefined;
  }

  /** All effects that are not cleaned up yet. A copy: they may go while it is walked. */
  allEffects(): readonly EffectLogic[] {
    return this.effects === undefined ? noEffects : [...this.effects.values()];
  }

  /** What to store of the effects; undefined when there are none. */
  effectNumbers(): EffectNumbers | undefined {
    let numbers: Record<LocalAddress, EffectNumber> | undefined;
    for (const effect of this.effects?.values() ?? noEffects) {
      if (!effect.isWanted) continue;
      numbers ??= {};
      numbers[effect.address] = effect.number;
    }
    return numbers;
  }

  // For effects

  threw(effect: EffectLogic): void {
    if (effect.address === rootAddress) this.hasRootThrown = true;
  }

  forget(effect: EffectLogic): void {
    this.effects = drop(this.effects, effect.id);
  }

  // The parent of the root, as XState sees it

  get system(): this {
    return this;
  }

  /** User code may call `self._parent.send(event)`. */
  send(event: EventObject): void {
    this._relay(undefined, this, event);
  }

  // The actor system, as XState sees it

  /** A session id. Those of children also serve as ids of children without one, so they are unique for life. */
  _bookId(): string {
    if (!this.isRootBooked) {
      this.isRootBooked = true;
      return this.port.self.path;
    }
    this.hasHadChildren = true;
    if (this.restoring !== undefined) {
      restoredCount += 1;
      return `restored:${restoredCount}`;
    }
    return `x:${this.port.nextNumber()}`;
  }

  /** Called when an actor starts, right before its logic does. */
  _register(sessionId: string, actor: LocalActor): string {
    const address = actor === this.root ? rootAddress : this.admit(actor);
    if (hasEffect(actor.logic)) this.takeOver(actor, address);
    return sessionId;
  }

  /** Called when an actor ends; for one that is stopped by its parent also before, while it still has mail. */
  _unregister(actor: LocalActor): void {
    if (actor.systemId !== undefined && this.named?.get(actor.systemId) === actor)
      this.named = drop(this.named, actor.systemId);
    if (actor === this.root) return;
    const address = this.addressOf(actor);
    if (this.live?.get(address) === actor) {
      this.live = drop(this.live, address);
      this.cancelTimersOf(address);
    }
    // XState leaves the children of a machine that threw running.
    const { status, children } = actor.getSnapshot();
    if (status === 'error') for (const child of Object.values(children ?? {})) child?._stop();
  }

  _set(systemId: string, actor: LocalActor): void {
    const existing = this.named?.get(systemId);
    if (existing !== undefined && existing !== actor) {
      throw new Error(`Actor with system ID '${systemId}' already exists.`);
    }
    this.named = put(this.named, systemId, actor);
  }

  get(systemId: string): LocalActor | undefined {
    return this.named?.get(systemId);
  }

  getAll(): Record<string, LocalActor> {
    return Object.fromEntries(this.named ?? []);
  }

  inspect(): { unsubscribe(): void } {
    return { unsubscribe: doNothing };
  }

  _sendInspectionEvent(): void {
    // Nobody can listen: `inspect` takes no observers.
  }

  get _logger(): typeof actorLogger {
    return actorLogger;
  }

  get _clock(): undefined {
    return undefined;
  }

  getSnapshot(): object {
    return { _scheduledEvents: {} };
  }

  start(): void {
    // Only called for a root without a parent.
  }

  /** Y1. `source` is undefined when user code calls `send` on an actor. */
  _relay(source: LocalActor | undefined, target: unknown, event: EventObject): void {
    if (source !== undefined && source === this.root && target === this && this.takeOutcome(source, event)) return;
    if (this.disposed || this.restoring !== undefined) return;
    if (!this.port.inTurn) this.report(source, target, event);
    else if (target instanceof ActorRef) this.port.send(target, event);
    else if (target === this) this.sendParent(event);
    else this.localActor(target)._send(event);
  }

  /** In a turn: an event of a local actor, or of one of its effects, to the troupe parent. */
  sendParent(event: EventObject): void {
    const { self } = this.port;
    this.port.send(this.parentFor(`${self.path} sent '${event.type}' to its parent and has none`), event);
  }

  // The scheduler, as XState sees it

  get scheduler(): this {
    return this;
  }

  schedule(source: LocalActor, target: unknown, event: EventObject, delayMs: number, id?: string): void {
    if (this.restoring !== undefined || !this.isAlive(source)) return;
    if (!this.port.inTurn) {
      throw new TroupeError('OUTSIDE_TURN', `'${event.type}' was delayed outside a turn of ${this.port.self.path}`);
    }
    const from = this.addressOf(source);
    const sendId = id ?? `x:${this.port.nextNumber()}`;
    const delay = Math.max(0, delayMs || 0);
    // XState would let both fire; with durable timers the later one replaces the earlier.
    if (this.hasHadChildren) this.cancel(source, sendId);
    if (target instanceof ActorRef || target === this) {
      const why = `${this.port.self.path} sends '${event.type}' to its parent later and has none`;
      const ref = target instanceof ActorRef ? target : this.parentFor(why);
      this.port.setTimer(timerIdOf(from, undefined, sendId), delay, { ref, event });
      return;
    }
    const address = this.addressOf(this.localActor(target));
    const timerId = timerIdOf(from, address === from ? undefined : address, sendId);
    this.port.setTimer(timerId, delay, { address, event });
  }

  cancel(source: LocalActor, sendId: string): void {
    if (!this.isAlive(source)) return;
    const address = this.addressOf(source);
    this.port.cancelTimer(timerIdOf(address, undefined, sendId));
    if (!this.hasHadChildren) return;
    for (const timerId of [...this.port.timerIds]) {
      const parts = readTimerId(timerId);
      if (parts.source === address && parts.sendId === sendId) this.port.cancelTimer(timerId);
    }
  }

  /** Called when an actor ends. Children lose their timers in `_unregister`, before another takes their address. */
  cancelAll(actor: LocalActor): void {
    if (actor === this.root && this.port.inTurn) this.cancelTimersOf(rootAddress);
  }

  // Inside

  /** Timers set by an address, and those for it: XState would drop what a stopped actor receives. */
  private cancelTimersOf(address: LocalAddress): void {
    for (const timerId of [...this.port.timerIds]) {
      const { source, target } = readTimerId(timerId);
      if (source === address || target === address) this.port.cancelTimer(timerId);
    }
  }

  /** Y3: give a child that starts its place. */
  private admit(actor: LocalActor): LocalAddress {
    this.nameLikeStored(actor);
    const address = this.addressOf(actor);
    const { path } = this.port.self;
    if (typeof actor.src !== 'string') {
      const message = `the local child '${address}' of ${path} was made from inline logic and could not be restored`;
      throw new TroupeError('INLINE_CHILD', `${message}; register it in setup({ actors })`, { field: address });
    }
    const other = this.live?.get(address);
    if (other !== undefined && other !== actor) {
      const message = `${path} has a running local child '${address}' already, which would be lost from its state`;
      throw new TroupeError('INLINE_CHILD', `${message}; give each child an id of its own`, { field: address });
    }
    this.live = put(this.live, address, actor);
    return address;
  }

  /**
   * `spawnChild` without an id stores the child under the key 'undefined', and that is its id after a restore. It
   * gets this id at once, or its address would change.
   */
  private nameLikeStored(actor: LocalActor): void {
    if (actor.options.id !== undefined) return;
    const siblings = (actor._parent as LocalActor).getSnapshot().children ?? {};
    if (siblings[actor.id] === actor) return;
    const key = Object.keys(siblings).find((each) => siblings[each] === actor);
    if (key !== undefined) actor.id = key;
  }

  /** Put an `EffectLogic` in the place of effectful logic. */
  private takeOver(actor: LocalActor, address: LocalAddress): void {
    const stored = this.restoring?.[address];
    const number = this.restoring === undefined ? this.port.nextEffectNumber() : (stored ?? 0);
    const effect = new EffectLogic(this, actor, actor.logic, address, number);
    actor.logic = effect;
    if (this.restoring === undefined) {
      this.effects = put(this.effects, effect.id, effect);
      effect.startAfterCommit();
    } else if (stored === undefined) {
      effect.abandon();
    } else {
      this.effects = put(this.effects, effect.id, effect);
    }
  }

  /** The root has ended: not a message to the troupe parent, but what the instance's status says. */
  private takeOutcome(root: LocalActor, event: EventObject): boolean {
    const { status } = root.getSnapshot();
    if (status === 'done') return event === root._doneEvent;
    if (status !== 'error' || event.type !== `xstate.error.actor.${root.id}`) return false;
    this.failure ??= { error: (event as EventObject & { error: unknown }).error };
    return true;
  }

  /** Outside a turn: an effect, or user code running in one, has sent something. */
  private report(source: LocalActor | undefined, target: unknown, event: EventObject): void {
    if (target instanceof ActorRef) {
      const message = `an effect of ${this.port.self.path} used XState to send '${event.type}' to ${target.path}`;
      throw new TroupeError('OUTSIDE_TURN', `${message}; call the ref's tell instead`);
    }
    const effect = source?.logic instanceof EffectLogic ? source.logic : undefined;
    if (effect !== undefined && !effect.isWanted) return;
    const address = target === this ? parentAddress : this.addressOf(this.localActor(target));
    this.port.post(address, effect?.reportId(event) ?? '', event);
  }

  private parentFor(message: string): ActorRef {
    const { parent } = this.port;
    if (parent === undefined) throw new TroupeError('NO_PARENT', message, { field: 'parent' });
    return parent;
  }

  private localActor(target: unknown): LocalActor {
    if ((target as LocalActor | undefined)?.system === this) return target as LocalActor;
    const message = `${this.port.self.path} sends to something that is neither an ActorRef nor a local child of it`;
    throw new TroupeError('ACTOR_UNKNOWN', message, { field: 'target' });
  }

  private isAlive(actor: LocalActor): boolean {
    return actor === this.root || this.live?.get(this.addressOf(actor)) === actor;
  }

  private addressOf(actor: LocalActor): LocalAddress {
    if (actor._parent === this || actor._parent === undefined) return rootAddress;
    let address = addresses.get(actor);
    if (address === undefined) {
      address = childAddress(this.addressOf(actor._parent as LocalActor), actor.id);
      addresses.set(actor, address);
    }
    return address;
  }
}

/** Those of local children, as soon as somebody asked: they never change, and are asked for several times a message. */
const addresses = new WeakMap<LocalActor, LocalAddress>();

function doNothing(): void {
  // The end of a subscription that never was.
}

/** The map with one more in it: most cells have neither children nor effects, and so no maps. */
function put<K, V>(map: Map<K, V> | undefined, key: K, value: V): Map<K, V> {
  return (map ?? new Map<K, V>()).set(key, value);
}

/** The map without a key; undefined when nothing is left. */
function drop<K, V>(map: Map<K, V> | undefined, key: K): Map<K, V> | undefined {
  map?.delete(key);
  return map?.size === 0 ? undefined : map;
}
