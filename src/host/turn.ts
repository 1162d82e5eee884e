/**
 * One turn: the record being written, message by message. What a message asks for is written as it is
 * asked for; if the message fails, the record is cut back to where the message began, and nothing of it
 * remains (G1). What may only happen after the commit is kept beside the record.
 *
 * T1  A record holds whole messages only.
 * T2  A message sent to a cell of the same turn is handled in it (`local`) or, if time runs out, sent like
 *     any other; either way the one commit covers it.
 * T3  Effects of the turn run after its acknowledgement, in the order asked for, or never.
 */
import { FrameWriter } from '../journal/ops.js';
import type { CommitLevel } from '../journal/store.js';
import type { Cell } from './cell.js';
import type { MailItem } from './mailbox.js';

/** Something to do when the turn is committed. */
export interface Deferred {
  cell: Cell;
  run: () => void;
}

/** A message to a cell of this host, handled in the turn that sent it if time allows. */
export interface LocalMail {
  cell: Cell;
  item: MailItem;
}

/** A cell's state as it goes into the record. */
interface CellState {
  bytes: Uint8Array;
  /** Effects are running. */
  isBusy: boolean;
}

const none: readonly LocalMail[] = [];

/** The record under construction and what goes with it. */
export class Turn {
  readonly frame = new FrameWriter();
  level: CommitLevel = 'flushed';
  /** Grows with every turn. */
  number = 0;
  /** When it began: the time of everything in it. */
  time = 0;
  /** Messages begun in this turn. */
  messages = 0;
  /** By cell the state at the end of its last good message of this turn: they close the record. */
  readonly states = new Map<Cell, CellState>();
  /** Run when the turn is committed. */
  deferred: Deferred[] = [];
  /** Receivers of envelopes that travel through the journal in this record. */
  via: Cell[] = [];
  private locals: LocalMail[] = [];
  /** What the message now being handled has sent to cells of this host. */
  private sending: readonly LocalMail[] = none;
  private bytesMark = 0;
  private deferredMark = 0;
  private viaMark = 0;

  /** @param time when the turn begins, in milliseconds since the epoch */
  begin(level: CommitLevel, time: number): void {
    this.level = level;
    this.time = time;
    this.number += 1;
    this.messages = 0;
    this.frame.begin(level);
    this.states.clear();
    this.deferred = [];
    this.via = [];
    this.locals = [];
  }

  /** A message begins. */
  open(): void {
    this.bytesMark = this.frame.out.length;
    this.deferredMark = this.deferred.length;
    this.viaMark = this.via.length;
    this.sending = none;
    this.messages += 1;
  }

  /** The message sends to a cell of this host. */
  sendLocal(cell: Cell, item: MailItem): void {
    this.sending = [...this.sending, { cell, item }];
  }

  /** The message is handled: what it asked for stays. Returns what it sent to cells of this host. */
  accept(): readonly LocalMail[] {
    if (this.sending.length > 0) this.locals.push(...this.sending);
    return this.sending;
  }

  /** The message has failed: what it asked for is gone. */
  reject(): void {
    this.frame.out.truncate(this.bytesMark);
    this.deferred.length = this.deferredMark;
    this.via.length = this.viaMark;
    this.sending = none;
  }

  /** What was sent to cells of this host and not handled, in the order sent. */
  get unhandledLocals(): LocalMail[] {
    return this.locals.filter(({ item }) => item.bytes !== undefined);
  }
}
