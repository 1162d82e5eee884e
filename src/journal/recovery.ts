/**
 * Opening a journal: from bytes to a model that stands where the last commit left it. Three phases, each
 * done before the next; no thread is attached yet, so nothing can arrive meanwhile.
 *
 *   1 mark   the counters and segments of the last checkpoint
 *   2 rows   every actor with something to do: spec, tree, timers, mail; states stay in the store, and so do the
 *            rows of all others, until somebody asks for them
 *   3 tail   the log behind the checkpoint, folded by the same model that wrote it
 *
 * User code plays no part: states are read, not recomputed (G9).
 */
import { TroupeError } from '../core/errors.js';
import { hitFailpoint } from '../core/failpoint.js';
import { type CheckpointMark, readMark } from './checkpoint.js';
import { framesOf, readGroup } from './group.js';
import { JournalModel, type Outcomes } from './model.js';
import { type ActorRow, decodeRow } from './row.js';
import type { JournalReader } from './store.js';

/** A recovered journal. */
export interface Recovered {
  model: JournalModel;
  mark: CheckpointMark;
  /** Log bytes and records behind the checkpoint. */
  tailBytes: number;
  tailGroups: number;
  /** When the last group was committed, in milliseconds since 1970; 0 when there is none. */
  time: number;
}

/** Outcomes for whom there is nobody: recovery's, and those of whoever only reads. */
export const silentOutcomes: Outcomes = {
  wake() {},
  volatile() {},
  released() {},
  awaitEnd() {},
  ended() {},
  dropped() {},
  result() {},
  reply() {},
  notice() {},
};

/**
 * Recover.
 * @throws TroupeError JOURNAL_CORRUPT (naming the record) or JOURNAL_NEWER
 */
export function recover(store: JournalReader, outcomes: Outcomes): Recovered {
  const model = new JournalModel(store, silentOutcomes);
  const mark = readMark(store) ?? { position: 0, seq: 0, aid: 0, session: 0, segments: [], deadLetters: 0, living: 0 };
  Object.assign(model.counters, { position: mark.position, seq: mark.seq, aid: mark.aid, session: mark.session });
  model.deadLetterCount = mark.deadLetters;
  model.livingCount = mark.living;
  readRows(store, model);
  hitFailpoint('recovery.afterRows');
  const tail = replayTail(store, model, mark.position);
  model.changes = [];
  model.notes.take();
  model.outcomes = outcomes;
  return { model, mark, ...tail };
}

function readRows(store: JournalReader, model: JournalModel): void {
  for (const { key } of store.scan('awake')) {
    const value = store.get('rows', key);
    if (value === undefined) throw new TroupeError('JOURNAL_CORRUPT', `row ${String(key)} is missing`, { value: key });
    const { row, inline, timers } = decodeRow(value, `row ${String(key)}`);
    row.awakeStored = true;
    model.rows.add(row);
    for (const { timerId, dueAt, envelope } of timers) model.setTimer(row, timerId, dueAt, envelope);
    restoreMail(store, row, inline);
    if (row.hasMail) model.waiting += row.mail.length;
  }
}

function restoreMail(store: JournalReader, row: ActorRow, inline: Parameters<ActorRow['mail']['restore']>[1]): void {
  const chunks = [...store.scan('mail', [row.aid, 0], [row.aid + 1, 0])];
  if (chunks.length === 0 && inline.length === 0) return;
  row.mail.restore(
    chunks.map(({ key, value }) => ({ firstSeq: (key as readonly [number, number])[1], value })),
    inline,
    row.mail.consumedSeq,
  );
}

function replayTail(
  store: JournalReader,
  model: JournalModel,
  from: number,
): Pick<Recovered, 'tailBytes' | 'tailGroups' | 'time'> {
  let time = timeOf(store, from);
  let tailBytes = 0;
  let tailGroups = 0;
  for (const { position, bytes: value } of store.readLog(from + 1)) {
    const where = `log record ${position}`;
    const header = readGroup(value, where);
    const { counters } = model;
    if (
      header.position !== counters.position + 1 ||
      header.before.seq !== counters.seq ||
      header.before.aid !== counters.aid
    ) {
      throw new TroupeError('JOURNAL_CORRUPT', `${where}: does not follow position ${counters.position}`, {
        value: where,
      });
    }
    for (const frame of framesOf(value)) model.apply(value, frame.at, frame.length, header.time);
    counters.position = header.position;
    time = Math.max(time, header.time);
    tailBytes += value.length;
    tailGroups += 1;
  }
  return { tailBytes, tailGroups, time };
}

/** When a group was committed; 0 when there is none at the position any more. */
function timeOf(store: JournalReader, position: number): number {
  for (const { bytes } of store.readLog(position, position + 1)) return readGroup(bytes, `log record ${position}`).time;
  return 0;
}
