/**
 * Reading log records: every operation in order, and with it the number the journal gave its envelope. For history,
 * the check and whoever else reads the log without being the model.
 *
 * W1  Numbers are given out in the order of the operations, starting behind the header's `seq`: one to each envelope
 *     sent, handled locally, given up by a host, or set free by a timer, and one to each message of the model's own.
 *     The latter stand in the record's notes, so the others follow.
 */
import { ByteReader } from '../core/bytes.js';
import type { ErrorCode } from '../core/errors.js';
import { framesOf, type GroupHeader } from './group.js';
import {
  type DecisionValue,
  type EndKindValue,
  frameHeaderBytes,
  isNotes,
  type OpVisitor,
  readOps,
  type SpawnSpec,
} from './ops.js';

/** Where in the log an operation stands. */
export interface OpsPlace {
  /** The record's position. */
  position: number;
  /** The record's time, in milliseconds since the epoch. */
  time: number;
  /** Which frame of the record, from 0. */
  frame: number;
  /** Where the frame begins and ends in the record. */
  start: number;
  end: number;
  /** Who wrote the frame: a thread's session, 0 for the journal itself. */
  session: number;
  /** The frame is the journal's notes. */
  isNotes: boolean;
}

/** What one operation may be read as; everything is optional. Envelopes are places in `walk.record`. */
export interface OpsVisitor {
  frameBegins?(): void;
  frameEnds?(): void;
  /** An envelope: sent, handled within its turn, or given up by a host. `seq` is its number. */
  envelope?(seq: number, how: 'send' | 'local' | 'dead', at: number, length: number): void;
  consume?(aid: number, seq: number): void;
  state?(aid: number, at: number, length: number): void;
  ended?(aid: number, how: EndKindValue, value: Buffer): void;
  timerSet?(aid: number, timerId: string, dueAt: number, envelope: Buffer): void;
  timerCancel?(aid: number, timerId: string): void;
  timerDue?(aid: number, timerId: string, seq: number): void;
  spawn?(spec: SpawnSpec): void;
  stop?(aid: number, path: string): void;
  reply?(session: number, askId: number, ok: boolean, value: Buffer): void;
  fail?(aid: number, seq: number, kind: number, report: Buffer): void;
  decide?(aid: number, seq: number, decision: DecisionValue, why: string): void;
  hostDown?(aid: number, seq: number, report: Buffer): void;
  watch?(watcher: number, target: number, path: string): void;
  passivate?(aid: number): void;
  session?(kind: number): void;
  told?(aid: number, seq: number, envelope: Buffer): void;
  over?(aid: number, how: EndKindValue): void;
  held?(aid: number, how: EndKindValue): void;
  overdue?(aid: number): void;
  up?(aid: number): void;
  declared?(aid: number): void;
  actorsMax?(count: number): void;
  here?(aid: number): void;
}

/** Walks one record at a time. */
export class OpsWalk implements OpVisitor {
  /** The record being walked. */
  record: Buffer = Buffer.alloc(0);
  /** Where the operation being visited stands. */
  readonly place: OpsPlace = { position: 0, time: 0, frame: 0, start: 0, end: 0, session: 0, isNotes: false };
  /** The number given out last. */
  seq = 0;
  private readonly taken = new Set<number>();
  private reader: ByteReader | undefined;

  constructor(private readonly visitor: OpsVisitor) {}

  /**
   * Visit every operation of a record.
   * @param header what `readGroup` said of it
   * @throws RangeError when a frame ends in the middle of an operation or holds one that is not known
   */
  walk(record: Buffer, header: GroupHeader): void {
    const { place } = this;
    this.record = record;
    this.seq = header.before.seq;
    place.position = header.position;
    place.time = header.time;
    place.frame = -1;
    this.readTaken(record);
    for (const { session, at, length } of framesOf(record)) {
      place.frame += 1;
      place.start = at;
      place.end = at + length;
      place.session = session;
      place.isNotes = isNotes(record, at);
      this.reader = new ByteReader(record, at + frameHeaderBytes, place.end);
      this.visitor.frameBegins?.();
      readOps(this.reader, place.end, this);
      this.visitor.frameEnds?.();
    }
    while (this.taken.has(this.seq + 1)) this.seq += 1;
  }

  /** How far the walk has come in the record, in bytes: after a throw, where it stumbled. */
  get at(): number {
    return this.reader?.at ?? 0;
  }

  // OpVisitor

  send(at: number, length: number): void {
    const seq = this.next();
    this.visitor.envelope?.(seq, 'send', at, length);
  }

  local(at: number, length: number): void {
    const seq = this.next();
    this.visitor.envelope?.(seq, 'local', at, length);
  }

  deadLetterOp(_code: ErrorCode, _path: string, _why: Buffer, at: number, length: number): void {
    const seq = this.next();
    this.visitor.envelope?.(seq, 'dead', at, length);
  }

  timerDue(aid: number, timerId: string): void {
    // Not within the call: an absent visitor would take no number.
    const seq = this.next();
    this.visitor.timerDue?.(aid, timerId, seq);
  }

  consume(aid: number, seq: number): void {
    this.visitor.consume?.(aid, seq);
  }

  state(aid: number, _busy: boolean, at: number, length: number): void {
    this.visitor.state?.(aid, at, length);
  }

  ended(aid: number, how: EndKindValue, value: Buffer): void {
    this.visitor.ended?.(aid, how, value);
  }

  timerSet(aid: number, timerId: string, dueAt: number, envelope: Buffer): void {
    this.visitor.timerSet?.(aid, timerId, dueAt, envelope);
  }

  timerCancel(aid: number, timerId: string): void {
    this.visitor.timerCancel?.(aid, timerId);
  }

  spawn(spec: SpawnSpec): void {
    this.visitor.spawn?.(spec);
  }

  stop(aid: number, path: string): void {
    this.visitor.stop?.(aid, path);
  }

  reply(session: number, askId: number, ok: boolean, value: Buffer): void {
    this.visitor.reply?.(session, askId, ok, value);
  }

  fail(aid: number, seq: number, kind: number, report: Buffer): void {
    // -1: the envelope this frame sent last.
    this.visitor.fail?.(aid, seq === -1 ? this.seq : seq, kind, report);
  }

  passivate(aid: number): void {
    this.visitor.passivate?.(aid);
  }

  decide(aid: number, seq: number, decision: DecisionValue, why: string): void {
    this.visitor.decide?.(aid, seq, decision, why);
  }

  hostDown(_session: number, aid: number, seq: number, report: Buffer): void {
    this.visitor.hostDown?.(aid, seq, report);
  }

  session(kind: number): void {
    this.visitor.session?.(kind);
  }

  watch(watcher: number, target: number, path: string): void {
    this.visitor.watch?.(watcher, target, path);
  }

  told(aid: number, seq: number, envelope: Buffer): void {
    this.visitor.told?.(aid, seq, envelope);
  }

  over(aid: number, how: EndKindValue): void {
    this.visitor.over?.(aid, how);
  }

  held(aid: number, how: EndKindValue): void {
    this.visitor.held?.(aid, how);
  }

  overdue(aid: number): void {
    this.visitor.overdue?.(aid);
  }

  up(aid: number): void {
    this.visitor.up?.(aid);
  }

  declared(aid: number): void {
    this.visitor.declared?.(aid);
  }

  actorsMax(count: number): void {
    this.visitor.actorsMax?.(count);
  }

  here(aid: number): void {
    this.visitor.here?.(aid);
  }

  startedHere(): void {}

  stopChild(_supervisor: number, path: string): void {
    this.visitor.stop?.(0, path);
  }

  /** W1 */
  private next(): number {
    this.seq += 1;
    while (this.taken.has(this.seq)) this.seq += 1;
    return this.seq;
  }

  private readTaken(record: Buffer): void {
    this.taken.clear();
    for (const { at, length } of framesOf(record)) {
      if (isNotes(record, at)) readOps(new ByteReader(record, at + frameHeaderBytes), at + length, this.numbers);
    }
  }

  /** Reads nothing of notes but the numbers. */
  private readonly numbers = {
    told: (_aid: number, seq: number) => this.taken.add(seq),
    over() {},
    held() {},
  } as object as OpVisitor;
}
