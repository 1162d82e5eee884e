/**
 * A cell: one live actor on a host. It joins the definition's logic to the host: it is the port through
 * which the logic reaches the world, and it keeps what must survive beside the logic's own state.
 *
 * What I own: the logic's instance, the mailbox window, the live timers' serials, the effect counter.
 * What the host owns: when I run, the turn record, the acknowledgements.
 *
 * E1  In a turn every wish of the logic is written into the turn; outside a turn only `post` is allowed.
 * E2  A timer that fires counts only if its serial is the one set last: a state that was left, or entered
 *     anew, never sees the old timer.
 * E3  A cell that has failed, ended or been dropped runs no more; a later life is another cell.
 */
import type { CellInstance, CellLogic, CellPort, EffectNumber, LocalAddress, TimerFiring } from '../cell/logic.js';
import { decodeStored, firstOf, lifeIn, type StoredCell, writeStored } from '../cell/stored.js';
import type { ActorDefinition } from '../cell/define.js';
import type { ByteWriter } from '../core/bytes.js';
import { TroupeError } from '../core/errors.js';
import type { EventObject } from '../core/message.js';
import { ActorRef } from '../core/ref.js';
import { durabilityNames } from '../journal/ops.js';
import type { Activation } from '../journal/signals.js';
import type { CommitLevel } from '../journal/store.js';
import type { HostMailbox } from './mailbox.js';

/** Where a cell is in its life. */
export type CellStage =
  | 'loading'
  | 'starting'
  | 'ready'
  /** It has failed, and its supervisor says in this very turn what becomes of it. */
  | 'fallen'
  | 'failed'
  | 'gone';

/** Runs code of an actor, and returns what that returns. */
export type InNameOf = <T>(actor: ActorRef, run: () => T) => T;

/** What a cell needs of its host. */
export interface CellHost {
  /** The cell whose turn it is. */
  readonly running: Cell | undefined;
  send(from: Cell, target: ActorRef, event: EventObject): void;
  setTimer(cell: Cell, timerId: string, serial: number, delayMs: number, firing: TimerFiring): void;
  cancelTimer(cell: Cell, timerId: string): void;
  effect(cell: Cell, run: () => void): void;
  post(cell: Cell, address: LocalAddress, effectId: string, event: EventObject): void;
}

const nothing: readonly string[] = [];
const noBytes = Buffer.alloc(0);

/** One live actor. */
export class Cell implements CellPort {
  /** What it was brought to life with; let go when that is done, kept by actors that may have to begin anew. */
  activation: Activation | undefined;
  readonly self: ActorRef;
  /** Its mail in memory; undefined when there is none. */
  mailbox: HostMailbox | undefined;
  stage: CellStage = 'loading';
  instance: CellInstance | undefined;
  /** In the host's list of cells with something to do. */
  isReady = false;
  /** Mail of this actor remains with the journal. */
  more: boolean;
  /** Its parent decides what becomes of it when it fails. */
  readonly isSupervised: boolean;
  /** What it was spawned with; kept of supervised actors, which may have to begin anew. */
  input: Buffer = noBytes;
  /** A message of it has failed before, and may be the next one. */
  isRetrying: boolean;
  /** Its supervisor is here, and so is whatever the journal has told it of this actor. */
  isKnown = false;
  /** The last turn in which that was undone. */
  unknownSince = 0;
  /** Its life began on this host, where the one before failed: whatever is sent to it here is for it. */
  hasBegunHere = false;
  /** Frames under way that carry a message to this actor through the journal. */
  viaJournal = 0;
  /** Frames up to this one were sent before the cell came to life, and may carry messages to it. */
  barrierFrameNo = 0;
  stopRequested = false;
  /** It is to end without its stop hook. */
  isKilled = false;
  /** Messages that were waiting when it came back, and are to be handled before its effects begin. */
  mailAhead = 0;
  /** Begins its effects. */
  begin: (() => void) | undefined;
  /** Effects whose report became a dead letter, still to be told to the logic. */
  abandoned: readonly string[] = nothing;
  /** Milliseconds since the epoch of the last message, for passivation. */
  activeAt = 0;
  /** It has handled a message since somebody last thought of letting it go. */
  spokenTo = false;
  /** The last turn that sent it a message through the journal. */
  viaTurn = 0;
  /** Set when the definition is loaded. */
  definition: ActorDefinition | undefined;
  private counter: number;
  private timers: Map<string, number> | undefined;

  constructor(
    activation: Activation,
    private readonly host: CellHost,
    readonly parent: ActorRef | undefined,
  ) {
    const { path, aid, durability } = activation;
    this.activation = activation;
    this.self = new ActorRef(path, aid, durabilityNames[durability]);
    this.more = activation.more;
    this.isSupervised = activation.supervised;
    this.isRetrying = activation.retrying;
    this.counter = firstOf(activation.life);
  }

  /** The journal's number for it. */
  get aid(): number {
    return this.self.aid;
  }

  /** How many lives it had before this one. */
  get life(): number {
    return lifeIn(this.counter);
  }

  /** The level of its turns; an actor that is not journaled runs with the faster ones. */
  get level(): CommitLevel {
    return this.self.durability === 'flushed' ? 'flushed' : 'committed';
  }

  private get hasMail(): boolean {
    return this.mailbox !== undefined && this.mailbox.length > 0;
  }

  /** There is something to run. */
  get hasWork(): boolean {
    return this.hasMail || this.stopRequested || this.abandoned.length > 0;
  }

  /** False for durability `none`: nothing of it is written, and it begins anew with its thread. */
  get isJournaled(): boolean {
    return this.self.durability !== 'none';
  }

  /**
   * Bring back what was stored beside the logic's state, and return the logic's part as this definition's
   * version has it.
   * @throws TroupeError STATE_VERSION when the stored version is another and nothing leads from it
   */
  takeStored(bytes: Buffer, logic: CellLogic): unknown {
    const [version, persisted, counter, timers] = decodeStored(bytes);
    this.counter = counter;
    this.timers = timers === undefined ? undefined : new Map(timers);
    const { definition } = this;
    if (definition === undefined || version === definition.version) return persisted;
    const { migrate } = definition.options;
    if (migrate === undefined) {
      const what = `the state is of version ${version}, the definition of version ${definition.version}`;
      throw new TroupeError('STATE_VERSION', `${this.self.path}: ${what}, and it has no \`migrate\``);
    }
    return logic.migrate(persisted, (snapshot) => migrate(snapshot, version));
  }

  /** Append the bytes a turn record holds. @throws TroupeError PAYLOAD_NOT_CARRIABLE; nothing is appended then */
  writeState(out: ByteWriter): void {
    const version = this.definition?.version ?? 1;
    const stored: StoredCell = [version, this.instance?.persist(), this.counter];
    if (this.timers !== undefined && this.timers.size > 0) stored.push([...this.timers]);
    writeStored(out, stored, this.self.path);
  }

  /** True when this firing is of the timer as it was set last; it is then used up. */
  takeTimer(timerId: string, serial: number): boolean {
    if (this.timers?.get(timerId) !== serial) return false;
    this.timers.delete(timerId);
    return true;
  }

  // CellPort

  get inTurn(): boolean {
    return this.host.running === this;
  }

  send(target: ActorRef, event: EventObject): void {
    this.host.send(this, target, event);
  }

  get timerIds(): Iterable<string> {
    return this.timers?.keys() ?? [];
  }

  setTimer(timerId: string, delayMs: number, firing: TimerFiring): void {
    this.counter += 1;
    this.timers ??= new Map();
    this.timers.set(timerId, this.counter);
    this.host.setTimer(this, timerId, this.counter, delayMs, firing);
  }

  cancelTimer(timerId: string): void {
    if (this.timers?.delete(timerId)) this.host.cancelTimer(this, timerId);
  }

  effect(run: () => void): void {
    this.host.effect(this, run);
  }

  post(address: LocalAddress, effectId: string, event: EventObject): void {
    if (this.stage === 'ready') this.host.post(this, address, effectId, event);
  }

  nextNumber(): number {
    this.counter += 1;
    return this.counter;
  }

  /** For the id of a child that has none: counted within this life, so who begins anew finds those it had. */
  nextChildNumber(): number {
    return this.nextNumber() - firstOf(this.life);
  }

  nextEffectNumber(): EffectNumber {
    return `${this.aid}.${this.nextNumber()}`;
  }
}
