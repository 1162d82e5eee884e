/**
 * A journal as it stands, for whoever only reads it: the same model that runs it, brought up to the end of the log by
 * the same recovery, with nobody to route to.
 *
 * What I own: the model, and a memory of paths. What the caller owns: the reader, and closing it.
 */
import type { CheckpointMark } from './checkpoint.js';
import type { JournalModel } from './model.js';
import { readRow } from './damaged.js';
import { recover, silentOutcomes } from './recovery.js';
import { type ActorRow, RowStatus, stateIn } from './row.js';
import type { JournalReader } from './store.js';

/** Paths kept in memory. */
const pathsKeptMax = 10_000;

/** See the file's header. */
export class Standing {
  readonly model: JournalModel;
  readonly mark: CheckpointMark;
  private readonly paths = new Map<number, string | undefined>();

  /** @throws TroupeError JOURNAL_CORRUPT, JOURNAL_NEWER */
  constructor(readonly reader: JournalReader) {
    const { model, mark } = recover(reader, silentOutcomes);
    this.model = model;
    this.mark = mark;
  }

  /**
   * The actor at a path, or the one with a number written as `#17`; also when it has ended.
   * @throws TroupeError JOURNAL_CORRUPT
   */
  find(target: string): ActorRow | undefined {
    if (!target.startsWith('#')) return this.model.current(target);
    return this.row(Number(target.slice(1)));
  }

  /** An actor by its number. @throws TroupeError JOURNAL_CORRUPT */
  row(aid: number): ActorRow | undefined {
    if (!Number.isSafeInteger(aid) || aid < 1) return undefined;
    const known = this.model.rows.awake(aid);
    if (known !== undefined) return known;
    const stored = this.reader.get('rows', aid);
    return stored === undefined ? undefined : readRow(aid, stored, this.reader).row;
  }

  /** An actor's path by its number. */
  pathOf(aid: number): string | undefined {
    if (this.paths.has(aid)) return this.paths.get(aid);
    if (this.paths.size >= pathsKeptMax) this.paths.clear();
    const path = this.row(aid)?.path;
    this.paths.set(aid, path);
    return path;
  }

  /** An actor's last committed state, wherever it lies. @throws TroupeError JOURNAL_CORRUPT */
  stateOf(row: ActorRow): Buffer | undefined {
    if (row.state !== undefined) return row.state;
    if (!row.started || row.status === RowStatus.ended) return undefined;
    const stored = this.reader.get('rows', row.aid);
    return stored === undefined ? undefined : stateIn(stored, `row of ${row.path}`);
  }

  /** All actors, those that have ended too, in the order of their numbers. @throws TroupeError JOURNAL_CORRUPT */
  *actors(): Generator<ActorRow> {
    const { rows } = this.model;
    let last = 0;
    for (const { key, value } of this.reader.scan('rows')) {
      last = key as number;
      yield rows.awake(last) ?? readRow(last, value, this.reader).row;
    }
    // A row that is not stored yet is newer than all that are.
    for (const row of [...rows.inMemory()].sort((a, b) => a.aid - b.aid)) if (row.aid > last) yield row;
  }
}
