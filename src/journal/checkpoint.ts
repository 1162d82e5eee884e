/**
 * A checkpoint brings the tables up to date with the log: every actor changed since the last one is put
 * once, however often it ran, in the same transaction as the group it follows. Recovery then reads rows
 * and replays only the log behind it. Older log is history, kept in whole segments as far as retention
 * allows and dropped segment by segment.
 */
import { decode, encode } from '../core/codec.js';
import { crc32 } from 'node:zlib';
import { TroupeError } from '../core/errors.js';
import type { Counters, JournalModel } from './model.js';
import { type ActorRow, decodeRow, encodeRow, RowStatus } from './row.js';
import { isAwake } from './row-table.js';
import type { Change, JournalStore } from './store.js';

/** One stretch of the log between two checkpoints. */
export interface Segment {
  first: number;
  last: number;
  bytes: number;
}

/** What the last checkpoint says of itself. */
export interface CheckpointMark extends Counters {
  segments: Segment[];
  deadLetters: number;
  /** Actors that have not ended. */
  living: number;
}

const markKey = 'checkpoint';
const nothing = Buffer.alloc(0);

/** The last checkpoint's mark, or undefined for a new journal. */
export function readMark(store: Pick<JournalStore, 'get'>): CheckpointMark | undefined {
  const bytes = store.get('meta', markKey);
  if (bytes === undefined) return undefined;
  const body = bytes.subarray(4);
  if (bytes.length < 5 || bytes.readUInt32LE(0) !== crc32(body)) {
    throw new TroupeError('JOURNAL_CORRUPT', 'the checkpoint mark does not match its checksum', {
      value: 'meta/checkpoint',
    });
  }
  return decode(body) as CheckpointMark;
}

/** The change that records a mark. */
function markChange(mark: CheckpointMark): Change {
  const body = encode(mark, 'checkpoint');
  const value = Buffer.allocUnsafe(4 + body.byteLength);
  value.set(body, 4);
  value.writeUInt32LE(crc32(value.subarray(4)), 0);
  return { table: 'meta', key: markKey, value };
}

/**
 * Everything a checkpoint puts, made while it is written: all changed rows at once would be as large again as the
 * actors themselves. For the same commit as the group it follows; call `afterCheckpoint` when that has succeeded.
 */
export function* checkpointChanges(
  model: JournalModel,
  store: Pick<JournalStore, 'get'>,
  mark: Omit<CheckpointMark, 'deadLetters' | 'living'>,
): Generator<Change> {
  for (const row of model.dirty) {
    const { aid } = row;
    if (!row.pathStored && model.rows.isAtItsPath(row)) {
      const value = Buffer.allocUnsafe(8);
      value.writeDoubleLE(aid, 0);
      yield { table: 'paths', key: row.path, value };
      row.pathStored = true;
    }
    if (isAwake(row) !== row.awakeStored) {
      row.awakeStored = !row.awakeStored;
      yield { table: 'awake', key: aid, value: row.awakeStored ? nothing : undefined };
    }
    const inline = row.status !== RowStatus.ended && row.hasMail ? row.mail.checkpoint(model) : [];
    yield* model.takeChanges();
    yield { table: 'rows', key: aid, value: encodeRow(row, stateBytes(row, store), inline) };
  }
  for (const key of model.garbage) yield { table: 'mail', key, value: undefined };
  yield markChange({ ...mark, deadLetters: model.deadLetterCount, living: model.livingCount });
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
  model.rows.release();
}

/** Segments that retention lets go: the oldest ones, never the newest. */
export function segmentsToDrop(segments: readonly Segment[], retentionBytes: number): number {
  let kept = 0;
  for (let at = segments.length - 1; at >= 0; at -= 1) {
    kept += (segments[at] as Segment).bytes;
    if (kept > retentionBytes && at < segments.length - 1) return at + 1;
  }
  return 0;
}

function stateBytes(row: ActorRow, store: Pick<JournalStore, 'get'>): Uint8Array | undefined {
  if (row.state !== undefined || !row.stateStored) return row.state;
  const stored = store.get('rows', row.aid);
  return stored === undefined ? undefined : decodeRow(stored, `row of ${row.path}`).state;
}
