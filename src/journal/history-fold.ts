/**
 * From log records to the history entries of one actor. Fed with every record in order; most hold nothing of the
 * actor and are only glanced at.
 *
 * What I own: where the actor stands in its life, its timers and other messages that no envelope in the log leads to,
 * the turn being read. What the caller owns: the records, the finder of envelopes.
 *
 * A1  A frame is read for the actor only if it touches it: by its state, its end, its failure, or by name.
 * A2  What an operation belongs to is said by the actor's number in it or, where it has none (replies, stops), by the
 *     message before it.
 * A3  Entries own their bytes.
 */
import { type Envelope, parseEnvelope } from '../core/envelope.js';
import type { EnvelopeFinder } from './envelope-finder.js';
import type { GroupHeader } from './group.js';
import type {
  HistoryDeed,
  HistoryEntry,
  HistoryMessage,
  HistoryNumbering,
  HistorySubject,
  HistoryTurn,
} from './history-entry.js';
import {
  Decision,
  type DecisionValue,
  EndKind,
  type EndKindValue,
  FailKind,
  openFailure,
  type SpawnSpec,
} from './ops.js';
import { touchedFrames } from './history-touch.js';
import { type OpsVisitor, OpsWalk } from './ops-walk.js';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Happening = Without<HistoryEntry, 'turn' | 'position' | 'time'>;

const beyondRetention = 'it was accepted before the oldest log record that is kept';
const timerBeyondRetention = 'its timer was set before the oldest log record that is kept';

/** See the file's header. */
export class ActorFold implements OpsVisitor {
  private readonly walk = new OpsWalk(this);
  private out: HistoryEntry[] = [];
  private turn = 0;
  private lastState: Uint8Array | undefined;
  private isLastStateKnown: boolean;
  private life: 'unborn' | 'living' | 'over' = 'unborn';
  private started: boolean;
  private stopAsked = false;
  /** How it has exited, while it is held. */
  private exit: EndKindValue | undefined;
  private failure: { seq: number; attempts: number; isOpen: boolean } | undefined;
  private consumedSeq = 0;
  private isFailureKnown: boolean;
  private readonly timers = new Map<string, Buffer>();
  /** Accepted messages that stand in no frame as envelopes: fired timers, words of ends. */
  private readonly besides = new Map<number, HistoryMessage>();
  /** The last operation that could be its spawn. */
  private birth: { entry: HistoryEntry } | undefined;
  private draft: HistoryTurn | undefined;
  private after: Happening[] = [];
  /** Turns that have ended in the frame being read: what they sent may stand behind them. */
  private closed: HistoryTurn[] = [];
  /** The actor whose message the operations of the frame belong to, 0 for none (A2). */
  private owner = 0;
  private touched: ReadonlySet<number> = new Set();

  constructor(
    private readonly subject: HistorySubject,
    private readonly numbering: HistoryNumbering,
    private readonly finder: EnvelopeFinder,
    private readonly isForSubject: (record: Buffer, at: number) => boolean,
  ) {
    const isWhole = numbering === 'turns';
    this.isLastStateKnown = isWhole;
    this.isFailureKnown = isWhole;
    this.started = !isWhole;
    if (!isWhole) this.life = 'living';
  }

  /** Read a record. */
  take(record: Buffer, header: GroupHeader): void {
    if (this.life === 'over') return;
    if (header.before.aid >= this.subject.aid) this.beBorn();
    const touched = touchedFrames(record, this.subject);
    if (touched === undefined) return;
    this.touched = touched;
    this.walk.walk(record, header);
  }

  /** No more records come. */
  finish(): void {
    if (this.life === 'unborn') this.beBorn();
  }

  /** The entries since the last call. */
  drain(): HistoryEntry[] {
    const { out } = this;
    if (out.length > 0) this.out = [];
    return out;
  }

  // OpsVisitor

  frameBegins(): void {
    this.owner = 0;
    this.closed = [];
  }

  frameEnds(): void {
    this.flush();
  }

  /** What is known of the actor is whole: a turn, and what came after it. */
  private flush(): void {
    const { draft, after } = this;
    this.draft = undefined;
    this.after = [];
    if (draft !== undefined) {
      this.closed.push(draft);
      this.closeTurn(draft);
    }
    for (const happening of after) this.emit(happening);
  }

  envelope(seq: number, how: 'send' | 'local' | 'dead', at: number, length: number): void {
    if (!this.isTouched || how === 'dead') return;
    const { record } = this.walk;
    const from = record.readDoubleLE(at + 16);
    const { aid } = this.subject;
    if (how === 'local') {
      const isMine = this.isForSubject(record, at);
      this.owner = isMine ? aid : -1;
      if (isMine) this.open().messages.push(this.acceptedNow(seq, record.subarray(at, at + length)));
    }
    if (from === aid) this.didSend(seq, record.subarray(at, at + length));
  }

  consume(aid: number, seq: number): void {
    this.owner = aid;
    if (!this.isMine(aid)) return;
    const message = this.messageOf(seq);
    this.besides.delete(seq);
    this.consumedSeq = seq;
    this.failure = undefined;
    this.isFailureKnown = true;
    this.open().messages.push(message);
  }

  state(aid: number, at: number, length: number): void {
    if (!this.isMine(aid)) return;
    const draft = this.open();
    draft.after = Uint8Array.from(this.walk.record.subarray(at, at + length));
    if (!this.started) draft.isStart = true;
    this.started = true;
  }

  ended(aid: number, how: EndKindValue, value: Buffer): void {
    if (this.isMine(aid)) this.open().end = { how, value: Uint8Array.from(value) };
  }

  timerSet(aid: number, timerId: string, dueAt: number, envelope: Buffer): void {
    if (!this.isMine(aid)) return;
    const kept = Buffer.from(envelope);
    this.timers.set(timerId, kept);
    this.did({ kind: 'timerSet', timerId, dueAt, envelope: kept });
  }

  timerCancel(aid: number, timerId: string): void {
    if (!this.isMine(aid)) return;
    this.timers.delete(timerId);
    this.did({ kind: 'timerCancelled', timerId });
  }

  timerDue(aid: number, timerId: string, seq: number): void {
    if (!this.isMine(aid)) return;
    const envelope = this.timers.get(timerId);
    this.timers.delete(timerId);
    const missing: HistoryMessage = { seq, envelope: undefined, missing: timerBeyondRetention };
    this.besides.set(seq, envelope === undefined ? missing : this.acceptedNow(seq, envelope));
  }

  told(aid: number, seq: number, envelope: Buffer): void {
    if (this.isMine(aid) && envelope.length > 0) this.besides.set(seq, this.acceptedNow(seq, envelope));
  }

  spawn(spec: SpawnSpec): void {
    const { subject } = this;
    if (spec.parent === subject.aid && this.life === 'living')
      this.did({ kind: 'spawned', path: spec.path, name: spec.name });
    const path = spec.autoId ? `${spec.path}${subject.aid}` : spec.path;
    if (this.exit !== undefined && path === subject.path) this.goOn(spec.supervision?.anew === true);
    if (this.life !== 'unborn' || path !== subject.path || spec.name !== subject.name) return;
    const { parent, name, url, version } = spec;
    const input = Uint8Array.from(spec.input);
    this.birth = { entry: this.entryOf({ kind: 'spawned', parent, name, url, version, input }) };
  }

  stop(aid: number, path: string): void {
    const { subject } = this;
    if (this.life === 'living' && this.owner === subject.aid) this.did({ kind: 'stopped', aid, path });
    const isMe = aid === subject.aid || (path === subject.path && this.life === 'living');
    if (!isMe || this.stopAsked) return;
    this.beBorn();
    this.stopAsked = true;
    this.after.push({ kind: 'stopping', by: Math.max(0, this.owner) });
  }

  reply(session: number, askId: number, ok: boolean, value: Buffer): void {
    if (this.owner !== this.subject.aid) return;
    this.did({ kind: 'replied', session, askId, ok, value: Uint8Array.from(value) });
  }

  watch(watcher: number, target: number, path: string): void {
    if (this.isMine(watcher)) this.did({ kind: 'watched', aid: target, path });
  }

  fail(aid: number, seq: number, kind: number, report: Buffer): void {
    if (!this.isMine(aid)) return;
    this.charge(seq, kind === FailKind.unrestorable ? 'unrestorable' : 'message', report);
  }

  hostDown(aid: number, seq: number, report: Buffer): void {
    // A message whose turn the thread had still written was not the one that took it along.
    if (!this.isMine(aid) || (seq === 0 ? this.started : seq <= this.consumedSeq)) return;
    this.charge(seq, 'thread', report);
  }

  decide(aid: number, about: number, decision: DecisionValue, why: string): void {
    if (!this.isMine(aid)) return;
    const seq = about === openFailure ? (this.failure?.seq ?? about) : about;
    if (this.exit !== undefined) {
      this.after.push({ kind: 'decided', decision, why, message: undefined });
      if (decision !== Decision.stop) this.goOn(decision === Decision.reset);
      return;
    }
    const { failure } = this;
    const isOpen = failure === undefined ? !this.isFailureKnown : failure.isOpen && failure.seq === seq;
    if (!isOpen) return;
    this.isFailureKnown = true;
    // It may begin anew in this very frame: what comes then is another turn.
    this.flush();
    this.after.push({ kind: 'decided', decision, why, message: seq === 0 ? undefined : this.messageOf(seq) });
    if (decision === Decision.restore) {
      if (failure !== undefined) failure.isOpen = false;
      return;
    }
    this.failure = undefined;
    this.besides.delete(seq);
    if (decision === Decision.reset) this.beginAnew();
  }

  /** It has begun anew in the turn in which it failed. */
  here(aid: number): void {
    if (this.isMine(aid)) this.flush();
  }

  /** It was held, and runs again. */
  private goOn(anew: boolean): void {
    if (anew || this.exit === EndKind.done) this.beginAnew();
    this.exit = undefined;
  }

  private beginAnew(): void {
    this.started = false;
    this.lastState = undefined;
    this.timers.clear();
  }

  held(aid: number, how: EndKindValue): void {
    if (!this.isMine(aid)) return;
    this.after.push({ kind: 'exited', how });
    this.exit = how;
    this.stopAsked = false;
  }

  over(aid: number, how: EndKindValue): void {
    if (!this.isMine(aid)) return;
    this.after.push({ kind: 'ended', how });
  }

  private get isTouched(): boolean {
    return this.life === 'living' && this.touched.has(this.walk.place.frame);
  }

  /** An operation with the actor's number: it lives. */
  private isMine(aid: number): boolean {
    if (aid !== this.subject.aid || this.life === 'over') return false;
    this.beBorn();
    return true;
  }

  private beBorn(): void {
    if (this.life !== 'unborn') return;
    this.life = 'living';
    if (this.birth !== undefined) this.out.push(this.birth.entry);
    this.birth = undefined;
  }

  private open(): HistoryTurn {
    this.draft ??= {
      kind: 'turn',
      isStart: false,
      messages: [],
      deeds: [],
      before: this.lastState,
      after: undefined,
    };
    return this.draft;
  }

  private did(deed: Without<HistoryDeed, 'message'>): void {
    this.owner = this.subject.aid;
    const { deeds, messages } = this.open();
    deeds.push({ ...deed, message: messages.length - 1 } as HistoryDeed);
  }

  /** What was sent knows which message caused it; it may stand at the end of the record, behind other actors'. */
  private didSend(seq: number, bytes: Buffer): void {
    const envelope = Buffer.from(bytes);
    const { causationId } = parseEnvelope(envelope);
    const causeIn = ({ messages }: HistoryTurn) => messages.findLastIndex((message) => idOf(message) === causationId);
    const before = causationId === 0 ? undefined : this.closed.find((turn) => causeIn(turn) >= 0);
    const turn = before ?? this.open();
    turn.deeds.push({ kind: 'sent', seq, envelope, message: causationId === 0 ? -1 : causeIn(turn) });
  }

  private closeTurn(draft: HistoryTurn): void {
    if (!this.isLastStateKnown) draft.beforeMissing = beyondRetention;
    // A state that is not written was not changed: an actor that was only read from, or ended.
    if (draft.end === undefined && draft.after === undefined) draft.after = this.lastState;
    // Who has ended has left none, but may go on with the one before: a supervisor may say so.
    if (draft.end === undefined) this.lastState = draft.after;
    this.isLastStateKnown = true;
    this.turn += 1;
    this.emit(draft);
  }

  private charge(seq: number, cause: 'message' | 'thread' | 'unrestorable', report: Buffer): void {
    const attempts = this.failure?.seq === seq ? this.failure.attempts + 1 : 1;
    this.failure = { seq, attempts, isOpen: true };
    this.isFailureKnown = true;
    const message = seq === 0 ? undefined : this.messageOf(seq);
    this.after.push({ kind: 'failed', message, attempts, cause, report: Uint8Array.from(report) });
  }

  private messageOf(seq: number): HistoryMessage {
    const known = this.besides.get(seq);
    if (known !== undefined) return known;
    const found = this.finder.find(seq, this.walk.place.position);
    if (found === undefined) return { seq, envelope: undefined, missing: beyondRetention };
    const { bytes, time, position } = found;
    return { seq, envelope: Uint8Array.from(bytes), acceptedAt: time, acceptedPosition: position };
  }

  private acceptedNow(seq: number, envelope: Buffer): HistoryMessage {
    const { time, position } = this.walk.place;
    return { seq, envelope: Uint8Array.from(envelope), acceptedAt: time, acceptedPosition: position };
  }

  private emit(happening: Happening): void {
    this.out.push(this.entryOf(happening));
    if (happening.kind === 'ended') this.life = 'over';
  }

  private entryOf(happening: Happening): HistoryEntry {
    const { position, time } = this.walk.place;
    const turn = this.numbering === 'turns' ? this.turn : position;
    return { turn, position, time, ...happening } as HistoryEntry;
  }
}

function idOf({ envelope }: HistoryMessage): number | undefined {
  return envelope === undefined ? undefined : headerOf(envelope).id;
}

function headerOf(bytes: Uint8Array): Envelope {
  return parseEnvelope(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
