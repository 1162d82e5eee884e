/**
 * The journal's state machine: who lives, what waits for whom, which timers run. It is a pure fold of
 * frames: the journal thread applies each frame once before committing it, recovery applies the same
 * frames again after a crash and arrives at the same place. No time, no chance, no I/O of its own.
 *
 * What I own: rows, paths, counters, timers. What the caller owns: bytes on disk, threads, routing;
 * what a frame means for those is told through `Outcomes`, which recovery leaves silent.
 *
 * J1  The same frames in the same order give the same rows, numbers and outcomes.
 * J2  Every envelope of a frame takes the next sequence number, whether delivered, local or refused.
 * J3  Every accepted envelope ends in exactly one of: consumed, dead letter, still waiting.
 * J4  Rows leave RAM only when a checkpoint has stored them (`row-table.ts`).
 */
import { ByteReader } from '../core/bytes.js';
import { encode } from '../core/codec.js';
import { envelopeAt, parseEnvelope } from '../core/envelope.js';
import { type ErrorCode, TroupeError } from '../core/errors.js';
import { findChildren, type Tables } from './damaged.js';
import { Deciding } from './deciding.js';
import { Ending, shutdownTimerId } from './ending.js';
import type { ChunkStore, MailItem } from './mail-queue.js';
import { GroupNotes } from './notes.js';
import {
  type DecisionValue,
  EndKind,
  type EndKindValue,
  FailKind,
  frameHeaderBytes,
  type OpVisitor,
  readOps,
  type SpawnSpec,
  Supervises,
} from './ops.js';
import { refusal, refusedRequest } from './refusal.js';
import { type ActorRow, RowStatus } from './row.js';
import { RowTable } from './row-table.js';
import { seal } from './sealed.js';
import { Spawning } from './spawning.js';
import type { Change } from './store.js';
import { TimerHeap } from './timer-heap.js';

/** What frames mean for the living. All calls come while a frame is applied, before its commit. */
export interface Outcomes {
  /** The row has new mail, or must be (re)activated to start, restart or stop. */
  wake(row: ActorRow): void;
  /** A message for an actor that is not journaled. */
  volatile(row: ActorRow, bytes: Buffer, at: number, length: number): void;
  /** The row's host has run its first turn. */
  started(row: ActorRow): void;
  /** The row's host has handled a message of its mail. */
  handled(row: ActorRow): void;
  /** The row's host says that it no longer runs it. */
  released(row: ActorRow): void;
  /** The host whose frame this is runs the row again. */
  kept(row: ActorRow): void;
  /** The host whose frame this is runs an actor that must not be there. */
  unknown(aid: number): void;
  /** Receipt number `index` of the frame now being applied waits for the row's end. */
  awaitEnd(row: ActorRow, index: number): void;
  /** Receipt number `index` waits for a supervisor's word that it is up; `value` is the answer then. */
  awaitUp(row: ActorRow, index: number, value: Uint8Array): void;
  /** The supervisor is up. */
  up(row: ActorRow): void;
  /** The row has ended. */
  ended(row: ActorRow): void;
  /** The row is over: if a host still runs it, it must stop doing so. */
  dropped(row: ActorRow): void;
  /** The answer to receipt number `index` of the frame now being applied. */
  result(index: number, ok: boolean, value: Uint8Array): void;
  reply(session: number, askId: number, ok: boolean, value: Uint8Array): void;
  /** Something the main thread must know. */
  notice(notice: Notice): void;
}

/** What the main thread is told. */
export type Notice =
  | {
      kind: 'failed';
      aid: number;
      path: string;
      name: string;
      seq: number;
      attempts: number;
      report: Buffer;
      /** Who decides; undefined: the guardian. */
      supervisor?: string | undefined;
    }
  /** An actor has not stopped in its time: whichever thread is at it must go. */
  | { kind: 'kill'; aid: number; path: string; shutdownMs: number }
  | { kind: 'quarantined'; aid: number; path: string; name: string; report: Buffer }
  /** It is not any more: it is tried again, or stops. */
  | { kind: 'unquarantined'; aid: number }
  /** The store takes writes again. */
  | { kind: 'writable' }
  | { kind: 'ended'; aid: number; path: string; name: string; how: EndKindValue; value: Buffer }
  | { kind: 'deadLetter'; seq: number; path: string; code: ErrorCode }
  | { kind: 'refused'; path: string; code: ErrorCode; message: string }
  | { kind: 'warning'; code: ErrorCode; message: string };

/** The counters that must never go back. */
export interface Counters {
  /** Position of the last group. */
  position: number;
  seq: number;
  aid: number;
  session: number;
}

/** The fold. */
export class JournalModel implements OpVisitor, ChunkStore {
  readonly rows: RowTable;
  readonly timers = new TimerHeap();
  readonly counters: Counters = { position: 0, seq: 0, aid: 0, session: 0 };
  /** Rows changed since the last checkpoint. */
  readonly dirty = new Set<ActorRow>();
  /** Chunks worked off since the last checkpoint, as [aid, firstSeq]. */
  garbage: [number, number][] = [];
  /** Store changes of the group being gathered, besides its log record. */
  changes: Change[] = [];
  /** What the group being gathered brought about besides, for history. */
  readonly notes = new GroupNotes();
  deadLetterCount = 0;
  /** Actors that have not ended, wherever their rows are. */
  livingCount = 0;
  /** More living actors are refused. */
  limitOfActors = Number.POSITIVE_INFINITY;
  /** The longest time anything since the last checkpoint wants its history kept, in milliseconds. */
  keepHistoryMs = 0;
  /** Envelopes accepted and neither consumed nor dead, over all actors. */
  waiting = 0;

  private source: Buffer = Buffer.alloc(0);
  private view: DataView = new DataView(this.source.buffer, 0, 0);
  /** The time of the group being applied. */
  time = 0;
  private receipt = 0;
  /** Who has failed in the frame being applied, as its supervisor has heard there: it may begin anew in it. */
  private readonly failedHere = new Set<ActorRow>();
  /** Those of them that are to stop: who begins anew stops then. */
  private readonly fallen = new Map<ActorRow, { seq: number; report: Buffer }>();
  /** Who has started in it, as its supervisor has heard there. */
  private readonly toldOf = new Set<ActorRow>();
  private timerSerial = 0;
  private readonly ending = new Ending(this);
  private readonly deciding = new Deciding(this, this.ending);
  private readonly spawning = new Spawning(this, this.ending, this.deciding);

  constructor(
    private readonly store: Tables,
    public outcomes: Outcomes,
  ) {
    this.rows = new RowTable(store, (row) => this.tellQuarantined(row));
  }

  /**
   * Apply one frame.
   * @param source the buffer that holds it; rows keep views into it
   * @param time the group's time, for records that carry one
   */
  apply(source: Buffer, at: number, length: number, time: number): void {
    if (this.source !== source) {
      this.source = source;
      this.view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    }
    this.time = time;
    this.receipt = 0;
    readOps(new ByteReader(source, at + frameHeaderBytes), at + length, this);
    if (this.toldOf.size > 0) this.toldOf.clear();
    if (this.failedHere.size > 0) this.failedHere.clear();
    if (this.fallen.size === 0) return;
    for (const row of this.fallen.keys()) this.ending.failedToStop(row);
    this.fallen.clear();
  }

  // Messages

  send(at: number, length: number): void {
    const seq = this.nextSeq();
    const { view } = this;
    const index = this.takeReceipt(at);
    const row = this.receiver(at);
    if (row === undefined || row.status === RowStatus.ended || this.isStopping(row)) {
      this.refuse(seq, at, length, row === undefined ? 'ACTOR_UNKNOWN' : 'ACTOR_STOPPED', index);
      return;
    }
    if (row.isVolatile) {
      this.outcomes.volatile(row, this.source, at, length);
      return;
    }
    this.accept(row, { seq, bytes: this.source, offset: at, length });
    if (envelopeAt.hasEffect(view, at)) this.noteSettled(row, seq, at, length);
  }

  /** For good: who is to be held keeps its mail, and gets more. */
  private isStopping(row: ActorRow): boolean {
    return row.status === RowStatus.stopping && !this.ending.isHeldAtEnd(row);
  }

  local(_at: number, _length: number): void {
    this.nextSeq();
  }

  consume(aid: number, seq: number): void {
    const row = this.rows.get(aid);
    if (row === undefined) return;
    if (row.mail.consume(seq, this) === undefined) {
      if (row.damage !== undefined) return;
      throw new TroupeError('JOURNAL_CORRUPT', `${row.path} consumed message ${seq}, which is not its oldest`);
    }
    this.waiting -= 1;
    row.settled?.delete(seq);
    row.failure = undefined;
    this.touch(row);
    this.outcomes.handled(row);
    this.outcomes.wake(row);
  }

  state(aid: number, busy: boolean, at: number, length: number): void {
    const row = this.rows.get(aid);
    if (row === undefined || row.damage !== undefined) return;
    row.state = this.source.subarray(at, at + length);
    if (row.keepHistoryMs > this.keepHistoryMs) this.keepHistoryMs = row.keepHistoryMs;
    row.stateStored = false;
    row.busy = busy;
    row.abandoned = undefined;
    if (!row.started) {
      row.started = true;
      this.outcomes.started(row);
      if (row.supervises === Supervises.no) this.deciding.started(row, this.toldOf.delete(row));
      // A message of the same turn may have failed since; that failure waits for its decision.
      if (row.failure?.seq === 0) row.failure = undefined;
    }
    this.touch(row);
  }

  reply(session: number, askId: number, ok: boolean, value: Buffer): void {
    this.outcomes.reply(session, askId, ok, value);
  }

  // Lifecycle

  spawn(spec: SpawnSpec): void {
    this.spawning.spawn(spec, spec.receipt ? this.receipt++ : -1);
  }

  stop(aid: number, path: string, receipt: boolean): void {
    const index = receipt ? this.receipt++ : -1;
    const row = this.rows.get(aid) ?? this.current(path);
    if (row === undefined) {
      if (index >= 0) this.outcomes.result(index, false, refusal('ACTOR_UNKNOWN', `no actor at ${path}`));
      return;
    }
    if (index >= 0) {
      const hasStopped = row.status === RowStatus.ended || row.status === RowStatus.held;
      if (hasStopped) this.outcomes.result(index, true, encode(undefined, 'nothing'));
      else this.outcomes.awaitEnd(row, index);
    }
    if (row.status === RowStatus.failed && this.ending.isHeldAtEnd(row)) this.deciding.stopWhenDecided(row);
    else this.ending.ask(row);
  }

  ended(aid: number, how: EndKindValue, value: Buffer): void {
    const row = this.rows.get(aid);
    if (row === undefined || row.end !== undefined) return;
    row.end = { how, value: Buffer.from(value) };
    row.status = RowStatus.stopping;
    row.started = true;
    row.busy = false;
    this.touch(row);
    this.outcomes.released(row);
    this.ending.goOn(row);
  }

  passivate(aid: number): void {
    const row = this.rows.get(aid);
    if (row === undefined) return;
    this.outcomes.released(row);
    this.outcomes.wake(row);
  }

  watch(watcher: number, target: number, path: string): void {
    const row = this.rows.get(target) ?? this.current(path);
    if (row !== undefined && row.status !== RowStatus.ended) {
      row.watchers ??= new Set();
      row.watchers.add(watcher);
      this.touch(row);
      return;
    }
    const end = row?.end ?? { how: EndKind.stopped, value: refusal('ACTOR_UNKNOWN', `no actor at ${path}`) };
    this.ending.tell(watcher, path, end.how, end.value);
  }

  // Failures

  fail(aid: number, seq: number, kind: number, report: Buffer): void {
    const row = this.rows.get(aid);
    if (row === undefined || row.end !== undefined || row.damage !== undefined) return;
    this.touch(row);
    this.outcomes.released(row);
    const charged = seq === -1 ? this.counters.seq : seq;
    if (row.status === RowStatus.stopping) {
      if (kind === FailKind.toldHere) this.fallen.set(row, { seq: charged, report: Buffer.from(report) });
      else this.ending.failedToStop(row);
      return;
    }
    if (kind === FailKind.unrestorable) {
      row.status = RowStatus.quarantined;
      row.failure = { seq: 0, attempts: 1, error: Buffer.from(report) };
      this.tellQuarantined(row);
      this.deciding.cannotStart(row);
      return;
    }
    if (kind === FailKind.toldHere) this.failedHere.add(row);
    this.deciding.charge(row, charged, report, kind === FailKind.toldHere);
  }

  /** A row that has failed is to stop. @returns its host may have begun it anew, and says so in the same frame */
  mayBeginHere(row: ActorRow): boolean {
    if (row.status !== RowStatus.failed || row.failure === undefined || !this.failedHere.delete(row)) return false;
    const { seq, error } = row.failure;
    this.fallen.set(row, { seq, report: error });
    return true;
  }

  /** Who is to stop, which its host did not know, is reset only now. */
  here(aid: number): void {
    const row = this.rows.get(aid);
    if (row?.status !== RowStatus.running && row?.status !== RowStatus.stopping) {
      this.outcomes.unknown(aid);
      return;
    }
    this.failedHere.delete(row);
    const failure = this.fallen.get(row);
    this.fallen.delete(row);
    if (failure !== undefined) this.deciding.resetToStop(row, failure.seq, failure.report);
    this.outcomes.kept(row);
  }

  startedHere(aid: number): void {
    const row = this.rows.get(aid);
    if (row !== undefined) this.toldOf.add(row);
  }

  hostDown(_session: number, blamedAid: number, blamedSeq: number, report: Buffer): void {
    const row = this.rows.get(blamedAid);
    if (row === undefined || !this.isAt(row, blamedSeq)) return;
    this.touch(row);
    this.deciding.charge(row, blamedSeq, report);
  }

  /** Is this message (0: its start) the next thing the row has to do? Then a thread that was at it died of it. */
  isAt(row: ActorRow, seq: number): boolean {
    if (row.end !== undefined || row.status !== RowStatus.running) return false;
    return seq === 0 ? !row.started : row.mail.first(this)?.seq === seq;
  }

  decide(aid: number, seq: number, decision: DecisionValue, _why: string): void {
    const row = this.rows.get(aid);
    if (row !== undefined) this.deciding.decide(row, seq, decision);
  }

  stopChild(supervisor: number, path: string): void {
    const row = this.current(path);
    if (row !== undefined && row.status !== RowStatus.ended && row.parent === supervisor) this.ending.begin(row);
    else this.deciding.noChild(supervisor, path);
  }

  up(aid: number): void {
    const row = this.rows.get(aid);
    if (row === undefined || row.isUp) return;
    row.isUp = true;
    this.ending.endUnknown(row);
    this.outcomes.up(row);
    this.touch(row);
    this.deciding.started(row);
  }

  declared(aid: number): void {
    const row = this.rows.get(aid);
    if (row !== undefined && row.supervises !== Supervises.no && row.end === undefined) this.ending.tellDeclared(row);
  }

  actorsMax(count: number): void {
    this.limitOfActors = count;
  }

  overdue(aid: number, hadHost: boolean): void {
    const row = this.rows.get(aid);
    row?.timers?.delete(shutdownTimerId);
    if (row === undefined) return;
    // Its thread was lost meanwhile: its time begins anew.
    if (hadHost) this.ending.overdue(row);
    else this.ending.setShutdownTimer(row);
  }

  // Timers

  timerSet(aid: number, timerId: string, dueAt: number, envelope: Buffer): void {
    const row = this.rows.get(aid);
    if (row === undefined || row.damage !== undefined) return;
    this.setTimer(row, timerId, dueAt, Buffer.from(envelope));
    this.touch(row);
  }

  timerCancel(aid: number, timerId: string): void {
    const row = this.rows.get(aid);
    if (row?.timers?.delete(timerId)) this.touch(row);
  }

  timerDue(aid: number, timerId: string): void {
    const row = this.rows.get(aid);
    const timer = row?.timers?.get(timerId);
    if (row === undefined || timer === undefined) return;
    row.timers?.delete(timerId);
    const { envelope } = timer;
    this.accept(row, { seq: this.nextSeq(), bytes: envelope, offset: 0, length: envelope.length });
  }

  session(_kind: number): void {
    this.counters.session += 1;
  }

  /** Put a timer into the row and the heap (also used by recovery). */
  setTimer(row: ActorRow, timerId: string, dueAt: number, envelope: Buffer): void {
    this.timerSerial += 1;
    row.timers ??= new Map();
    row.timers.set(timerId, { dueAt, envelope, serial: this.timerSerial });
    this.timers.push({ dueAt, aid: row.aid, timerId, serial: this.timerSerial });
  }

  /** Timers due at `now`, in order of their time; those cancelled or set anew are dropped on the way. */
  *due(now: number): Generator<{ aid: number; timerId: string }> {
    for (let top = this.nextTimer(); top !== undefined && top.dueAt <= now; top = this.nextTimer()) {
      this.timers.pop();
      yield top;
    }
  }

  /** The earliest timer that still counts. */
  nextTimer(): { dueAt: number; aid: number; timerId: string } | undefined {
    for (let top = this.timers.peek(); top !== undefined; top = this.timers.peek()) {
      if (this.rows.awake(top.aid)?.timers?.get(top.timerId)?.serial === top.serial) return top;
      this.timers.pop();
    }
    return undefined;
  }

  /** A host gives a message up (its receiver is not journaled, so nothing else keeps it). */
  deadLetterOp(code: ErrorCode, path: string, why: Buffer, at: number, length: number): void {
    const seq = this.nextSeq();
    this.deadLetter({ seq, bytes: this.source, offset: at, length }, path, code, Buffer.from(why));
  }

  /** Notes say what this fold has just done by itself. */
  told(): void {}

  /** See `told`. */
  over(): void {}

  /** See `told`. */
  held(): void {}

  // The store, as mail queues see it

  read(aid: number, firstSeq: number): Buffer {
    const value = this.store.get('mail', [aid, firstSeq]);
    if (value === undefined) throw new TroupeError('JOURNAL_CORRUPT', `mail ${aid}/${firstSeq} is missing`);
    return value;
  }

  put(aid: number, firstSeq: number, value: Uint8Array): void {
    this.changes.push({ table: 'mail', key: [aid, firstSeq], value });
  }

  /** The store changes gathered so far; the next ones are of another batch. */
  takeChanges(): Change[] {
    const { changes } = this;
    if (changes.length > 0) this.changes = [];
    return changes;
  }

  remove(aid: number, firstSeq: number): void {
    this.garbage.push([aid, firstSeq]);
  }

  /** Whoever was spawned at a path last, also one that has ended. */
  current(path: string): ActorRow | undefined {
    return this.rows.current(path);
  }

  /** Mark for the next checkpoint. */
  touch(row: ActorRow): void {
    if (row.dirty) return;
    row.dirty = true;
    this.dirty.add(row);
  }

  /** The next sequence number (J2). */
  nextSeq(): number {
    this.counters.seq += 1;
    return this.counters.seq;
  }

  private takeReceipt(at: number): number {
    return envelopeAt.wantsReceipt(this.view, at) ? this.receipt++ : -1;
  }

  /** Whoever lives at the envelope's address now. */
  private receiver(at: number): ActorRow | undefined {
    const to = envelopeAt.to(this.view, at);
    const row = this.rows.get(to);
    if (row !== undefined && row.status !== RowStatus.ended) return row;
    const path = row?.path ?? this.pathOf(at, to);
    return path === undefined ? undefined : this.current(path);
  }

  private pathOf(at: number, to: number): string | undefined {
    if (envelopeAt.hasPath(this.view, at)) return parseEnvelope(this.source.subarray(at)).toPath;
    return to === 0 ? undefined : this.rows.pathOf(to);
  }

  /** Put an envelope into a row's mail. */
  accept(row: ActorRow, item: MailItem): void {
    row.mail.push(item);
    this.waiting += 1;
    this.touch(row);
    this.outcomes.wake(row);
  }

  private noteSettled(row: ActorRow, seq: number, at: number, length: number): void {
    const { effectId } = parseEnvelope(this.source.subarray(at, at + length));
    if (effectId === undefined) return;
    row.settled ??= new Map();
    row.settled.set(seq, effectId);
  }

  /** A report of an effect becomes a dead letter: the actor must hear that it will not come. */
  abandon(row: ActorRow, seq: number): void {
    const effectId = row.settled?.get(seq);
    if (effectId === undefined) return;
    row.settled?.delete(seq);
    row.abandoned ??= [];
    row.abandoned.push(effectId);
  }

  private refuse(seq: number, at: number, length: number, code: ErrorCode, index: number): void {
    const envelope = parseEnvelope(this.source.subarray(at, at + length));
    const path = envelope.toPath ?? this.pathOf(at, envelope.to) ?? `#${envelope.to}`;
    const why = refusal(code, code === 'ACTOR_UNKNOWN' ? `no actor at ${path}` : `${path} has stopped`);
    if (index >= 0) {
      this.outcomes.result(index, false, why);
      return;
    }
    this.deadLetter({ seq, bytes: this.source, offset: at, length }, path, code, why);
  }

  /** See `Deciding`. */
  neverStarted(row: ActorRow): void {
    this.deciding.neverStarted(row);
  }

  /** Somebody must hear that a row is quarantined. */
  tellQuarantined({ aid, path, name, failure }: ActorRow): void {
    this.outcomes.notice({ kind: 'quarantined', aid, path, name, report: failure?.error ?? Buffer.alloc(0) });
  }

  /** Nothing runs below a row: whoever is still there is held. */
  childrenAreDown({ children }: ActorRow): boolean {
    for (const aid of children ?? []) if (this.rows.get(aid)?.status !== RowStatus.held) return false;
    return true;
  }

  /** Of a damaged row. */
  findChildren(aid: number): Set<number> | undefined {
    return findChildren(aid, this.store);
  }

  /** All that the store has of an actor's mail goes: some of it cannot be read. */
  forgetMail(aid: number): void {
    for (const { key } of this.store.scan('mail', [aid, 0], [aid + 1, 0])) this.garbage.push(key as [number, number]);
  }

  /** Give a message up, for good and with its reason; whoever asked is told. */
  deadLetter(item: MailItem, path: string, code: ErrorCode, why: Uint8Array): void {
    const bytes = item.bytes.subarray(item.offset, item.offset + item.length);
    this.deadLetterCount += 1;
    this.changes.push({
      table: 'dead',
      key: item.seq,
      value: seal(encode([this.time, path, code, why, bytes], 'dead letter')),
    });
    this.outcomes.notice({ kind: 'deadLetter', seq: item.seq, path, code });
    const { replyTo } = parseEnvelope(bytes);
    if (replyTo === undefined) return;
    const refused = code === 'MESSAGE_FAILED' ? refusedRequest(path, why) : why;
    this.outcomes.reply(replyTo.session, replyTo.askId, false, refused);
  }
}
