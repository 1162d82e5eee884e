/** `troupe why`: what befell an actor, who decided what became of it and by which rule, and how it stands now. */
import { type ActorRow, RowStatus, statusNames } from '../journal/row.js';
import { endOf } from '../host/failure.js';
import type { Judged } from '../journal/decision-entry.js';
import { readFailures } from '../journal/decisions.js';
import { Supervises } from '../journal/ops.js';
import type { Standing } from '../journal/standing.js';
import { type FailureView, viewFailure } from '../system/decisions.js';
import { requireActor, withStanding } from './open.js';
import { ExitCode, type ExitCodeValue, type Output } from './output.js';
import { count, countOf, cutFront, dateOf } from './text.js';
import { failureOf } from './row-error.js';
import { hasTrouble, standingLines, storyLines } from './why-lines.js';

/** What `why` is asked for. */
export interface WhyOptions {
  journal: string;
  /** At most so many failures, the newest. */
  last: number;
}

/** What is said of the actor itself. */
export interface Subject {
  path: string;
  definition: string;
  status: (typeof statusNames)[number];
  /** Who decides about it; undefined: the guardian. */
  by: string | undefined;
  isSupervisor: boolean;
  /** Of one that has ended, or is held. */
  how?: 'done' | 'failed' | 'stopped';
  error?: Error;
  /** Messages that wait. */
  mail: number;
  /** Of a supervisor: how many living children stand how. */
  children?: Record<string, number>;
}

/** Tell why. */
export async function why(target: string, { journal, last }: WhyOptions, out: Output): Promise<ExitCodeValue> {
  return withStanding(journal, (standing) => {
    const row = requireActor(standing, target);
    const subject = subjectOf(standing, row);
    const { entries, total, paths } = readFailures(standing, concerning(row, target), last);
    const known = new Map(paths);
    out.json({ kind: 'actor', ...subject, failures: total });
    if (total === 0) {
      out.line(`${cutFront(subject.path, out.width - 45)} has never failed, as far as the history goes`);
      if (hasTrouble(subject)) out.lines(standingLines(subject, out.width));
      return ExitCode.ok;
    }
    sayWho(subject, entries.length, total, out);
    let date = '';
    for (const entry of entries) {
      const failure = viewFailure(entry, known);
      out.json({ kind: 'failure', ...failure });
      out.line();
      date = sayDate(failure, date, out);
      out.lines(storyLines(failure, out.width));
    }
    out.line();
    out.lines(standingLines(subject, out.width));
    return ExitCode.ok;
  });
}

/** Its own failures, and those it decides about. Who is named by a number is not those who had its path before. */
function concerning({ aid, path }: ActorRow, target: string): (judged: Judged) => boolean {
  if (target.startsWith('#')) return (judged) => judged.aid === aid || judged.parent === aid;
  return (judged) => judged.path === path || judged.by === path;
}

function subjectOf(standing: Standing, row: ActorRow): Subject {
  const { path, name, end } = row;
  const subject: Subject = {
    path,
    definition: name,
    status: statusNames[row.status],
    by: row.supervised ? standing.pathOf(row.parent) : undefined,
    isSupervisor: row.supervises !== Supervises.no,
    mail: row.hasMail ? row.mail.length : 0,
  };
  const error = failureOf(row);
  if (error !== undefined) subject.error = error;
  if (end !== undefined) {
    const { how, error: endError } = endOf(end.how, end.value);
    subject.how = how;
    if (endError !== undefined) subject.error = endError;
  }
  if (subject.isSupervisor) subject.children = childrenOf(standing, row);
  return subject;
}

function childrenOf(standing: Standing, { children }: ActorRow): Record<string, number> {
  const statuses: Record<string, number> = {};
  for (const aid of children ?? []) {
    const child = standing.row(aid);
    if (child === undefined || child.status === RowStatus.ended) continue;
    const status = statusNames[child.status];
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return statuses;
}

function sayWho({ path, definition, by, isSupervisor }: Subject, shown: number, total: number, out: Output): void {
  const right = `  ${definition}${isSupervisor ? ', supervisor' : ''}`;
  out.line(`${cutFront(path, Math.max(20, out.width - right.length))}${right}`);
  out.line(
    `supervised by ${by === undefined ? "the guardian, with the system's policy" : cutFront(by, out.width - 14)}`,
  );
  if (total > shown) out.line(`the last ${count(shown)} of ${countOf(total, 'failure')} (--last)`);
}

/** Lines of one day follow its date. */
function sayDate({ at, failedAt }: FailureView, before: string, out: Output): string {
  const date = dateOf(failedAt ?? at);
  if (date !== before) out.line(date);
  return date;
}
