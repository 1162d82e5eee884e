/**
 * What an actor's history is made of: plain records of bytes and numbers, which travel between threads as they are.
 * How they come about is told in `history.ts`.
 */
import type { DecisionValue, EndKindValue } from './ops.js';

/** What stands for a turn's number: its count from the spawn, or its position in the log (H2). */
export type HistoryNumbering = 'turns' | 'positions';

/** Whose history it is, as the journal knows it now. */
export interface HistorySubject {
  aid: number;
  path: string;
  /** The parent's number, 0 for the root. */
  parent: number;
  /** The definition's name and module. */
  name: string;
  url: string;
  /** The definition's version when the actor was spawned. */
  version: number;
  durability: 0 | 1 | 2;
  /** Encoded input, empty for none. */
  input: Uint8Array;
  hasEnded: boolean;
}

/** A message as the actor got it. */
export interface HistoryMessage {
  /** Its number in the journal. */
  seq: number;
  /** Its envelope's bytes; undefined: it cannot be told any more, for the reason in `missing`. */
  envelope: Uint8Array | undefined;
  missing?: string;
  /** When it was accepted, in milliseconds since the epoch, and in which log record; unknown when it is missing. */
  acceptedAt?: number;
  acceptedPosition?: number;
}

/** Something a turn did besides changing the state. `message`: which message of the turn did it, -1 for its start. */
export type HistoryDeed = { message: number } & (
  | { kind: 'sent'; seq: number; envelope: Uint8Array }
  | { kind: 'spawned'; path: string; name: string }
  | { kind: 'timerSet'; timerId: string; dueAt: number; envelope: Uint8Array }
  | { kind: 'timerCancelled'; timerId: string }
  | { kind: 'replied'; session: number; askId: number; ok: boolean; value: Uint8Array }
  | { kind: 'watched'; aid: number; path: string }
  | { kind: 'stopped'; aid: number; path: string }
);

/** What the actor did in one committed turn. */
export interface HistoryTurn {
  kind: 'turn';
  /** The turn began with the initial transition. */
  isStart: boolean;
  messages: HistoryMessage[];
  deeds: HistoryDeed[];
  /** The stored state's bytes before and after. Before: undefined at the start, or when `beforeMissing` says why. */
  before: Uint8Array | undefined;
  beforeMissing?: string;
  /** Undefined when the turn ended the actor. */
  after: Uint8Array | undefined;
  end?: { how: EndKindValue; value: Uint8Array };
}

/** One entry. */
export type HistoryEntry = {
  /** See `history.ts`. */
  turn: number;
  /** The log record. */
  position: number;
  /** When it was committed, in milliseconds since the epoch. */
  time: number;
} & (
  | { kind: 'spawned'; parent: number; name: string; url: string; version: number; input: Uint8Array }
  | HistoryTurn
  /** Handling a message failed (or the start, when `message` is undefined), or the state could not be restored. */
  | {
      kind: 'failed';
      message: HistoryMessage | undefined;
      attempts: number;
      cause: 'message' | 'thread' | 'unrestorable';
      report: Uint8Array;
    }
  | { kind: 'decided'; decision: DecisionValue; why: string; message: HistoryMessage | undefined }
  /** It was told to stop; by the actor with this number, 0: by a program. */
  | { kind: 'stopping'; by: number }
  /** It is supervised and has exited: its supervisor is to say what becomes of it. */
  | { kind: 'exited'; how: EndKindValue }
  /** It is over, and its children before it. */
  | { kind: 'ended'; how: EndKindValue }
);
