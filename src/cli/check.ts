/** `troupe journal check`: is everything in a journal as it was written? */
import { checkJournal, type JournalReport } from '../journal/check.js';
import type { LogDamage } from '../journal/log-walk.js';
import { TroupeError } from '../core/errors.js';
import { withReader } from './open.js';
import { ExitCode, type ExitCodeValue, type Output } from './output.js';
import { bytesOf, count, countOf, wrapped } from './text.js';

/** Check, and say what is wrong. */
export async function check({ journal }: { journal: string }, out: Output): Promise<ExitCodeValue> {
  let report: JournalReport;
  try {
    const atOpening: LogDamage[] = [];
    report = await withReader(
      journal,
      (reader) => checkJournal(reader, atOpening),
      (damage) => void atOpening.push(damage),
    );
  } catch (error) {
    // So damaged that it cannot be opened: that is what the check was to find out.
    if (!TroupeError.is(error, 'JOURNAL_CORRUPT')) throw error;
    const record = String(error.value ?? 'the log');
    out.json({ kind: 'problem', record, what: error.message });
    out.json({ kind: 'report', ok: false, problems: 1 });
    out.line(`${record}: it cannot be opened`);
    out.lines(wrapped(error.message, out.width - 4).map((line) => `    ${line}`));
    return ExitCode.found;
  }
  const { problems, problemCount, counts, firstPosition, lastPosition } = report;
  for (const { record, actor, offset, what } of problems) {
    out.json({ kind: 'problem', record, actor, offset, what });
    const place = offset === undefined ? '' : `, byte ${offset}`;
    out.line(`${record}${place}${actor === undefined ? '' : `  ${actor}`}`);
    out.lines(wrapped(what, out.width - 4).map((line) => `    ${line}`));
  }
  if (problemCount > problems.length) out.line(`... and ${count(problemCount - problems.length)} more`);
  out.json({ kind: 'report', ok: problemCount === 0, problems: problemCount, ...counts, firstPosition, lastPosition });
  const { logRecords, logBytes, frames, messages, turns, actors, living, timers, mailChunks, waiting, deadLetters } =
    counts;
  out.line(`log     ${countOf(logRecords, 'record')}, ${bytesOf(logBytes)}, ${countOf(frames, 'frame')}`);
  out.line(`        ${countOf(messages, 'message')}, ${countOf(turns, 'turn')}`);
  out.line(`tables  ${countOf(actors, 'actor')} (${count(living)} living), ${countOf(timers, 'timer')}`);
  const mail = `${countOf(waiting, 'message')} waiting in ${countOf(mailChunks, 'chunk')} and rows`;
  out.line(`        ${mail}, ${countOf(deadLetters, 'dead letter')}`);
  out.line(problemCount === 0 ? 'nothing wrong' : countOf(problemCount, 'problem'));
  return problemCount === 0 ? ExitCode.ok : ExitCode.found;
}
