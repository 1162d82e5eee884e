/**
 * Walks a journal from end to end and says what is wrong with it: every log record, every record of every table, and
 * whether they agree. It reads only, it never throws on damage, and it runs no user code.
 *
 * V1  Each byte that counts is covered by a checksum, so what it passes is what was written.
 * V2  Parts that cannot be read are reported and passed over; the rest is still checked.
 * V3  The reader shows one instant, so a journal that goes on meanwhile is checked like one that is stopped.
 */
import { Findings, type JournalCounts, type JournalProblem, sentenceOf } from './check-findings.js';
import { type CheckableReader, type LogExtent, LogCheck } from './check-log.js';
import { TablesCheck } from './check-tables.js';
import { type CheckpointMark, readMark } from './checkpoint.js';
import type { LogDamage } from './log-walk.js';
import { decodeRow, RowStatus } from './row.js';
import { Standing } from './standing.js';
import type { JournalReader } from './store.js';

export type { JournalCounts, JournalProblem } from './check-findings.js';
export type { CheckableReader } from './check-log.js';

/** What a check has to say. */
export interface JournalReport {
  /** The first thousand; `problemCount` counts all. */
  problems: JournalProblem[];
  problemCount: number;
  counts: JournalCounts;
  /** The log's first and last record; undefined: it is empty, or its last record cannot be read. */
  firstPosition: number | undefined;
  lastPosition: number | undefined;
}

/** Actors asked for between two looks at which may leave memory again. */
const releaseEvery = 1_000;

/**
 * Check a journal. Takes as long as it takes to read it all; memory does not grow with the log.
 * @param atOpening the damage that was met when the reader was opened; it is reported too
 */
export function checkJournal(reader: CheckableReader, atOpening: readonly LogDamage[] = []): JournalReport {
  const findings = new Findings();
  const mark = findings.attempt({ record: 'mark' }, () => readMark(reader));
  const paths = (aid: number): string | undefined => pathOf(reader, aid);
  const extent = new LogCheck(findings, paths).run(reader);
  for (const { file, offset, what } of atOpening) {
    if (!findings.problems.some(({ record }) => record === file)) findings.report({ record: file, offset, what });
  }
  compareMark(mark, extent, findings);
  checkTables(reader, mark, findings);
  const { problems, problemCount, counts } = findings;
  const lastPosition = extent.end?.position;
  return { problems, problemCount, counts, firstPosition: extent.first, lastPosition };
}

function checkTables(reader: JournalReader, mark: CheckpointMark | undefined, findings: Findings): void {
  const before = findings.problemCount;
  new TablesCheck(findings, reader, mark).run();
  if (findings.problemCount === before) checkStanding(reader, findings);
}

/** The log against the mark. */
function compareMark(mark: CheckpointMark | undefined, { first, end }: LogExtent, found: Findings): void {
  const say = (what: string): void => found.report({ record: 'mark', what });
  const position = mark?.position ?? 0;
  const kept = mark?.segments[0]?.first;
  if (kept !== undefined && (first ?? Number.POSITIVE_INFINITY) > kept)
    say(
      `the log ${first === undefined ? 'is empty' : `begins with record ${first}`}; it is to be kept from ${kept} on`,
    );
  if (first !== undefined && first > position + 1)
    say(`the log begins with record ${first}, but those from ${position + 1} on are still needed`);
  if (mark === undefined || end === undefined) return;
  if (end.position < mark.position) say(`the log ends with record ${end.position}, before the mark's ${mark.position}`);
  if (end.seq < mark.seq) say(`the log ends with message ${end.seq}, before the mark's ${mark.seq}`);
}

/** The model that would run it: can it be built, and do its parts agree? */
function checkStanding(reader: JournalReader, found: Findings): void {
  let standing: Standing;
  try {
    standing = new Standing(reader);
  } catch (error) {
    // A damaged log has been reported where it is damaged.
    if (found.problemCount === 0) found.report({ record: 'recovery', what: sentenceOf(error) });
    return;
  }
  const { model } = standing;
  let [living, lastRelease] = [0, 0];
  for (const row of standing.actors()) {
    if (row.status === RowStatus.ended) continue;
    living += 1;
    // Whom we asked for has come into memory and may go again.
    if (living - lastRelease >= releaseEvery) {
      model.rows.release();
      lastRelease = living;
    }
    const record = `row ${row.aid}`;
    const atPath = found.attempt({ record, actor: row.path }, () => model.current(row.path));
    if (atPath === undefined) found.report({ record, actor: row.path, what: 'it is not found at its path' });
    else if (atPath.aid !== row.aid)
      found.report({ record, actor: row.path, what: `actor ${atPath.aid} lives there too` });
  }
  if (model.livingCount !== living)
    found.report({ record: 'mark', what: `it counts ${model.livingCount} living actors; there are ${living}` });
  const letters = found.counts.deadLetters;
  if (model.deadLetterCount !== letters)
    found.report({ record: 'mark', what: `it counts ${model.deadLetterCount} dead letters; there are ${letters}` });
}

function pathOf(reader: JournalReader, aid: number): string | undefined {
  try {
    const bytes = reader.get('rows', aid);
    return bytes === undefined ? undefined : decodeRow(bytes, `row ${aid}`).row.path;
  } catch {
    // The row is damaged too, and reported where it is checked.
    return undefined;
  }
}
