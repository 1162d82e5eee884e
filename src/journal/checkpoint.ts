/**
 * A checkpoint brings the tables up to date with the log: every actor changed since the last one is put
 * once, however often it ran, in the same transaction as the group it follows. Recovery then reads rows
 * and replays only the log behind it. Older log is history, kept in whole segments as far as retention
 * allows and dropped segment by segment.
 */
import { decode, encode } from '../core/codec.js';
import { limits } from '../core/limits.js';
import type { Counters, JournalModel } from './model.js';
import { readable, readRow } from './damaged.js';
import { type ActorRow, encodeRow, RowStatus, stateIn } from './row.js';
import { isAwake, pathEntry, readPathEntry } from './row-table.js';
import { seal, unseal } from './sealed.js';
import type { Change, JournalStore } from './store.js';

/** One stretch of the log between two checkpoints. */
export interface Segment {
  first: number;
  last: number;
  bytes: number;
  /** Not to be dropped before this time, in milliseconds since the epoch; 0: no wish. */
  keepUntil: number;
}

/** What the last checkpoint says of itself. */
export interface CheckpointMark extends Counters {
  segments: Segment[];
  deadLetters: number;
  /** Actors that have not ended. */
  living: number;
  /** More of them are refused. Absent in marks of format 2 and earlier: as many as may be. */
  actorsMax?: number;
  /** The journal's time then, in milliseconds since the epoch: it never goes back behind it. */
  time: number;
}

const markKey = 'checkpoint';
/** How many old entries one checkpoint forgets; the next one goes on. */
const forgottenMax = 20_000;
const nothing = Buffer.alloc(0);

/** The last checkpoint's mark, or undefined for a new journal. */
export function readMark(store: Pick<JournalStore, 'get'>): CheckpointMark | undefined {
  const bytes = store.get('meta', markKey);
  return bytes === undefined ? undefined : (decode(unseal(bytes, 'the checkpoint mark')) as CheckpointMark);
}

/** The change that records a mark. */
export function markChange(mark: CheckpointMark): Change {
  return { table: 'meta', key: markKey, value: seal(encode(mark, 'checkpoint')) };
}

/**
 * Everything a checkpoint puts, made while it is written: all changed rows at once would be as large again as the
 * actors themselves. For the same commit as the group it follows; call `afterCheckpoint` when that has succeeded.
 * @param droppedTo the last position of the log that goes with this checkpoint, 0 for none: actors that ended up to
 *   there are forgotten with it
 */
export function* checkpointChanges(
  model: JournalModel,
  store: Pick<JournalStore, 'get' | 'scan'>,
  mark: Omit<CheckpointMark, 'deadLetters' | 'living' | 'actorsMax'>,
  droppedTo: number,
): Generator<Change> {
  // First: what is left of one of these may be put in its place.
  for (const key of model.garbage) yield { table: 'mail', key, value: undefined };
  for (const row of model.dirty) {
    const { aid } = row;
    if (!row.pathStored && model.rows.isAtItsPath(row)) {
      yield { table: 'paths', key: row.path, value: pathEntry(aid) };
      row.pathStored = true;
    }
    if (isAwake(row) !== row.awakeStored) {
      row.awakeStored = !row.awakeStored;
      yield { table: 'awake', key: aid, value: row.awakeStored ? nothing : undefined };
    }
    if (row.damage !== undefined) {
      row.mail.checkpoint(model, false);
      yield* model.takeChanges();
      continue;
    }
    const inline = row.status !== RowStatus.ended && row.hasMail ? row.mail.checkpoint(model) : [];
    yield* model.takeChanges();
    yield { table: 'rows', key: aid, value: encodeRow(row, stateBytes(row, store), inline) };
    if (row.status === RowStatus.ended) yield { table: 'ended', key: [mark.position, aid], value: nothing };
  }
  yield* forgetEnded(store, droppedTo);
  yield* forgetDeadLetters(model, store);
  const { deadLetterCount: deadLetters, livingCount: living, limitOfActors: actorsMax } = model;
  yield markChange({ ...mark, deadLetters, living, actorsMax });
}

/** Let go of what the tables now hold. */
export function afterCheckpoint(model: JournalModel): void {
  for (const row of model.dirty) {
    row.dirty = false;
    model.rows.cool(row);
    if (row.state !== undefined) {
      row.state = undefined;
      row.stateStored = true;
    }
  }
  model.dirty.clear();
  model.garbage = [];
  model.keepHistoryMs = 0;
  model.rows.release();
}

/**
 * Add the stretch that ends with a checkpoint; a short one is joined to the one before it, so that their list stays
 * short.
 */
export function withSegment(segments: readonly Segment[], closing: Segment, joinedBytesMax: number): Segment[] {
  const last = segments.at(-1);
  if (last === undefined || last.bytes + closing.bytes > joinedBytesMax) return [...segments, closing];
  const { first, bytes, keepUntil } = last;
  const joined = { ...closing, first, bytes: bytes + closing.bytes, keepUntil: Math.max(keepUntil, closing.keepUntil) };
  return [...segments.slice(0, -1), joined];
}

/** How many segments retention lets go: the oldest ones, never the newest, none that is to be kept longer. */
export function segmentsToDrop(segments: readonly Segment[], retentionBytes: number, now: number): number {
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  let drop = 0;
  for (const segment of segments.slice(0, -1)) {
    if (bytes <= retentionBytes || segment.keepUntil > now) break;
    bytes -= segment.bytes;
    drop += 1;
  }
  return drop;
}

/** Actors that ended before the history that is left are unknown from now on. Their numbers are never used again. */
function* forgetEnded(store: Pick<JournalStore, 'get' | 'scan'>, droppedTo: number): Generator<Change> {
  let left = forgottenMax;
  for (const { key } of store.scan('ended', [0, 0], [droppedTo + 1, 0])) {
    if (left === 0) return;
    left -= 1;
    const [, aid] = key as readonly [number, number];
    const stored = store.get('rows', aid);
    yield { table: 'ended', key, value: undefined };
    if (stored === undefined) continue;
    yield { table: 'rows', key: aid, value: undefined };
    const { path } = readRow(aid, stored, store).row;
    const leadsTo = readable(() => readPathEntry(store.get('paths', path), path));
    if (leadsTo === aid) yield { table: 'paths', key: path, value: undefined };
  }
}

/** Of dead letters only the newest are kept. */
function* forgetDeadLetters(model: JournalModel, store: Pick<JournalStore, 'scan'>): Generator<Change> {
  let tooMany = Math.min(model.deadLetterCount - limits.deadLettersKept, forgottenMax);
  if (tooMany <= 0) return;
  for (const { key } of store.scan('dead')) {
    yield { table: 'dead', key, value: undefined };
    model.deadLetterCount -= 1;
    tooMany -= 1;
    if (tooMany === 0) return;
  }
}

function stateBytes(row: ActorRow, store: Pick<JournalStore, 'get'>): Uint8Array | undefined {
  if (row.state !== undefined || !row.stateStored) return row.state;
  const stored = store.get('rows', row.aid);
  return stored === undefined ? undefined : stateIn(stored, `row of ${row.path}`);
}
