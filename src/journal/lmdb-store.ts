/**
 * The store on disk: lmdb for what rests, a tail file before it for what was committed a moment ago.
 * The only file that imports lmdb. Owned by one thread of one process; everything is synchronous.
 *
 * A commit appends the batch to the tail ('flushed' adds one fdatasync) and keeps it in memory for
 * readers. When the tail has grown long, a checkpoint writes what is in memory to lmdb in one flushed
 * transaction and the tail starts anew. Why a tail and not lmdb alone: lmdb has no commit that is both
 * quick and safe in a power cut (docs/decisions/0002-tail-before-lmdb.md has the figures).
 *
 *   commit 41 ─┐                      kill -9 here: the tail's pages are the kernel's, nothing is lost
 *   commit 42 ─┤ tail.bin, generation 7      power cut: what no flush covered is cut at a checksum
 *   commit 43 ─┘      │
 *                 checkpoint: one lmdb transaction puts 41..43 and 'generation = 8'
 *   commit 44 ─── tail.bin, generation 8, written over the old records
 *
 * L1  lmdb is written only by `transact`: one transactionSync with a block body and a synchronous
 *     callback, in an environment that flushes every transaction. No other write call is ever made.
 * L2  The generation in lmdb is the one whose records count. It changes in the very transaction that
 *     holds those records' content, so a record is in force from exactly one place.
 * L3  Memory (`recent`) equals the tail's records of this generation. Readers look there first.
 * L4  The tail starts a generation of its own after each opening, so records a power cut cut off can
 *     never come back behind new ones.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { type Database, open as openLmdb, type RootDatabase } from 'lmdb';
import { TroupeError } from '../core/errors.js';
import { dataFileName, flushFolder, looksFull, prepareFolder, tailFileName } from './journal-folder.js';
import { describeOwner, isOwnerAlive, type JournalOwner } from './journal-owner.js';
import { mergeKeys, OrderedTable } from './ordered-table.js';
import { isFull, isInputOutput, writeError } from './storage-error.js';
import {
  type Change,
  type CommitLevel,
  type JournalStore,
  type LogRecord,
  type StoreKey,
  type Table,
  tables,
} from './store.js';
import { decodeKey, encodeKey, highestKey, lowestKey } from './store-key.js';
import { TailFile } from './tail-file.js';
import { asBuffer, encodeTailRecord, keyChanges, type KeyedChange, tailRecordBytes } from './tail-record.js';

/** The format of journals this code writes. Grows when older code could not read them. */
export const journalFormatVersion = 1;

/** How `openLmdbStore` opens. */
export interface LmdbStoreOptions {
  /**
   * Who owns the journal within this process. A journal that a thread of this process left open (the
   * thread died) is opened again only with the token it was opened with. Default: a new one.
   */
  ownerToken?: string;
  /**
   * How long the tail may grow before a checkpoint, in bytes. Default 4 MiB. A larger one makes
   * checkpoints rarer, more is merged in each, and each holds up commits longer (about 10 ms per MiB).
   * A batch larger than this goes straight to lmdb and is flushed whatever its level.
   */
  tailBytesMax?: number;
  /** Address space reserved for the data file, in bytes; no memory, no disk. Default 16 GiB; grows by itself. */
  mapBytes?: number;
}

const tailBytesMaxDefault = 4 * 2 ** 20;
/** Not `16 << 30`: that is negative in JavaScript, and lmdb then ends the process. */
const mapBytesDefault = 16 * 2 ** 30;
/** How many keys `removeRange` takes per batch. */
const removedKeysMax = 10_000;
/** A scan reads so many entries, or bytes, at a time; between two reads commits may happen. */
const scanEntriesMax = 256;
const scanBytesMax = 2 ** 20;
/** lmdb's table of our own records, apart from the journal's. */
const ownTableName = 'store';

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
 *   names the process); JOURNAL_FULL, JOURNAL_WRITE as for a commit
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
  private readonly root: RootDatabase<Buffer, string>;
  private readonly own: Database<Buffer, string>;
  private readonly stored: Record<Table, Database<Buffer, Buffer>>;
  private readonly recent = Object.fromEntries(tables.map((table) => [table, new OrderedTable()])) as Record<
    Table,
    OrderedTable
  >;
  private readonly tail: TailFile;
  private readonly tailBytesMax: number;
  private isOpen = true;

  /** @internal */
  constructor(
    readonly folder: string,
    isNew: boolean,
    options: LmdbStoreOptions,
  ) {
    this.tailBytesMax = options.tailBytesMax ?? tailBytesMaxDefault;
    this.root = openEnvironment(folder, options.mapBytes ?? mapBytesDefault);
    let tail: TailFile | undefined;
    try {
      refuseForeign(this.root, folder);
      this.own = this.root.openDB(ownTableName, { encoding: 'binary' });
      refuseNewer(this.own, folder);
      this.stored = openTables(this.root);
      this.tail = tail = new TailFile(join(folder, tailFileName));
      this.takeOver(options.ownerToken ?? randomUUID());
      if (isNew) flushFolder(folder);
    } catch (cause) {
      tail?.close();
      void this.root.close();
      throw writeError(cause, `opening ${folder}`);
    }
  }

  *readLog(from?: number, to?: number): Generator<LogRecord> {
    for (const { key, value } of this.scan('log', from, to)) yield { position: key as number, bytes: value };
  }

  commit(given: readonly Change[], level: CommitLevel, record?: LogRecord): void {
    const last: Change[] = record === undefined ? [] : [{ table: 'log', key: record.position, value: record.bytes }];
    const changes = [...given, ...last];
    this.assertOpen();
    const keyed = keyChanges(changes);
    if (keyed.length > 0) this.accept(keyed, level);
    else if (level === 'flushed') this.flush();
  }

  flush(): void {
    this.assertOpen();
    try {
      if (this.tail.distrusted) this.checkpoint();
      else this.tail.flush();
    } catch (cause) {
      throw writeError(cause, 'flushing the journal');
    }
  }

  get(table: Table, key: StoreKey): Buffer | undefined {
    this.assertOpen();
    const bytes = encodeKey(key);
    const recent = this.recent[table];
    if (recent.has(bytes)) {
      const value = recent.get(bytes);
      return value === undefined ? undefined : Buffer.from(value);
    }
    const value = this.stored[table].getBinary(Buffer.from(bytes, 'latin1'));
    return value === undefined ? undefined : asBuffer(value);
  }

  *scan(table: Table, from?: StoreKey, to?: StoreKey): Generator<{ key: StoreKey; value: Buffer }> {
    const end = to === undefined ? highestKey : encodeKey(to);
    let start: string | undefined = from === undefined ? lowestKey : encodeKey(from);
    while (start !== undefined && start < end) {
      this.assertOpen();
      const part = this.readPart(table, start, end);
      for (const [key, value] of part.entries) yield { key: decodeKey(key), value };
      start = part.next;
    }
  }

  removeRange(table: Table, from: StoreKey, to: StoreKey): void {
    this.assertOpen();
    const end = encodeKey(to);
    let start = encodeKey(from);
    while (start < end) {
      const keys = this.keysInRange(table, start, end);
      const batch = keys.map((key) => ({ table, key, value: undefined }));
      if (batch.length > 0) this.accept(batch, 'committed');
      if (keys.length < removedKeysMax) return;
      start = after(keys.at(-1)!);
    }
  }

  get bytesOnDisk(): number {
    this.assertOpen();
    return fs.statSync(join(this.folder, dataFileName)).size + this.tail.bytesOnDisk;
  }

  /** How many bytes of committed batches wait for the next checkpoint. */
  get tailBytes(): number {
    return this.tail.position;
  }

  /** Everything committed goes to lmdb, flushed; the tail starts anew. Same errors as `commit`. */
  checkpoint(): void {
    this.assertOpen();
    if (this.tail.position > 0 || this.tail.distrusted) this.moveToLmdb([]);
  }

  close(): void {
    if (!this.isOpen) return;
    try {
      this.moveToLmdb([], () => {
        void this.own.remove('owner');
      });
    } catch (cause) {
      // No room in lmdb: the tail keeps the batches for the next opening, so at least they must be flushed.
      this.tail.flush();
      throw writeError(cause, 'closing the journal');
    } finally {
      this.isOpen = false;
      this.tail.close();
      openFolders.delete(this.folder);
      // Nothing of ours is ever pending in lmdb (L1), so it closes before this returns.
      void this.root.close();
    }
  }

  /** A batch that is checked: to the tail, or to lmdb when it is too long for it. */
  private accept(changes: readonly KeyedChange[], level: CommitLevel): void {
    const bytes = tailRecordBytes(changes);
    try {
      if (bytes > this.tailBytesMax) {
        this.moveToLmdb(changes);
        return;
      }
      if (this.tail.distrusted || this.tail.position + bytes > this.tailBytesMax) this.moveToLmdb([]);
      this.appendToTail(changes, level);
    } catch (cause) {
      throw writeError(cause, 'committing to the journal');
    }
  }

  private appendToTail(changes: readonly KeyedChange[], level: CommitLevel): void {
    const { record, kept } = encodeTailRecord(changes, this.tail.place);
    this.tail.append(record);
    if (level === 'flushed') {
      try {
        this.tail.flush();
      } catch (error) {
        this.tail.takeBack(record);
        throw error;
      }
    }
    for (const { table, key, value } of kept) this.recent[table].set(key, value);
  }

  /** L2: what is recent, and more changes, in one lmdb transaction that also ends the tail's generation. */
  private moveToLmdb(more: readonly KeyedChange[], also?: () => void): void {
    const generation = this.tail.place.generation + 1;
    this.transact(() => {
      for (const table of tables) {
        for (const [key, value] of this.recent[table].entries()) this.write(table, key, value);
      }
      for (const { table, key, value } of more) this.write(table, key, value);
      this.writeOwn('generation', generation);
      also?.();
    });
    this.tail.startAnew(generation);
    for (const table of tables) this.recent[table].clear();
  }

  /**
   * Become the owner and take in what the last owner left in the tail, in one transaction: only the owner
   * may read the tail, and two processes must not both become owner (L4: a generation begins).
   */
  private takeOver(token: string): void {
    let generation = 0;
    this.transact(() => {
      const last = this.readOwn<JournalOwner>('owner');
      if (last !== undefined && !mayFollow(last, token)) throw inUse(this.folder, last.pid);
      if (this.readOwn('format') === undefined) {
        this.writeOwn('format', journalFormatVersion);
      }
      generation = this.readOwn<number>('generation') ?? 0;
      for (const batch of this.tail.read(generation)) {
        for (const { table, key, value } of batch) this.write(table, key, value);
      }
      generation += 1;
      this.writeOwn('generation', generation);
      this.writeOwn('owner', describeOwner(token));
    });
    this.tail.startAnew(generation);
  }

  /**
   * L1. Returns when the transaction is flushed; throws when nothing of it is left. When lmdb fails in the
   * middle of its commit, nobody knows which generation its file names (L2): the tail takes nothing more
   * until a later transaction has decided it.
   */
  private transact(body: () => void): void {
    // Our own read snapshot would keep the pages it sees from being used again.
    this.root.resetReadTxn();
    let isCommitting = false;
    try {
      // The braces matter: a callback that returns a put's promise leaves the transaction open.
      this.root.transactionSync(() => {
        body();
        isCommitting = true;
      });
    } catch (cause) {
      if (isCommitting) this.tail.distrust();
      const full = isFull(cause) || (isInputOutput(cause) && looksFull(this.folder, this.tailBytesMax));
      throw writeError(cause, 'writing the journal', full);
    }
  }

  /** Only inside `transact`. */
  private write(table: Table, key: string, value: Buffer | undefined): void {
    const bytes = Buffer.from(key, 'latin1');
    if (value === undefined) void this.stored[table].remove(bytes);
    else void this.stored[table].put(bytes, value);
  }

  private readOwn<T>(name: string): T | undefined {
    return readOwn<T>(this.own, name);
  }

  private writeOwn(name: string, value: unknown): void {
    void this.own.put(name, Buffer.from(JSON.stringify(value)));
  }

  /** The first entries of a range, as they are now, and the key to go on from. L3. */
  private readPart(table: Table, start: string, end: string): { entries: [string, Buffer][]; next?: string } {
    const entries: [string, Buffer][] = [];
    const stored = new Map<string, Buffer>();
    let [bytes, next] = [0, undefined as string | undefined];
    for (const { key, value } of this.stored[table].getRange(rangeOf(start, end, scanEntriesMax))) {
      const name = asBuffer(key).toString('latin1');
      stored.set(name, asBuffer(value));
      bytes += value.byteLength;
      if (stored.size === scanEntriesMax || bytes > scanBytesMax) {
        next = after(name);
        break;
      }
    }
    const recent = this.recent[table];
    const recentKeys = recent.keys(start, next ?? end, scanEntriesMax);
    if (recentKeys.length === scanEntriesMax) next = after(recentKeys.at(-1)!);
    const limit = next ?? end;
    for (const key of mergeKeys([...stored.keys()], recentKeys)) {
      if (key >= limit) break;
      const value = recent.has(key) ? copyOf(recent.get(key)) : stored.get(key);
      if (value !== undefined) entries.push([key, value]);
    }
    return next === undefined ? { entries } : { entries, next };
  }

  /** The first keys of a range that have values, at most `removedKeysMax`. */
  private keysInRange(table: Table, start: string, end: string): string[] {
    const stored = [...this.stored[table].getKeys(rangeOf(start, end, removedKeysMax))];
    const recent = this.recent[table];
    const storedKeys = stored.map((key) => asBuffer(key).toString('latin1'));
    const known = mergeKeys(storedKeys, recent.keys(start, end, removedKeysMax)).slice(0, removedKeysMax);
    // A full page is handed on as it is: its last key says where the next one begins.
    return known.length === removedKeysMax ? known : known.filter((key) => !recent.has(key) || recent.get(key));
  }

  private assertOpen(): void {
    if (!this.isOpen) throw new TroupeError('JOURNAL_WRITE', 'the store is closed');
  }
}

/** The smallest key after `key`. */
function after(key: string): string {
  return `${key}\x00`;
}

/** A range as lmdb takes it. */
function rangeOf(start: string, end: string, limit: number): { start: Buffer; end: Buffer; limit: number } {
  return { start: Buffer.from(start, 'latin1'), end: Buffer.from(end, 'latin1'), limit };
}

function copyOf(value: Buffer | undefined): Buffer | undefined {
  return value === undefined ? undefined : Buffer.from(value);
}

function openEnvironment(folder: string, mapBytes: number): RootDatabase<Buffer, string> {
  try {
    return openLmdb<Buffer, string>({
      path: folder,
      // Else a folder with a dot in its name would become a file.
      noSubdir: false,
      encoding: 'binary',
      maxDbs: tables.length + 3,
      mapSize: mapBytes,
      // L1: each transaction is flushed before it becomes visible, as in lmdb's first design.
      overlappingSync: false,
    });
  } catch (cause) {
    if (isFull(cause)) throw writeError(cause, `opening ${folder}`);
    throw new TroupeError('JOURNAL_UNWRITABLE', `lmdb cannot open ${folder} (${(cause as Error).message})`, {
      field: 'journal',
      value: folder,
      cause,
    });
  }
}

/** An lmdb file that somebody else made is left as it is. */
function refuseForeign(root: RootDatabase<Buffer, string>, folder: string): void {
  const known = new Set<string>([ownTableName, ...tables]);
  const foreign = [...root.getKeys({ limit: known.size + 1 })].find((name) => !known.has(name));
  if (foreign === undefined) return;
  throw new TroupeError('NOT_A_JOURNAL', `${folder} is an lmdb store of another program`, {
    field: 'journal',
    value: folder,
  });
}

function refuseNewer(own: Database<Buffer, string>, folder: string): void {
  const format = readOwn<number>(own, 'format');
  if (format === undefined || format <= journalFormatVersion) return;
  const message = `${folder} has format ${format}; this version of troupe reads up to ${journalFormatVersion}`;
  throw new TroupeError('JOURNAL_NEWER', message, { field: 'journal', value: folder });
}

function openTables(root: RootDatabase<Buffer, string>): Record<Table, Database<Buffer, Buffer>> {
  return Object.fromEntries(
    tables.map((table) => [table, root.openDB<Buffer, Buffer>(table, { encoding: 'binary', keyEncoding: 'binary' })]),
  ) as Record<Table, Database<Buffer, Buffer>>;
}

function readOwn<T>(own: Database<Buffer, string>, name: string): T | undefined {
  const bytes = own.getBinary(name);
  return bytes === undefined ? undefined : (JSON.parse(bytes.toString()) as T);
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
