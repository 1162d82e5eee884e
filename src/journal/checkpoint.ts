/**
 * A checkpoint brings the tables up to date with the log: every actor changed since the last one is put
 * once, however often it ran, in the same transaction as the group it follows. Recovery then reads rows
 * and replays only the log behind it. Older log is history, kept in whole segments as far as retention
 * allows and dropped segment by segment.
 */
import { decode, encode } from '../core/codec.js';
import type { Counters, JournalModel } from './model.js';
import { type ActorRow, decodeRow, encodeRow, RowStatus } from './row.js';
import { seal, unseal } from './sealed.js';
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
}

const markKey = 'checkpoint';

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
 * Everything a checkpoint puts, for the same commit as the group it follows. Call `afterCheckpoint` when that
 * commit has succeeded, and nothing else in between.
 */
export function checkpointChanges(model: JournalModel, store: Pick<JournalStore, 'get'>): Change[] {
  for (const row of model.dirty) {
    const { aid, path } = row;
    if (row.status === RowStatus.ended && model.byPath.get(path) === aid) {
      const value = Buffer.allocUnsafe(8);
      value.writeDoubleLE(aid, 0);
      model.changes.push({ table: 'paths', key: path, value: seal(value) });
    }
    const inline = row.status === RowStatus.ended ? [] : row.mail.checkpoint(model);
    model.changes.push({ table: 'rows', key: aid, value: encodeRow(row, stateBytes(row, store), inline) });
  }
  for (const [aid, firstSeq] of model.garbage)
    model.changes.push({ table: 'mail', key: [aid, firstSeq], value: undefined });
  return model.changes;
}

/** Let go of what the tables now hold. */
export function afterCheckpoint(model: JournalModel): void {
  for (const row of model.dirty) {
    row.dirty = false;
    if (row.status === RowStatus.ended) {
      model.rows.delete(row.aid);
      if (model.byPath.get(row.path) === row.aid) model.byPath.delete(row.path);
    } else if (row.state !== undefined) {
      row.state = undefined;
      row.stateStored = true;
    }
  }
  model.dirty.clear();
  model.garbage = [];
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
