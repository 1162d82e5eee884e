/**
 * Running cells: a turn from its first message to the record handed to the journal.
 *
 * What I own: the turn under way, whose message is being handled. What the host owns: the cells, their
 * mailboxes, who is ready.
 *
 * R1  A message that throws leaves nothing but a failure record; its cell is dropped, and the journal brings
 *     it back from its last committed state (G1), unless it begins anew in this very turn (`fallen.ts`).
 * R2  A message goes to a cell of this host directly only if nothing for that cell is under way through the
 *     journal, so the order per pair holds on both paths (G3).
 *     The same where nothing is kept: while a message to it waits for the end of a turn, or until it is known where
 *     it lives, none goes into its mailbox directly.
 * R3  The state is encoded after every message, not only at the end of the turn: a later message of the same
 *     turn that fails, even one that changed the context in place, cannot spoil it.
 * R4  What an effect reports is recorded with the turn that handles it, where that is the actor's next; else it goes
 *     through the journal like any message. When that turn fails it is recorded as the message that failed, so its
 *     effect is not run again for it.
 */
import { enterTurn, leaveTurn } from '../cell/context.js';
import type { LocalAddress, TimerFiring } from '../cell/logic.js';
import { ByteReader } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { encode } from '../core/codec.js';
import { type Envelope, EnvelopeKind, readEnvelope, takeEvent } from '../core/envelope.js';
import { TroupeError, toPlain } from '../core/errors.js';
import { hitFailpoint } from '../core/failpoint.js';
import type { InjectedFailures } from '../core/injected-failure.js';
import { limits } from '../core/limits.js';
import type { EventObject } from '../core/message.js';
import type { ActorRef } from '../core/ref.js';
import { Decision, type DecisionValue, EndKind, FailKind, openFailure } from '../journal/ops.js';
import type { Cell, CellHost, InNameOf } from './cell.js';
import { type Client, type ClientTurn, checkEvent } from './client.js';
import { Envelopes } from './envelopes.js';
import { type ChildRecord, childEvent, failureReport, terminatedEvent } from './failure.js';
import { Fallen, wordOf } from './fallen.js';
import type { HeartbeatWriter } from './heartbeat.js';
import type { ChannelMessages, Tell } from '../observe/channels.js';
import type { MailItem } from './mailbox.js';
import type { Outbox } from './outbox.js';
import { Releases } from './releases.js';
import { type LocalMail, Turn } from './turn.js';
import { RunnerContext } from './turn-context.js';

/** The type of the event by which an actor is told what ended its thread outside of its messages. */
const uncaughtType = 'troupe.uncaught';

interface Uncaught extends EventObject {
  type: typeof uncaughtType;
  error: unknown;
}

/** What the runner needs of its host. */
export interface RunnerHost {
  readonly session: number;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly client: Client;
  readonly heartbeat: HeartbeatWriter;
  /** The cell living at a path, if it lives here. */
  cellAt(path: string): Cell | undefined;
  isHere(cell: Cell): boolean;
  /** Put a message into a cell's mailbox and let it run. */
  enqueue(cell: Cell, item: MailItem): void;
  /** Take a message back out of a mailbox. */
  unqueue(cell: Cell, item: MailItem): void;
  /** The next message of a cell's mailbox. */
  dequeue(cell: Cell): MailItem | undefined;
  /** The cell lives here no more. */
  forget(cell: Cell, stage: 'failed' | 'gone'): void;
  /** One of a cell's messages is handled. */
  mailHandled(cell: Cell): void;
  /** Not journaled and failed: begin anew with the rest of the mail. */
  renew(cell: Cell): void;
  /** Journaled, failed and reset by its supervisor in the same turn: its next life, with its mail. */
  nextLifeOf(cell: Cell): Cell;
  /** What tests have armed. */
  readonly injected: InjectedFailures;
  /** Bring news to the process's channels. */
  announce: Tell;
  /** Run an actor's code so that what it begins can be told to be its own. */
  inNameOf: InNameOf;
  /** Something an effect of the kernel's plumbing threw. */
  unhandled(cell: Cell, error: unknown): void;
}

/** Runs messages and writes the turn record. */
export class Runner implements CellHost {
  readonly turn = new Turn();
  /** The cell whose message is being handled. */
  running: Cell | undefined;
  /** The running actor has asked to end as failed. */
  private givenUp: { error: unknown } | undefined;
  /** The message being handled. */
  current: Envelope | undefined;
  private readonly context = new RunnerContext(this);
  private readonly fallen = new Fallen();
  private readonly releases: Releases;
  private readonly envelopes: Envelopes;
  /** Messages that actors which are not journaled failed at in this turn. */
  private readonly letters: { path: string; error: unknown; envelope: Envelope }[] = [];
  /** Totals since the start. */
  readonly stats = { turns: 0, messages: 0, failures: 0 };

  constructor(private readonly host: RunnerHost) {
    this.releases = new Releases(host);
    this.envelopes = new Envelopes(host, this);
    host.client.turn = this.callersTurn();
  }

  /** Let a cell do its next thing: its first turn, its stop, or one message. */
  run(cell: Cell): void {
    if (cell.stage === 'starting' && !cell.isKilled) this.runMessage(cell, undefined);
    else if (cell.stage === 'starting') this.runStop(cell);
    else if (cell.stage !== 'ready') return;
    else if (cell.stopRequested) this.runStop(cell);
    else if (cell.abandoned.length > 0) this.runMessage(cell, undefined);
    else {
      const item = this.host.dequeue(cell);
      if (item !== undefined) this.runMessage(cell, item);
    }
  }

  /** Refs used while a message is handled (an action that calls `ref.tell`) act in its turn, like the context does. */
  private callersTurn(): ClientTurn {
    const runner = this;
    const committed = (cell: Cell) => new Promise<void>((resolve) => this.effect(cell, resolve));
    return {
      get isOpen() {
        return runner.running !== undefined;
      },
      tell: (target, event) => {
        const { running } = this;
        if (running === undefined) return undefined;
        this.send(running, target, event);
        return committed(running);
      },
      sent: (target) => {
        const cell = this.host.cellAt(target.path);
        if (cell !== undefined) this.holdDirect(cell);
      },
      stop: (target) => {
        const { running } = this;
        if (running === undefined) return undefined;
        this.turn.frame.stop(target.aid, target.path, false);
        return committed(running);
      },
    };
  }

  /** The time, as the host's clock has it. */
  now(): number {
    return this.host.clock.now();
  }

  /** Write the record of the turn and hand it over. */
  close(): void {
    const { turn, host } = this;
    const { frame, deferred, via, newcomers } = turn;
    host.heartbeat.end();
    // Their receivers are here: a cell that leaves takes its part along (`sendOn`).
    const left = turn.unhandledLocals;
    // From the newest on, which stands last in its mailbox.
    for (const { cell, item } of left.toReversed()) host.unqueue(cell, item);
    for (const { cell, item } of left) {
      frame.sendBytes(item.bytes as Buffer);
      via.push(cell);
    }
    for (const cell of this.fallen.end()) host.forget(cell, 'failed');
    this.writeLetters();
    turn.writeStates();
    this.stats.turns += 1;
    const release = this.releases.add(turn.number, deferred);
    if (frame.isEmpty) {
      this.releases.due(release);
      return;
    }
    for (const cell of via) cell.viaJournal += 1;
    hitFailpoint('turn.beforeCommit');
    host.outbox.send(frame, {
      acked: () => {
        for (const cell of via) cell.viaJournal -= 1;
        for (const cell of newcomers) cell.isKnown ||= release.turn > cell.unknownSince;
        hitFailpoint('host.afterAck');
        this.releases.due(release);
      },
      failed: () => this.releases.drop(release),
    });
  }

  // What cells ask for

  /** @param asker whose question the receiver is to answer */
  send(from: Cell, target: ActorRef, event: EventObject, asker?: Envelope['replyTo']): void {
    this.requireTurn(from, 'sending');
    checkEvent(event, target.path);
    const cell = this.host.cellAt(target.path);
    const isToVolatile = !from.isJournaled && target.durability === 'none';
    if (isToVolatile && this.sendUnjournaled(from, target, cell, event, asker)) return;
    if (cell !== undefined && this.isDirect(cell)) {
      const bytes = this.envelopes.bytesOf(this.envelopes.of(target, encode(event, event.type), asker));
      this.turn.sendLocal(cell, { seq: 0, envelope: readEnvelope(new ByteReader(bytes)), bytes });
      return;
    }
    this.turn.frame.sendValue(this.envelopes.header(target, asker), event, event.type);
    if (cell !== undefined) this.noteVia(cell);
  }

  /** Answer a question: with the commit, or, where there is none, after the turn. */
  reply(cell: Cell, { session, askId }: { session: number; askId: number }, value: Buffer, ok = true): void {
    if (cell.isJournaled) {
      this.turn.frame.reply(session, askId, ok, value);
      return;
    }
    const { client } = this.host;
    this.effect(cell, () => {
      if (client.direct?.reply(session, askId, ok, value)) return;
      client.write('committed', (frame) => frame.reply(session, askId, ok, value));
    });
  }

  /** The actor does not take a message: who asked is told, what was told becomes a dead letter. */
  refuse(cell: Cell, error: TroupeError, kept?: { event: EventObject; replyTo: Envelope['replyTo'] }): void {
    const { current } = this;
    if (kept === undefined && current === undefined) {
      throw new TroupeError('REPLY_OUTSIDE_REQUEST', `${cell.self.path} refused a message, and there is none`);
    }
    const why = encode(toPlain(error), 'error');
    const { replyTo } = kept ?? (current as Envelope);
    if (replyTo !== undefined) return this.reply(cell, replyTo, why, false);
    const letter = kept && this.envelopes.of(cell.self, encode(kept.event, kept.event.type));
    this.turn.frame.deadLetter(
      error.code,
      cell.self.path,
      why,
      this.envelopes.bytesOf(letter ?? (current as Envelope)),
    );
  }

  setTimer(cell: Cell, timerId: string, serial: number, delayMs: number, firing: TimerFiring): void {
    this.requireTurn(cell, 'setting a timer');
    if (!(delayMs >= 0) || delayMs > limits.timerDelayMsMax) {
      const message = `a delay must be between 0 and ${limits.timerDelayMsMax} ms, not ${delayMs}`;
      throw new TroupeError('OPTION_RANGE', message, { field: 'delay', value: delayMs });
    }
    const payload = encode([timerId, serial, firing.address, firing.ref, firing.event], firing.event.type);
    const envelope: Envelope = { ...this.envelopes.of(cell.self, payload), kind: EnvelopeKind.timer };
    const dueAt = this.host.clock.now() + delayMs;
    if (cell.isJournaled) {
      this.turn.frame.timerSet(cell.aid, timerId, dueAt, envelope);
      return;
    }
    const kept = { ...envelope, payload: Buffer.from(payload) };
    this.effect(cell, () => {
      this.host.clock.after(delayMs, () => this.enqueueUnjournaled(cell, kept));
    });
  }

  cancelTimer(cell: Cell, timerId: string): void {
    if (this.running === cell && cell.isJournaled) this.turn.frame.timerCancel(cell.aid, timerId);
  }

  effect(cell: Cell, run: () => void): void {
    this.requireTurn(cell, 'starting an effect');
    this.turn.deferred.push({ cell, run });
  }

  announce<K extends keyof ChannelMessages>(cell: Cell, name: K, message: ChannelMessages[K]): void {
    this.effect(cell, () => this.host.announce(name, message));
  }

  post(cell: Cell, address: LocalAddress, effectId: string, event: EventObject): void {
    const bytes = this.envelopes.reportBytes(cell.self, address, effectId, event);
    const envelope = readEnvelope(new ByteReader(bytes));
    if (!cell.isJournaled) {
      this.enqueueUnjournaled(cell, envelope);
      return;
    }
    if (this.takesReports(cell)) {
      this.host.enqueue(cell, { seq: 0, envelope, bytes });
      return;
    }
    this.host.client.write(cell.level, (frame) => frame.sendBytes(bytes));
    this.holdDirect(cell);
  }

  /** R2, R4: until what the client has gathered for it now is settled, nothing goes to it directly. */
  private holdDirect(cell: Cell): void {
    // The client sends what it has gathered in two frames at most.
    cell.barrierFrameNo = this.host.outbox.lastFrameNo + 2;
  }

  /** What this actor began ends the thread. It is told by a message that fails: then it is charged, when it is up. */
  uncaught(actor: ActorRef, error: unknown): void {
    const event: Uncaught = { type: uncaughtType, error };
    const payload = encode(['', '', event], event.type);
    const envelope: Envelope = {
      ...this.envelopes.header(actor),
      kind: EnvelopeKind.settle,
      payload: payload as Buffer,
    };
    this.host.client.write(actor.durability === 'flushed' ? 'flushed' : 'committed', (frame) => frame.send(envelope));
  }

  /** The running supervisor decides about a child. @param seq of its failure, `openFailure`, or 0 of an exit */
  decide(aid: number, seq: number, decision: DecisionValue, why: string): void {
    this.turn.frame.decide(aid, seq, decision, why);
    this.fallen.rule(aid, seq, decision === Decision.reset);
  }

  /** The running supervisor starts a child: the journal will tell it of one that is there already. */
  starts(path: string): void {
    const cell = this.host.cellAt(path);
    if (cell === undefined) return;
    cell.isKnown = false;
    cell.unknownSince = this.turn.number;
  }

  /** The running actor is to end as failed, when its message is handled. */
  giveUp(error: unknown): void {
    this.givenUp = { error };
  }

  // Messages

  /** One message from beginning to end; `item` undefined is the initial transition, or word of abandoned effects. */
  private runMessage(cell: Cell, item: MailItem | undefined): void {
    const { turn, host } = this;
    const isFirst = cell.stage === 'starting';
    turn.open();
    this.fallen.begin();
    this.running = cell;
    this.current = item?.envelope;
    let failed: { error: unknown } | undefined;
    try {
      hitFailpoint('host.beforeMessage');
      host.heartbeat.begin(cell.aid, item?.seq ?? 0);
      enterTurn(this.context, host.client);
      if (item !== undefined && host.injected.isArmed) host.injected.meet(cell.self.path);
      if (item !== undefined && cell.isJournaled) this.writeConsumed(cell, item);
      host.inNameOf(cell.self, () => this.handle(cell, item));
      if (isFirst) cell.stage = 'ready';
      this.conclude(cell);
      hitFailpoint('turn.afterHandle');
    } catch (error) {
      turn.reject();
      failed = { error };
    } finally {
      leaveTurn();
      this.running = undefined;
      this.current = undefined;
      this.givenUp = undefined;
    }
    // Out of its turn: what its effects do when they are aborted is no part of it.
    if (failed !== undefined) return this.messageFailed(cell, item, failed.error);
    if (item !== undefined) item.bytes = undefined;
    this.stats.messages += 1;
    cell.activeAt = turn.time;
    // It may have ended in it.
    if (isFirst && cell.stage === 'ready') this.hasStarted(cell);
    if (!cell.isKnown && cell.isSupervised) turn.newcomers.push(cell);
    if (item !== undefined) {
      cell.spokenTo = true;
      host.mailHandled(cell);
    }
    this.acceptMessage(cell);
  }

  private readonly giveLocal = ({ cell, item }: LocalMail): void => {
    if (this.host.isHere(cell)) this.host.enqueue(cell, item);
  };

  /** The message is handled: what it sent to cells of this host waits there, if they are still here. */
  private acceptMessage(cell: Cell): void {
    this.turn.accept(this.giveLocal);
    if (!this.host.isHere(cell)) this.sendOn(cell);
    for (const each of this.fallen.takeReset()) this.beginAnew(each);
  }

  /** Its supervisor has reset it, and it is still where it failed. */
  private beginAnew(cell: Cell): void {
    const next = this.host.nextLifeOf(cell);
    this.turn.frame.here(cell.aid);
    this.turn.readdress(cell, next);
    if (!this.host.isHere(next)) this.sendOn(next);
  }

  /** Its supervisor hears of it in this turn if it can, and then of whatever comes after; else the journal says so. */
  private hasStarted(cell: Cell): void {
    if (!cell.isSupervised || cell.definition?.options.supervises !== undefined) return;
    const supervisor = this.supervisorOf(cell);
    cell.isKnown = supervisor !== undefined;
    if (supervisor?.definition?.options.supervises !== 'in-order') return;
    this.turn.frame.startedHere(cell.aid);
    this.tellHere(cell, supervisor, 'started');
  }

  /** Who decides about a cell, if it can be told in this turn. */
  private supervisorOf({ parent }: Cell): Cell | undefined {
    const supervisor = parent && this.host.cellAt(parent.path);
    return supervisor !== undefined && supervisor.aid === parent?.aid && this.isDirect(supervisor)
      ? supervisor
      : undefined;
  }

  /** Word of a child, behind whatever its supervisor has been told in this turn. */
  private tellHere(cell: Cell, supervisor: Cell, what: 'failed' | 'started', ...facts: unknown[]): void {
    const bytes = this.envelopes.bytesOf(wordOf(cell, supervisor, this.turn.time, what, ...facts));
    this.turn.sendLocal(supervisor, { seq: 0, envelope: readEnvelope(new ByteReader(bytes)), bytes });
  }

  /**
   * A cell has left in the middle of the turn: the turn's mail for it travels through the journal, and is written
   * now. What is sent to it later in the turn is written when it is sent, and must not overtake (R2).
   */
  private sendOn(gone: Cell): void {
    for (const { cell, item } of this.turn.unhandledLocals) {
      if (cell !== gone) continue;
      this.turn.frame.sendBytes(item.bytes as Buffer);
      item.bytes = undefined;
    }
  }

  private handle(cell: Cell, item: MailItem | undefined): void {
    const { instance, definition } = cell;
    if (instance === undefined || definition === undefined) {
      throw new TroupeError('STATE_UNKNOWN', `${cell.self.path} has no instance`);
    }
    if (item === undefined && cell.stage === 'ready') {
      const { abandoned } = cell;
      cell.abandoned = [];
      for (const effectId of abandoned) instance.abandon(effectId);
      return;
    }
    if (item === undefined) {
      definition.options.hooks?.preStart?.(this.context);
      instance.start();
      return;
    }
    const value = takeEvent(item.envelope);
    switch (item.envelope.kind) {
      case EnvelopeKind.event:
        instance.handle(value as EventObject);
        break;
      case EnvelopeKind.settle: {
        const [address, effectId, event] = value as [string, string, EventObject];
        if (event.type === uncaughtType) throw (event as Uncaught).error;
        instance.settle(address, effectId, event);
        break;
      }
      case EnvelopeKind.timer: {
        const [timerId, serial, address, ref, event] = value as [string, number, string?, ActorRef?, EventObject?];
        if (event !== undefined && cell.takeTimer(timerId, serial)) instance.fire({ address, ref, event });
        break;
      }
      case EnvelopeKind.terminated:
        instance.handle(terminatedEvent(value as [string, number, Buffer]));
        break;
      case EnvelopeKind.child:
        instance.handle(childEvent(value as ChildRecord, item.envelope.sentAt));
        break;
    }
  }

  /** After a handled message: the state as it is now, or the end. */
  private conclude(cell: Cell): void {
    const { givenUp } = this;
    const status =
      givenUp === undefined
        ? (cell.instance?.status() ?? { kind: 'active' })
        : ({ kind: 'error', ...givenUp } as const);
    if (status.kind === 'active') {
      if (!cell.isJournaled) return;
      this.turn.keepState(cell, cell.instance?.isBusy() ?? false);
      return;
    }
    const isDone = status.kind === 'done';
    const value = isDone ? encode(status.output, 'output') : encode(toPlain(status.error), 'error');
    this.turn.frame.ended(cell.aid, isDone ? EndKind.done : EndKind.failed, value);
    this.endCell(cell);
  }

  private runStop(cell: Cell): void {
    const { turn, host } = this;
    turn.open();
    this.fallen.begin();
    this.running = cell;
    try {
      enterTurn(this.context, host.client);
      const hooks = cell.isKilled ? undefined : cell.definition?.options.hooks;
      if (hooks !== undefined) host.inNameOf(cell.self, () => hooks.postStop?.(this.context));
      turn.frame.ended(cell.aid, EndKind.stopped, Buffer.alloc(0));
    } catch (error) {
      turn.reject();
      turn.frame.ended(cell.aid, EndKind.failed, encode(toPlain(error), 'error'));
    } finally {
      leaveTurn();
      this.running = undefined;
    }
    this.endCell(cell);
    this.acceptMessage(cell);
  }

  /** The cell is over; its effects end when that is committed. */
  private endCell(cell: Cell): void {
    this.turn.forgetState(cell);
    this.turn.deferred.push({ cell, run: () => cell.instance?.dispose() });
    this.host.forget(cell, 'gone');
  }

  private messageFailed(cell: Cell, item: MailItem | undefined, error: unknown): void {
    const { frame } = this.turn;
    this.stats.failures += 1;
    if (!cell.isJournaled) {
      this.unjournaledFailed(cell, item, error);
      return;
    }
    // What it did in this turn before it failed comes first: its start, for instance, of which others are told.
    this.turn.writeState(cell);
    const supervisor = this.supervisorHere(cell, item);
    let seq = item?.seq ?? 0;
    if (item?.bytes !== undefined) {
      // Sent within this turn: it is accepted now, and as the last one sent it is the message that failed.
      frame.sendBytes(item.bytes);
      item.bytes = undefined;
      seq = openFailure;
    }
    const report = failureReport(cell.definition, error);
    frame.fail(cell.aid, seq, supervisor === undefined ? FailKind.message : FailKind.toldHere, report);
    cell.instance?.dispose();
    if (supervisor === undefined || !this.fallen.take(cell, seq, this.turn.number)) {
      this.host.forget(cell, 'failed');
      this.sendOn(cell);
    }
    if (supervisor === undefined) return;
    this.tellHere(cell, supervisor, 'failed', seq, 1, report, false);
    this.turn.accept(this.giveLocal);
  }

  /** Who decides about a message that has failed for the first time, if it can hear of it in this turn. */
  private supervisorHere(cell: Cell, item: MailItem | undefined): Cell | undefined {
    // A start is tried again by the journal; who supervises is up when it says so, which only the journal knows.
    if (item === undefined || !cell.isKnown || cell.definition?.options.supervises !== undefined) return undefined;
    return item.bytes === undefined && cell.isRetrying ? undefined : this.supervisorOf(cell);
  }

  /** Not journaled: the message is a dead letter, the actor begins anew with the rest of its mail. */
  private unjournaledFailed(cell: Cell, item: MailItem | undefined, error: unknown): void {
    cell.instance?.dispose();
    if (item === undefined) {
      this.turn.frame.ended(cell.aid, EndKind.failed, encode(toPlain(error), 'error'));
      this.host.forget(cell, 'failed');
      return;
    }
    this.letters.push({ path: cell.self.path, error, envelope: item.envelope });
    this.host.renew(cell);
  }

  /** The turn's dead letters: to write down an error with its stack takes longer than to begin anew. */
  private writeLetters(): void {
    for (const { path, error, envelope } of this.letters) {
      this.turn.frame.deadLetter(
        'MESSAGE_FAILED',
        path,
        encode(toPlain(error), 'error'),
        this.envelopes.bytesOf(envelope),
      );
    }
    this.letters.length = 0;
  }

  /** Neither of the two is journaled: no record, straight to the receiver once the message is handled. */
  private sendUnjournaled(
    from: Cell,
    target: ActorRef,
    cell: Cell | undefined,
    event: EventObject,
    asker: Envelope['replyTo'],
  ): boolean {
    const { direct } = this.host.client;
    if (cell !== undefined && !cell.isJournaled && !this.isBehind(target.path)) {
      const isTold = asker === undefined;
      const envelope = isTold
        ? this.envelopes.carried(target, event)
        : this.envelopes.of(target, encode(event, event.type), asker);
      this.turn.sendLocal(cell, { seq: 0, envelope, bytes: undefined });
      return true;
    }
    if (direct === undefined || cell?.isJournaled) return false;
    const envelope = this.envelopes.of(target, encode(event, event.type), asker);
    this.releases.leaves(target.path, this.turn.number);
    this.effect(
      from,
      () => void direct.send(target, envelope)?.catch((error: unknown) => this.host.unhandled(from, error)),
    );
    return true;
  }

  /** R2 */
  private isBehind(path: string): boolean {
    return this.releases.isLeaving(path) || (this.host.client.direct?.isSeeking(path) ?? false);
  }

  // Envelopes

  private writeConsumed(cell: Cell, item: MailItem): void {
    if (item.bytes !== undefined) this.turn.frame.local(item.bytes);
    else this.turn.frame.consume(cell.aid, item.seq);
  }

  /** A message to this cell travels through the journal: until it is back, none goes directly. */
  private noteVia(cell: Cell): void {
    cell.viaTurn = this.turn.number;
    this.turn.via.push(cell);
  }

  /** R2. */
  private isDirect(cell: Cell): boolean {
    const { turn } = this;
    // Who has fallen may begin anew in this turn: what is sent to it waits for that.
    if (
      (cell.stage !== 'ready' && cell.stage !== 'fallen' && !(cell.stage === 'starting' && cell.hasBegunHere)) ||
      cell.more ||
      cell.viaJournal > 0 ||
      cell.viaTurn === turn.number
    )
      return false;
    if (!cell.isJournaled || cell.stopRequested || cell.level !== turn.level) return false;
    return this.host.outbox.isSettled(cell.barrierFrameNo);
  }

  /** R4: nothing waits, or is on its way through the journal. */
  private takesReports(cell: Cell): boolean {
    if (cell.more || cell.viaJournal > 0 || cell.hasWork) return false;
    return this.host.outbox.isSettled(cell.barrierFrameNo);
  }

  private enqueueUnjournaled(cell: Cell, envelope: Envelope): void {
    if (this.host.isHere(cell)) this.host.enqueue(cell, { seq: 0, envelope, bytes: undefined });
  }

  private requireTurn(cell: Cell, what: string): void {
    if (this.running === cell) return;
    throw new TroupeError('OUTSIDE_TURN', `${what} works only while ${cell.self.path} handles a message`);
  }
}
