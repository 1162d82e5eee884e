/**
 * The store on disk: lmdb for what rests, log files before it for what was committed a moment ago. Owned by
 * one thread of one process; everything is synchronous.
 *
 * A commit appends the batch to the log ('flushed' adds one fdatasync) and keeps its changes in memory for
 * readers. When they have grown, they are written to lmdb in one flushed transaction that also moves lmdb's mark:
 * the place in the log up to which lmdb holds everything. The journal's own records stay in the log files and
 * never go to lmdb. Why not lmdb alone: it has no commit that is both quick and safe in a power cut
 * (docs/decisions/0002-tail-before-lmdb.md has the figures, 0007-log-files.md why the log stays in files).
 *
 *   log files   [.. taken in ..][ 41 ][ 42 ][ 43 ]       kill -9 here: the pages are the kernel's, nothing is lost
 *                               ^ mark in lmdb           power cut: what no flush covered is cut at a checksum
 *
 * L1  lmdb is written only by `transact`: one synchronous, flushed transaction. No other write call is ever made.
 * L2  A batch's changes count from exactly one place: from lmdb before the mark, from the log behind it. The mark
 *     moves in the very transaction that holds them, and only over records that are on disk.
 * L3  Memory (`recent`) equals the changes behind the mark. Readers look there first.
 * L4  Changes too many for memory go to lmdb directly: their record in the log is `held` and counts only once
 *     the mark covers it.
 * L5  The mark follows into each file of the log that is begun, the first one too, and knows the file's length and
 *     what stands before it: a log that is gone, cut or exchanged is refused, never taken for an empty one.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { TroupeError } from '../core/errors.js';
import { dataFileName, flushFolder, looksFull, prepareFolder } from './journal-folder.js';
import { describeOwner, isOwnerAlive, type JournalOwner } from './journal-owner.js';
import { journalFormatVersion, LmdbTables } from './lmdb-tables.js';
import { changesBytes, encodeChanges, type KeyedChange, keyChange, keyChanges, RecordKind } from './log-record.js';
import { logFolder } from './log-source.js';
import { logBeginning, type LogMark, type LogPlace, missingBefore, proofOf, refuseDamage } from './log-walk.js';
import { Overlay } from './overlay.js';
import { isFull, isInputOutput, writeError } from './storage-error.js';
import type { Change, CommitLevel, JournalStore, LogRecord, StoreKey, Table } from './store.js';
import { encodeKey } from './store-key.js';
import { WriteAheadLog } from './write-ahead-log.js';

/** How `openLmdbStore` opens. */
export interface LmdbStoreOptions {
  /**
   * Who owns the journal within this process. A journal that a thread of this process left open (the
   * thread died) is opened again only with the token it was opened with. Default: a new one.
   */
  ownerToken?: string;
  /** How long a log file may become, in bytes; history is dropped by whole files. Default 4 MiB. */
  logFileBytesMax?: number;
  /**
   * How many bytes of changes are kept in memory before they go to lmdb. Default 4 MiB. More makes that rarer
   * and longer (about 10 ms per MiB). A batch with more than a quarter of it goes to lmdb directly and is flushed.
   */
  recentBytesMax?: number;
  /** Address space reserved for the data file, in bytes; no memory, no disk. Default 16 GiB; grows by itself. */
  mapBytes?: number;
}

const logFileBytesMaxDefault = 4 * 2 ** 20;
const recentBytesMaxDefault = 4 * 2 ** 20;
/** How many keys `removeRange` takes per batch. */
const removedKeysMax = 10_000;
const noChanges = Buffer.alloc(0);

/** Journals this thread has open, by real path. On globalThis because two copies of the package share a process. */
const openFolders = ((): Set<string> => {
  const shared = globalThis as { [key: symbol]: Set<string> | undefined };
  const name = Symbol.for('troupe.journal.open');
  shared[name] ??= new Set();
  return shared[name];
})();

/**
 * Open or create a journal's store and become its owner.
 * @param folder where it lies; made when missing
 * @throws TroupeError JOURNAL_UNWRITABLE the folder cannot be made or written; NOT_A_JOURNAL it holds
 *   something else; JOURNAL_NEWER a newer version wrote it; JOURNAL_IN_USE its owner lives (the message
 *   names the process); JOURNAL_CORRUPT the log behind lmdb's mark is damaged; JOURNAL_FULL, JOURNAL_WRITE as
 *   for a commit
 */
export function openLmdbStore(folder: string, options: LmdbStoreOptions = {}): LmdbStore {
  const { isNew } = prepareFolder(folder);
  const realFolder = fs.realpathSync(folder);
  if (openFolders.has(realFolder)) throw inUse(folder, process.pid);
  openFolders.add(realFolder);
  try {
    return new LmdbStore(realFolder, isNew, options);
  } catch (error) {
    openFolders.delete(realFolder);
    throw error;
  }
}

/** See the file's header. Made by `openLmdbStore`. */
export class LmdbStore implements JournalStore {
  private readonly lmdb: LmdbTables;
  private readonly recent: Overlay;
  private readonly log: WriteAheadLog;
  private readonly recentBytesMax: number;
  /** L2, as lmdb has it. */
  private mark: LogPlace = logBeginning;
  /** Where lmdb's mark stood when the journal was opened: recovery reads from about there. */
  private openedAt: LogPlace = logBeginning;
  /** lmdb's last transaction failed while it committed, and may or may not be in force: nothing more is taken. */
  private broken: TroupeError | undefined;
  private isOpen = true;

  /** @internal */
  constructor(
    readonly folder: string,
    isNew: boolean,
    options: LmdbStoreOptions,
  ) {
    this.recentBytesMax = options.recentBytesMax ?? recentBytesMaxDefault;
    const lmdb = LmdbTables.open(folder, 'write', options.mapBytes);
    this.lmdb = lmdb;
    this.recent = new Overlay(lmdb);
    let log: WriteAheadLog | undefined;
    try {
      const mark = lmdb.readOwn<LogMark>('mark') ?? logBeginning;
      this.openedAt = this.mark = mark;
      log = new WriteAheadLog(folder, options.logFileBytesMax ?? logFileBytesMaxDefault, this.mark);
      this.log = log;
      const damage = missingBefore(logFolder(folder), mark);
      if (damage !== undefined) refuseDamage(damage);
      log.begin(this.takeOver(options.ownerToken ?? randomUUID()));
      // From here on the log is never empty, and lmdb knows.
      this.moveToLmdb([], []);
      if (isNew) flushFolder(folder);
    } catch (cause) {
      log?.close();
      lmdb.close();
      throw writeError(cause, `opening ${folder}`);
    }
  }

  commit(
    changes: readonly Change[],
    level: CommitLevel,
    record?: LogRecord,
    more?: Iterable<Change>,
    written?: () => void,
  ): void {
    this.assertWritable();
    const keyed = keyChanges(changes);
    if (keyed.length > 0 || record !== undefined || more !== undefined)
      this.accept(keyed, level, record, more, written);
    else if (level === 'flushed') this.flush();
  }

  flush(): void {
    this.assertWritable();
    try {
      this.log.flush();
    } catch (cause) {
      throw writeError(cause, 'flushing the journal');
    }
  }

  get(table: Table, key: StoreKey): Buffer | undefined {
    this.assertOpen();
    return this.recent.get(table, encodeKey(key));
  }

  *scan(table: Table, from?: StoreKey, to?: StoreKey): Generator<{ key: StoreKey; value: Buffer }> {
    const parts = this.recent.parts(table, from, to);
    for (;;) {
      this.assertOpen();
      const part = parts.next();
      if (part.done) return;
      yield* part.value;
    }
  }

  *readLog(from = 0, to = Number.POSITIVE_INFINITY): Generator<LogRecord> {
    this.assertOpen();
    yield* this.log.read(from, to, [this.openedAt, this.mark]);
  }

  dropLog(before: number): void {
    this.assertWritable();
    this.log.dropBefore(before, this.mark);
  }

  removeRange(table: Table, from: StoreKey, to: StoreKey): void {
    this.assertWritable();
    const end = encodeKey(to);
    let start = encodeKey(from);
    while (start < end) {
      const { keys, next } = this.recent.keys(table, start, end, removedKeysMax);
      const batch = keys.map((key) => ({ table, key, value: undefined }));
      if (batch.length > 0) this.accept(batch, 'committed');
      if (next === undefined) return;
      start = next;
    }
  }

  get bytesOnDisk(): number {
    this.assertOpen();
    return fs.statSync(join(this.folder, dataFileName)).size + this.log.bytesOnDisk;
  }

  /** Where the log ends. */
  get logPlace(): LogPlace {
    return this.log.place;
  }

  /** How many bytes of changes wait in memory for lmdb. */
  get recentBytes(): number {
    return this.recent.bytes;
  }

  /** Everything committed goes to lmdb, flushed. Same errors as `commit`. */
  checkpoint(): void {
    this.assertWritable();
    if (this.recent.bytes > 0) this.moveToLmdb([], []);
  }

  close(): void {
    if (!this.isOpen) return;
    try {
      if (this.broken === undefined) this.moveToLmdb([], [], () => this.lmdb.writeOwn('owner', undefined));
    } catch (cause) {
      // No room in lmdb: the log keeps the changes for the next opening.
      this.log.flush();
      throw writeError(cause, 'closing the journal');
    } finally {
      this.isOpen = false;
      this.log.close();
      openFolders.delete(this.folder);
      this.lmdb.close();
    }
  }

  private accept(
    changes: readonly KeyedChange[],
    level: CommitLevel,
    record?: LogRecord,
    more?: Iterable<Change>,
    written?: () => void,
  ): void {
    try {
      const bytes = changesBytes(changes);
      if (more !== undefined || bytes > this.recentBytesMax / 4) {
        this.acceptHeld(changes, record, more ?? []);
        return;
      }
      if (this.recent.bytes + bytes > this.recentBytesMax) this.moveToLmdb([], []);
      const encoded = encodeChanges(changes);
      this.log.append(record, encoded.bytes);
      if (level === 'flushed') this.flushOrTakeBack(written);
      this.recent.add(encoded.kept, bytes);
      this.noteNewFile();
    } catch (cause) {
      throw writeError(cause, 'committing to the journal');
    }
  }

  /**
   * lmdb's mark is brought into each file that is begun: a file that goes missing is then missed. What has been
   * accepted stays so; where this fails, for want of room for instance, the next batch tries again.
   */
  private noteNewFile(): void {
    if (this.log.place.file === this.mark.file) return;
    try {
      this.moveToLmdb([], []);
    } catch {
      // Nothing of it is in force, or `broken` tells the next caller.
    }
  }

  /** L4. */
  private acceptHeld(changes: readonly KeyedChange[], record: LogRecord | undefined, more: Iterable<Change>): void {
    if (record === undefined) {
      this.moveToLmdb(changes, more);
      return;
    }
    this.log.append(record, noChanges, RecordKind.held);
    this.flushOrTakeBack();
    try {
      this.moveToLmdb(changes, more);
    } catch (error) {
      if (this.broken === undefined) this.log.takeBack();
      throw error;
    }
  }

  private flushOrTakeBack(written?: () => void): void {
    try {
      written?.();
      this.log.flush();
    } catch (error) {
      this.log.takeBack();
      throw error;
    }
  }

  /** L2: what is recent, and more changes, in one lmdb transaction that also moves the mark to the log's end. */
  private moveToLmdb(changes: readonly KeyedChange[], more: Iterable<Change>, also?: () => void): void {
    this.log.flush();
    const mark = this.log.place;
    this.transact(() => {
      for (const { table, key, value } of this.recent.changes()) this.lmdb.write(table, key, value);
      for (const { table, key, value } of changes) this.lmdb.write(table, key, value);
      for (const change of more) {
        const { table, key, value } = keyChange(change);
        this.lmdb.write(table, key, value);
      }
      this.lmdb.writeOwn('mark', this.marked(mark));
      also?.();
    });
    this.mark = mark;
    this.recent.clear();
  }

  /**
   * Become the owner and take in what the last owner left in the log, in one transaction: only the owner may
   * write the log, and two processes must not both become owner.
   * @returns the log's next generation
   */
  private takeOver(token: string): number {
    let generation = 0;
    let mark = this.mark;
    this.transact(() => {
      const last = this.lmdb.readOwn<JournalOwner>('owner');
      if (last !== undefined && !mayFollow(last, token)) throw inUse(this.folder, last.pid);
      // What is written from here on an older version could not read.
      if (this.lmdb.readOwn('format') !== journalFormatVersion) this.lmdb.writeOwn('format', journalFormatVersion);
      for (const { changes } of this.log.replay()) {
        for (const { table, key, value } of changes()) this.lmdb.write(table, key, value);
      }
      this.log.secure();
      mark = this.log.place;
      generation = Math.max(this.lmdb.readOwn<number>('generation') ?? 0, mark.generation) + 1;
      this.lmdb.writeOwn('mark', this.marked(mark));
      this.lmdb.writeOwn('generation', generation);
      this.lmdb.writeOwn('owner', describeOwner(token));
    });
    this.mark = mark;
    return generation;
  }

  /**
   * L1. Returns when the transaction is flushed; throws when nothing of it is left, except when lmdb failed in
   * the middle of its commit and the mark it now names is not the old one: then only opening anew can tell.
   */
  private transact(body: () => void): void {
    let isCommitting = false;
    try {
      this.lmdb.transact(body, () => {
        isCommitting = true;
      });
    } catch (cause) {
      const full = isFull(cause) || (isInputOutput(cause) && looksFull(this.folder, this.recentBytesMax));
      const error = writeError(cause, 'writing the journal', full);
      if (isCommitting && !this.standsAtMark()) this.broken = error;
      throw error;
    }
  }

  private marked(mark: LogPlace): LogMark {
    const { file, offset, generation, ordinal, position } = mark;
    return { file, offset, generation, ordinal, position, ...proofOf(logFolder(this.folder), mark) };
  }

  private standsAtMark(): boolean {
    try {
      const mark = this.lmdb.readOwn<LogPlace>('mark') ?? logBeginning;
      return mark.generation === this.mark.generation && mark.ordinal === this.mark.ordinal;
    } catch {
      return false;
    }
  }

  private assertOpen(): void {
    if (!this.isOpen) throw new TroupeError('JOURNAL_WRITE', 'the store is closed');
  }

  private assertWritable(): void {
    this.assertOpen();
    if (this.broken === undefined) return;
    const why = `lmdb failed in the middle of a commit (${this.broken.message})`;
    throw new TroupeError('JOURNAL_WRITE', `${why}; stop this process and open the journal anew`, {
      cause: this.broken,
    });
  }
}

/** May a new owner with this token follow? Yes when the last one is gone, or its system vouches for it. */
function mayFollow(last: JournalOwner, token: string): boolean {
  return (last.pid === process.pid && last.token === token) || !isOwnerAlive(last);
}

function inUse(folder: string, pid: number): TroupeError {
  const owner = pid === process.pid ? `this process (${pid})` : `process ${pid}`;
  return new TroupeError('JOURNAL_IN_USE', `${folder} is open in ${owner}; stop it, or use another folder`, {
    field: 'journal',
    value: folder,
  });
}
