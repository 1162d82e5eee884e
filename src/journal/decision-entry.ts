/**
 * What is told of a decision of supervision: plain records of bytes and numbers, which travel between threads as they
 * are. How they come about is told in `decision-fold.ts`.
 */
import type { HistoryMessage } from './history-entry.js';
import type { DecisionValue, EndKindValue } from './ops.js';

/**
 * What was decided about. `message`: handling one failed; `start`: the first turn failed; `thread`: its thread died at
 * it; `exit`: a supervised actor exited; `unrestorable`: its state or definition cannot be used.
 */
export type DecisionCause = 'message' | 'start' | 'thread' | 'exit' | 'unrestorable';

/** Who failed or exited, and who decides about that. */
export interface Judged {
  aid: number;
  path: string;
  /** Its supervisor's number and path; undefined: the guardian decides. */
  parent: number | undefined;
  by: string | undefined;
}

/** A decision, or a failure that nobody has decided about. */
export interface DecisionEntry extends Judged {
  /** The log record. */
  position: number;
  /** When it was committed, in milliseconds since the epoch. */
  time: number;
  /** Undefined, like all facts of the failure: that was before the oldest log record that is kept. */
  cause: DecisionCause | undefined;
  /** When it failed or exited, in milliseconds since the epoch. */
  failedAt?: number;
  /** Of an exit. */
  how?: EndKindValue;
  /** How often the message, or the start, had failed then. */
  attempts?: number;
  /** An encoded failure report or plain error. */
  report?: Uint8Array;
  /** The number of the failing message. */
  seq?: number;
  message?: HistoryMessage;
  /** Undefined: nobody has decided. */
  decision: DecisionValue | undefined;
  why: string;
}
