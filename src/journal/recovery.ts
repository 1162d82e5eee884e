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
import { markDamaged, readRow } from './damaged.js';
import { framesOf, readGroup } from './group.js';
import { JournalModel, type Outcomes } from './model.js';
import type { JournalReader, StoreKey } from './store.js';

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
  started() {},
  handled() {},
  released() {},
  kept() {},
  unknown() {},
  awaitEnd() {},
  awaitUp() {},
  up() {},
  ended() {},
  dropped() {},
  result() {},
  reply() {},
  notice() {},
};

/** Before the first checkpoint. */
const noMark: CheckpointMark = {
  position: 0,
  seq: 0,
  aid: 0,
  session: 0,
  segments: [],
  deadLetters: 0,
  living: 0,
  time: 0,
};

/**
 * Recover.
 * @throws TroupeError JOURNAL_CORRUPT (naming the record) or JOURNAL_NEWER
 */
export function recover(store: JournalReader, outcomes: Outcomes): Recovered {
  const model = new JournalModel(store, silentOutcomes);
  const mark = readMark(store) ?? noMark;
  Object.assign(model.counters, { position: mark.position, seq: mark.seq, aid: mark.aid, session: mark.session });
  model.deadLetterCount = mark.deadLetters;
  model.livingCount = mark.living;
  model.limitOfActors = mark.actorsMax ?? Number.POSITIVE_INFINITY;
  readRows(store, model);
  hitFailpoint('recovery.afterRows');
  const tail = replayTail(store, model, mark);
  model.changes = [];
  model.notes.take();
  model.outcomes = outcomes;
  return { model, mark, ...tail };
}

function readRows(store: JournalReader, model: JournalModel): void {
  const mail = new MailChunks(store);
  for (const { aid, value } of awakeRows(store)) {
    const { row, inline, timers } = readRow(aid, value, store);
    row.awakeStored = true;
    model.rows.add(row);
    for (const { timerId, dueAt, envelope } of timers) model.setTimer(row, timerId, dueAt, envelope);
    const chunks = mail.of(aid);
    if (chunks.length > 0 || inline.length > 0) {
      const damage = row.mail.restore(chunks, inline, row.mail.consumedSeq);
      if (damage !== undefined) markDamaged(row, damage);
    }
    if (row.hasMail) model.waiting += row.mail.length;
  }
}

/** Rows are looked up by so many at a time. */
const batchRows = 256;

/** The rows marked `awake`, in the order of their numbers. Where they lie close together they are read in one go. */
function* awakeRows(store: JournalReader): Generator<{ aid: number; value: Buffer | undefined }> {
  const awake = store.scan('awake')[Symbol.iterator]();
  for (let more = true; more; ) {
    const aids: number[] = [];
    while (more && aids.length < batchRows) {
      const next = awake.next();
      if (next.done) more = false;
      else aids.push(next.value.key as number);
    }
    const [first, last] = [aids[0], aids.at(-1)];
    if (first === undefined || last === undefined) return;
    const near = new Map<StoreKey, Buffer>();
    if (last - first < 2 * batchRows) {
      for (const { key, value } of store.scan('rows', first, last + 1)) near.set(key, value);
    }
    for (const aid of aids) yield { aid, value: near.get(aid) ?? store.get('rows', aid) };
  }
}

/** Mail on disk, read along with the rows: both are in the order of actors' numbers. */
class MailChunks {
  private readonly chunks: Iterator<{ key: StoreKey; value: Buffer }>;
  private next: IteratorResult<{ key: StoreKey; value: Buffer }>;

  constructor(store: JournalReader) {
    this.chunks = store.scan('mail')[Symbol.iterator]();
    this.next = this.chunks.next();
  }

  /** The chunks of an actor. Ask for a higher number each time. */
  of(aid: number): { firstSeq: number; value: Buffer }[] {
    const found: { firstSeq: number; value: Buffer }[] = [];
    for (; !this.next.done; this.next = this.chunks.next()) {
      const [owner, firstSeq] = this.next.value.key as readonly [number, number];
      if (owner > aid) break;
      if (owner === aid) found.push({ firstSeq, value: this.next.value.value });
    }
    return found;
  }
}

function replayTail(
  store: JournalReader,
  model: JournalModel,
  mark: CheckpointMark,
): Pick<Recovered, 'tailBytes' | 'tailGroups' | 'time'> {
  let { time } = mark;
  let tailBytes = 0;
  let tailGroups = 0;
  for (const { position, bytes: value } of store.readLog(mark.position + 1)) {
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
