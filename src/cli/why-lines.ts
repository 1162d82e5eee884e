/** What befell an actor, and how it stands, as lines for people. */
import { TroupeError } from '../core/errors.js';
import type { FailureView } from '../system/decisions.js';
import { briefly } from './history-lines.js';
import { clockTime, count, countOf, cutFront, wrapped } from './text.js';
import type { Subject } from './why.js';

/** Columns of the words that lines begin with. */
const margin = 11;
/** Lines of an error's text, at most. */
const errorLinesMax = 4;

/** A failure or an exit, who decided, by which rule, and what was done. */
export function storyLines(failure: FailureView, width: number): string[] {
  const { at, position, failedAt, by, decision, message, error } = failure;
  const lines = [headingOf(failure, width)];
  if (message !== undefined) lines.push(field('message', briefly(message)));
  if (error !== undefined) lines.push(...fieldLines('error', errorText(error), width));
  if (decision === undefined) return [...lines, ...fieldLines('done', undecidedText(failure), width)];
  const isLater = failedAt !== undefined && failedAt.getTime() !== at.getTime();
  const where = `${isLater ? `  ${clockTime(at)}` : ''}  record ${position}`;
  const who = by === undefined ? 'the guardian' : cutFront(by, width - margin - decision.length - where.length - 6);
  lines.push(field('decided', `${decision}, by ${who}${where}`));
  lines.push(...fieldLines('rule', failure.why, width));
  return [...lines, ...fieldLines('done', doneText(failure), width)];
}

/** How it stands now. */
export function standingLines(subject: Subject, width: number): string[] {
  const { status, by, mail, error, children, isSupervisor } = subject;
  const decider = by === undefined ? 'the guardian' : cutFront(by, width - margin - 45);
  const texts = {
    running: 'it runs',
    failed: `it has failed, and waits for a decision of ${decider}`,
    stopping: 'it is stopping',
    quarantined: 'quarantined: it cannot be restored, and nobody decides about that',
    ended: `it has ended: ${howText(subject)}`,
    held: `it has exited (${howText(subject)}), and waits for a decision of ${decider}`,
  };
  const lines = [field('now', `${texts[status]}${mail > 0 ? `; ${countOf(mail, 'message')} waiting` : ''}`)];
  if (error !== undefined && hasTrouble(subject)) lines.push(...fieldLines('', errorText(error), width));
  if (isSupervisor && children !== undefined) {
    const words = Object.entries(children).map(([word, number]) => `${count(number)} ${word}`);
    if (words.length > 0) lines.push(field('children', words.join(', ')));
  }
  return lines;
}

function howText({ how, error }: Subject): string {
  return how === 'stopped' && error !== undefined ? 'killed' : (how ?? '');
}

/** Is there something wrong with it now? Who was killed has an error too. */
export function hasTrouble({ status, how, error }: Subject): boolean {
  if (status === 'ended') return how === 'failed' || error !== undefined;
  return status === 'failed' || status === 'quarantined' || status === 'held';
}

function headingOf(failure: FailureView, width: number): string {
  const { at, failedAt, path } = failure;
  const time = clockTime(failedAt ?? at);
  const what = whatText(failure);
  return `${time}  ${cutFront(path, Math.max(16, width - time.length - what.length - 3))} ${what}`;
}

function whatText({ cause, attempts, how, message, error }: FailureView): string {
  const attempt = attempts === undefined ? '' : ` (attempt ${attempts})`;
  switch (cause) {
    case 'message':
      return `failed${attempt}`;
    case 'start':
      return `could not start${attempt}`;
    case 'thread':
      return `lost its thread${message === undefined ? ' when it started' : ''}${attempt}`;
    case 'exit':
      return wasKilled(error) ? 'was killed' : exitText(how, attempt);
    case 'unrestorable':
      return 'cannot be restored';
    default:
      return 'failed or exited before the history that is kept';
  }
}

function wasKilled(error: Error | undefined): boolean {
  return TroupeError.is(error, 'SHUTDOWN_TIMEOUT') || TroupeError.is(error, 'SHUTDOWN_KILL');
}

function exitText(how: FailureView['how'], attempt: string): string {
  if (how === 'failed') return 'gave up';
  if (how === 'done') return 'was done';
  return attempt === '' ? 'was stopped' : `was stopped when it had failed${attempt}`;
}

function undecidedText({ cause, by, why }: FailureView): string {
  if (why !== '') return `nothing: ${why}`;
  if (cause === 'unrestorable') return 'quarantined: its mail is kept, and nobody decides about that';
  return `nothing yet: ${by ?? 'the guardian'} has not decided`;
}

/** What the kernel made of a decision. */
function doneText({ cause, decision, how, message }: FailureView): string {
  if (cause === 'exit') return exitDone(decision, how);
  const isMessage = cause === undefined || message !== undefined;
  switch (decision) {
    case 'restore':
      return isMessage ? 'back to its last committed state; the message is tried again' : 'it is started again';
    case 'resume':
      return isMessage ? 'back to its last committed state; the message is a dead letter' : 'it is started again';
    case 'reset':
      return isMessage ? 'back to its initial state; the message is a dead letter' : 'it is started again';
    default:
      return 'it ended as failed; what waited is among the dead letters';
  }
}

function exitDone(decision: FailureView['decision'], how: FailureView['how']): string {
  if (decision === 'stop') return 'it has ended for good; what waited is among the dead letters';
  const isAnew = decision === 'reset' || how === 'done';
  return `it is started again, with its ${isAnew ? 'initial' : 'last committed'} state`;
}

function errorText(error: Error): string {
  const { name, message } = error;
  if (TroupeError.is(error)) return `${error.code}: ${message}`;
  return name === 'Error' ? message : `${name}: ${message}`;
}

function field(name: string, text: string): string {
  return `  ${name.padEnd(margin - 2)}${text}`;
}

function fieldLines(name: string, text: string, width: number): string[] {
  const lines = wrapped(text, width - margin);
  const shown = lines.length <= errorLinesMax ? lines : [...lines.slice(0, errorLinesMax - 1), '...'];
  return shown.map((line, index) => field(index === 0 ? name : '', line));
}
