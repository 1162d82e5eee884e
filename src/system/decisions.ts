/** Decisions of supervision as people read them: the entries of `journal/decisions.ts` with their bytes decoded. */
import type { ActorPath } from '../core/ids.js';
import { parseEnvelope } from '../core/envelope.js';
import { endOf } from '../host/failure.js';
import type { DecisionCause, DecisionEntry } from '../journal/decision-entry.js';
import type { DecisionPage } from '../journal/decisions.js';
import type { HistoryMessage } from '../journal/history-entry.js';
import { Decision, EndKind } from '../journal/ops.js';
import { type MessageView, viewEnvelope } from './history.js';
import type { SupervisionDecision } from './supervision.js';

/** What befell an actor: what failed or exited, and what became of it. */
export interface FailureView {
  /** When it was decided; of what nobody has decided about, when it was last heard of. */
  at: Date;
  /** The log record. */
  position: number;
  /** Whose failure or exit it was. */
  path: ActorPath;
  /** The path of the supervisor that decides; undefined: the guardian, by the system's policy. */
  by: string | undefined;
  /**
   * `message`: handling it failed; `start`: the first turn failed; `thread`: its thread died at a message or at the
   * start; `exit`: a supervised actor exited, or a supervisor gave up; `unrestorable`: its state cannot be used.
   * Undefined, like all that follows from it: the failure is older than the journal's retention.
   */
  cause: DecisionCause | undefined;
  /** When it failed or exited. */
  failedAt?: Date;
  /** Of an exit. `done`: it reached its final state; `stopped`: it was told to; `failed`: it gave up. */
  how?: 'done' | 'failed' | 'stopped';
  /** Undefined: nobody has decided (yet). */
  decision: SupervisionDecision | undefined;
  /** The rule, in the words of who decided. */
  why: string;
  /** What it failed with; of an exit, what it gave up with, or had failed with before it was stopped. */
  error?: Error;
  /** How often the message, or the start, had failed. */
  attempts?: number;
  /** The failing message; absent: its start. Of an exit: one that had failed, and was still undecided. */
  message?: MessageView;
}

/** A decision of supervision. */
export type DecisionView = FailureView & { decision: SupervisionDecision };

/** Decode a page of decisions. */
export function viewDecisions({ entries, paths }: DecisionPage): DecisionView[] {
  const known = new Map(paths);
  return entries.map((entry) => viewFailure(entry, known)).filter(isDecided);
}

function isDecided(view: FailureView): view is DecisionView {
  return view.decision !== undefined;
}

/** Decode one entry. @param paths of the actors that sent the messages */
export function viewFailure(entry: DecisionEntry, paths: ReadonlyMap<number, string>): FailureView {
  const { time, position, path, by, cause, failedAt, how, why, attempts, report, message } = entry;
  const names = Object.keys(Decision) as SupervisionDecision[];
  const decision = names.find((name) => Decision[name] === entry.decision);
  const view: FailureView = { at: new Date(time), position, path, by, cause, decision, why };
  if (failedAt !== undefined) view.failedAt = new Date(failedAt);
  if (how !== undefined) view.how = endOf(how, nothing).how;
  const { error } = report === undefined ? { error: undefined } : endOf(EndKind.failed, Buffer.from(report));
  if (error !== undefined) view.error = error;
  if (attempts !== undefined) view.attempts = attempts;
  if (message !== undefined) view.message = viewMessage(message, paths);
  return view;
}

const nothing = Buffer.alloc(0);

function viewMessage({ seq, envelope, missing }: HistoryMessage, paths: ReadonlyMap<number, string>): MessageView {
  if (envelope === undefined) return missing === undefined ? { seq } : { seq, missing };
  return viewEnvelope(seq, parseEnvelope(Buffer.from(envelope)), (aid) => paths.get(aid));
}
