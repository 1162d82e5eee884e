/**
 * Questions about a journal's past, as data: asked by a system, answered by whoever has a reader. Reading a long
 * history takes seconds, so a system on threads asks a thread of its own (`thread/reader-entry.ts`) and never the
 * journal thread, which has a log to write.
 */
import { type DecisionPage, type DecisionQuery, readDecisions } from './decisions.js';
import { historyOf, type HistoryPage, type HistoryQuery, readHistory, stateAtTurn } from './history.js';
import type { HistorySubject } from './history-entry.js';
import { Standing } from './standing.js';
import type { JournalReader } from './store.js';

/** A question. `target`: a path, or `#` and an actor's number. */
export type JournalQuestion =
  | { kind: 'history'; target: string; query: HistoryQuery }
  | { kind: 'state'; target: string; turn: number }
  | { kind: 'decisions'; query: DecisionQuery };

/** A state of the past. */
export interface PastState {
  subject: HistorySubject;
  /** The last turn at or before the one asked for. */
  turn: number;
  /** Its state's bytes; undefined when it had none: before its first turn, or after its end. */
  state: Uint8Array | undefined;
}

/** What each kind of question is answered with. */
export interface JournalAnswers {
  history: HistoryPage;
  state: PastState;
  decisions: DecisionPage;
}

/**
 * Answer.
 * @throws TroupeError ACTOR_UNKNOWN, HISTORY_GONE, OPTION_RANGE, JOURNAL_CORRUPT
 */
export function answerQuestion<Q extends JournalQuestion>(
  reader: JournalReader,
  question: Q,
): JournalAnswers[Q['kind']];
export function answerQuestion(
  reader: JournalReader,
  question: JournalQuestion,
): HistoryPage | PastState | DecisionPage {
  const standing = new Standing(reader);
  if (question.kind === 'decisions') return readDecisions(standing, question.query);
  const history = historyOf(standing, question.target);
  if (question.kind === 'history') return readHistory(history, question.query);
  return { subject: history.subject, ...stateAtTurn(history, question.turn) };
}
