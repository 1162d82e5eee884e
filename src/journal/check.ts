/**
 * Walks a journal from end to end and says what is wrong with it: every log record, every record of every table, and
 * whether they agree. It reads only, it never throws on damage, and it runs no user code.
 *
 * V1  Each byte that counts is covered by a checksum, so what it passes is what was written.
 * V2  Parts that cannot be read are reported and passed over; the rest is still checked.
 * V3  Of a journal that goes on meanwhile, what was read while a checkpoint moved the tables is read again.
 */
import { Findings, type JournalCounts, type JournalProblem, sentenceOf } from './check-findings.js';
import { type LogExtent, LogCheck } from './check-log.js';
import { TablesCheck } from './check-tables.js';
import { type CheckpointMark, readMark } from './checkpoint.js';
import { decodeRow, RowStatus } from './row.js';
import { Standing } from './standing.js';
import type { JournalReader } from './store.js';

export type { JournalCounts, JournalProblem } from './check-findings.js';

/** What a check has to say. */
export interface JournalReport {
  /** The first thousand; `problemCount` counts all. */
  problems: JournalProblem[];
  problemCount: number;
  counts: JournalCounts;
  /** The log's first and last record; undefined: it is empty, or its last record cannot be read. */
  firstPosition: number | undefined;
  lastPosition: number | undefined;
  /** Checkpoints came faster than the tables could be read: whether they agree was not checked. */
  isMoving: boolean;
}

/** How often the tables are read when checkpoints come in between. */
const triesMax = 5;

/** Check a journal. Takes as long as it takes to read it all; memory does not grow with the log. */
export function checkJournal(reader: JournalReader): JournalReport {
  const findings = new Findings();
  const mark = findings.attempt({ record: 'mark' }, () => readMark(reader));
  const paths = (aid: number): string | undefined => pathOf(reader, aid);
  const extent = new LogCheck(findings, paths).run(reader, mark?.position ?? 0);
  compareMark(mark, readAgain(reader), extent, findings);
  const isMoving = !checkTables(reader, findings);
  const { problems, problemCount, counts } = findings;
  const lastPosition = extent.end?.position;
  return { problems, problemCount, counts, firstPosition: extent.first, lastPosition, isMoving };
}

/** V3. Returns false when they never stood still. */
function checkTables(reader: JournalReader, findings: Findings): boolean {
  for (let tries = 1; ; tries += 1) {
    const found = new Findings();
    const mark = readAgain(reader)?.position;
    checkTablesOnce(reader, found);
    const isStill = readAgain(reader)?.position === mark;
    if (!isStill && found.problemCount > 0 && tries < triesMax) continue;
    if (!isStill && found.problemCount > 0) return false;
    findings.add(found);
    return true;
  }
}

function checkTablesOnce(reader: JournalReader, found: Findings): void {
  new TablesCheck(found, reader, readAgain(reader)).run();
  // What cannot be read has been reported; recovery would only stumble over it again.
  if (found.problemCount === 0) checkStanding(reader, found);
}

/** The log against the mark as it was before it was walked, and as it was afterwards. */
function compareMark(
  mark: CheckpointMark | undefined,
  later: CheckpointMark | undefined,
  { first, end }: LogExtent,
  found: Findings,
): void {
  const say = (what: string): void => found.report({ record: 'mark', what });
  const position = later?.position ?? 0;
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
    found.report({ record: 'recovery', what: sentenceOf(error) });
    return;
  }
  const { model } = standing;
  for (const row of standing.actors()) {
    if (row.status === RowStatus.ended) continue;
    const record = `row ${row.aid}`;
    const atPath = found.attempt({ record, actor: row.path }, () => model.current(row.path));
    if (atPath === undefined) found.report({ record, actor: row.path, what: 'it is not found at its path' });
    else if (atPath.aid !== row.aid)
      found.report({ record, actor: row.path, what: `actor ${atPath.aid} lives there too` });
  }
  const letters = found.counts.deadLetters;
  if (model.deadLetterCount !== letters)
    found.report({ record: 'mark', what: `it counts ${model.deadLetterCount} dead letters; there are ${letters}` });
}

/** The mark, or undefined when there is none or it is damaged, which has been reported. */
function readAgain(reader: JournalReader): CheckpointMark | undefined {
  return new Findings().attempt({ record: 'mark' }, () => readMark(reader));
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
