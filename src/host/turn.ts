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
import { ByteWriter } from '../core/bytes.js';
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

/** A cell's state as it goes into the record: where it is among the turn's states. */
interface CellState {
  at: number;
  length: number;
  /** Effects are running. */
  isBusy: boolean;
}

/** Where a state was written that is not the last any more, smaller ones are not worth moving the new one there. */
const movedBytesMin = 4_096;

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
  private readonly states = new Map<Cell, CellState>();
  private readonly stateBytes = new ByteWriter();
  /** Run when the turn is committed. */
  deferred: Deferred[] = [];
  /** Receivers of envelopes that travel through the journal in this record. */
  via: Cell[] = [];
  /** Supervised actors of whose life nothing has been acknowledged yet. */
  newcomers: Cell[] = [];
  /** What was sent to cells of this host, in the order sent; from `localsMark` on by the message now being handled. */
  private readonly locals: LocalMail[] = [];
  private localsMark = 0;
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
    this.stateBytes.reset();
    this.deferred = [];
    this.via = [];
    this.newcomers = [];
    this.locals.length = 0;
  }

  /** A message begins. */
  open(): void {
    this.bytesMark = this.frame.out.length;
    this.deferredMark = this.deferred.length;
    this.viaMark = this.via.length;
    this.localsMark = this.locals.length;
    this.messages += 1;
  }

  /** The state of a cell as it is now. @throws TroupeError PAYLOAD_NOT_CARRIABLE; the one before stays then */
  keepState(cell: Cell, isBusy: boolean): void {
    const { stateBytes, states } = this;
    const newAt = stateBytes.length;
    cell.writeState(stateBytes);
    const length = stateBytes.length - newAt;
    const state = states.get(cell);
    if (state === undefined) {
      states.set(cell, { at: newAt, length, isBusy });
      return;
    }
    const isLast = state.at + state.length === newAt;
    if (isLast && length >= movedBytesMin) {
      stateBytes.whole.copyWithin(state.at, newAt, newAt + length);
      stateBytes.truncate(state.at + length);
    } else {
      state.at = newAt;
    }
    state.length = length;
    state.isBusy = isBusy;
  }

  /** Write the state of one cell into the record, if it has any from this turn. */
  writeState(cell: Cell): void {
    const state = this.states.get(cell);
    if (state === undefined) return;
    this.states.delete(cell);
    this.frame.state(cell.aid, state.isBusy, this.stateBytes.whole, state.at, state.length);
  }

  /** Write the states of all. */
  writeStates(): void {
    const { whole } = this.stateBytes;
    for (const [cell, { at, length, isBusy }] of this.states) this.frame.state(cell.aid, isBusy, whole, at, length);
  }

  /** The cell has ended: its state does not matter any more. */
  forgetState(cell: Cell): void {
    this.states.delete(cell);
  }

  /** The message sends to a cell of this host. */
  sendLocal(cell: Cell, item: MailItem): void {
    this.locals.push({ cell, item });
  }

  /** What was sent to a cell is for another one, which has taken its place. */
  readdress(from: Cell, to: Cell): void {
    for (const local of this.locals) if (local.cell === from) local.cell = to;
    for (const [at, cell] of this.via.entries()) if (cell === from) this.via[at] = to;
    to.viaTurn = from.viaTurn;
  }

  /** The message is handled: what it asked for stays. Give each message it sent to a cell of this host to that. */
  accept(give: (local: LocalMail) => void): void {
    const { locals } = this;
    for (let at = this.localsMark; at < locals.length; at += 1) give(locals[at] as LocalMail);
  }

  /** The message has failed: what it asked for is gone. */
  reject(): void {
    this.frame.out.truncate(this.bytesMark);
    this.deferred.length = this.deferredMark;
    this.via.length = this.viaMark;
    this.locals.length = this.localsMark;
  }

  /** What was sent to cells of this host and not handled, in the order sent. */
  get unhandledLocals(): LocalMail[] {
    return this.locals.filter(({ item }) => item.bytes !== undefined);
  }
}
