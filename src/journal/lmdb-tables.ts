/**
 * The lmdb side of a journal's files: its tables, and the store's own few values beside them. The only file that
 * imports lmdb. `lmdb-store.ts` writes through it, `lmdb-reader.ts` only reads.
 */
import { join } from 'node:path';
import { type Database, type DatabaseOptions, open as openLmdb, type RootDatabase, type Transaction } from 'lmdb';
import { TroupeError } from '../core/errors.js';
import { type DataFile, takeRoom } from './data-room.js';
import { dataFileName, flushFile } from './journal-folder.js';
import { asBuffer } from './log-record.js';
import { isFull, writeError } from './storage-error.js';
import { type Table, tables } from './store.js';

/** lmdb's file begins with so many pages that say what it is. */
const headPages = 2;
/** The format of journals this code writes. Grows when older code could not read them. */
export const journalFormatVersion = 4;

/** Not `16 << 30`: that is negative in JavaScript, and lmdb then ends the process. */
const mapBytesDefault = 16 * 2 ** 30;
/** lmdb's table of our own values, apart from the journal's. */
const ownTableName = 'store';

/** Keys are strings of bytes (`store-key.ts`), written as they are: half the cost of a buffer for each key. */
const keyEncoder = {
  writeKey(key: string, target: Buffer, start: number): number {
    // lmdb takes another buffer then; a write that does not fit would be cut in silence.
    if (start + key.length > target.length) throw new RangeError('the key does not fit');
    return start + target.write(key, start, 'latin1');
  },
  readKey: (source: Buffer, start: number, end: number): string => source.toString('latin1', start, end),
};

/** Its types know of a key encoder elsewhere only. */
const tableOptions: DatabaseOptions & { keyEncoder: typeof keyEncoder } = { encoding: 'binary', keyEncoder };

/** What we read of lmdb's statistics, which its types leave open. */
interface Stats {
  pageSize: number;
  lastPageNumber: number;
  free: { treeBranchPageCount: number; treeLeafPageCount: number; overflowPages: number };
}

/** A state of all tables that stays as it is until `done()` is called. */
export type Snapshot = Transaction;

/** What lmdb reads into when a value is not too large for it: one buffer for all, longer than the value. */
type SharedBytes = Uint8Array<ArrayBuffer> & { isGlobal?: boolean };

/** `getBinary` takes options like `get` does; its types do not say so, nor how long the last value was. */
type Reads<K> = {
  getBinary(key: K, options: { transaction: Transaction } | undefined): Uint8Array | undefined;
  getBinaryFast(key: K, options: { transaction: Transaction } | undefined): SharedBytes | undefined;
  readonly lastSize: number;
};

/** A change of the transaction that is being written. */
type Write = { bytes: number; perform: () => void };

/** An open lmdb environment with the journal's tables. */
export class LmdbTables {
  private readonly own: Database<Buffer, string>;
  private readonly stored: Record<Table, Database<Buffer, string>>;
  private writes: Write[] = [];

  private constructor(
    private readonly root: RootDatabase<Buffer, string>,
    private readonly folder: string,
    mode: 'read' | 'write',
  ) {
    if (mode === 'write') this.prepareFile();
    this.own = root.openDB(ownTableName, { encoding: 'binary' });
    this.stored = Object.fromEntries(
      tables.map((table) => [table, root.openDB<Buffer, string>(table, tableOptions)]),
    ) as Record<Table, Database<Buffer, string>>;
    // Who only reads makes no tables, and gets none where there are none yet.
    const isWhole = [this.own, ...Object.values(this.stored)].every((table) => (table as unknown) !== undefined);
    if (isWhole) return;
    const message = `the journal in ${folder} is only being made, or was never made to its end`;
    throw new TroupeError('NOT_A_JOURNAL', message, { field: 'journal', value: folder });
  }

  /**
   * Open or create.
   * @param mapBytes address space reserved for the data file, in bytes. Default 16 GiB; grows by itself
   * @throws TroupeError NOT_A_JOURNAL another program's lmdb store; JOURNAL_NEWER; JOURNAL_UNWRITABLE; JOURNAL_FULL
   */
  static open(folder: string, mode: 'read' | 'write', mapBytes = mapBytesDefault): LmdbTables {
    const root = openEnvironment(folder, mode, mapBytes);
    try {
      refuseForeign(root, folder);
      const opened = new LmdbTables(root, folder, mode);
      const format = opened.readOwn<number>('format');
      if (format === undefined || format <= journalFormatVersion) return opened;
      const reads = `this version of troupe reads up to ${journalFormatVersion}; install a newer one`;
      const message = `${folder} has format ${format}; ${reads}`;
      throw new TroupeError('JOURNAL_NEWER', message, { field: 'journal', value: folder });
    } catch (cause) {
      void root.close();
      // Its first pages found room, and those of the tables did not.
      throw isFull(cause) ? writeError(cause, `opening ${folder}`) : cause;
    }
  }

  /** A value, or undefined. @param snapshot from `snapshot()`; default: the newest state */
  get(table: Table, key: string, snapshot?: Snapshot): Buffer | undefined {
    const stored = this.stored[table] as unknown as Reads<string>;
    const options = snapshot && { transaction: snapshot };
    const shared = stored.getBinaryFast(key, options);
    if (shared === undefined) return undefined;
    const { lastSize } = stored;
    if (!shared.isGlobal) return asBuffer(stored.getBinary(key, options) as Uint8Array);
    // Into Node's pool of small buffers: `getBinary` makes memory of its own for each, which takes longer than to read.
    const value = Buffer.allocUnsafe(lastSize);
    value.set(new Uint8Array(shared.buffer, shared.byteOffset, lastSize));
    return value;
  }

  /** Up to `limit` entries from `start` (inclusive) to `end` (exclusive). */
  range(
    table: Table,
    start: string,
    end: string,
    limit: number,
    snapshot?: Snapshot,
  ): Iterable<{ key: string; value: Uint8Array }> {
    return this.stored[table].getRange({ start, end, limit, ...(snapshot && { transaction: snapshot }) });
  }

  /** Up to `limit` keys from `start` (inclusive) to `end` (exclusive). */
  keys(table: Table, start: string, end: string, limit: number): string[] {
    return [...this.stored[table].getKeys({ start, end, limit })];
  }

  /** One of the store's own values. */
  readOwn<T>(name: string, snapshot?: Snapshot): T | undefined {
    const own = this.own as unknown as Reads<string>;
    const bytes = own.getBinary(name, snapshot && { transaction: snapshot });
    return bytes === undefined ? undefined : (JSON.parse(asBuffer(bytes).toString()) as T);
  }

  /** A state that stays as it is until `done()` is called on it. */
  snapshot(): Snapshot {
    this.root.resetReadTxn();
    return this.root.useReadTransaction();
  }

  /**
   * Run one flushed transaction. The braces matter: a callback that returns a put's promise would leave the
   * transaction open, and acknowledged writes of others would be lost in it.
   * @param body writes by `write` and `writeOwn`, synchronously; does not see what it writes
   * @param committing called when all is written and lmdb is about to commit
   * Throws ENOSPC and the like before lmdb has written anything: see `data-room.ts`.
   */
  transact(body: () => void, committing: () => void): void {
    // Our own read snapshot would keep the pages it sees from being used again.
    this.root.resetReadTxn();
    const before = this.dataFile();
    this.writes = [];
    this.root.transactionSync(() => {
      body();
      const { writes } = this;
      this.writes = [];
      takeRoom(
        before,
        writes.map(({ bytes }) => bytes),
      );
      for (const { perform } of writes) perform();
      committing();
    });
  }

  /** Only inside `transact`. The value must stay as it is until the transaction ends. */
  write(table: Table, key: string, value: Buffer | undefined): void {
    const stored = this.stored[table];
    const perform = value === undefined ? () => void stored.remove(key) : () => void stored.put(key, value);
    this.writes.push({ bytes: value?.byteLength ?? 0, perform });
  }

  /** Only inside `transact`. Undefined removes it. */
  writeOwn(name: string, value: unknown): void {
    const bytes = value === undefined ? undefined : Buffer.from(JSON.stringify(value));
    const perform = bytes === undefined ? () => void this.own.remove(name) : () => void this.own.put(name, bytes);
    this.writes.push({ bytes: bytes?.byteLength ?? 0, perform });
  }

  /** Before the tables are opened, because a new one is made then, in a transaction. */
  private prepareFile(): void {
    const file = this.dataFile();
    // Until its heads are on the disk a new file is not known for a journal's: see `journal-folder.ts`.
    if (file.usedPages <= headPages) flushFile(file.path);
    takeRoom(file, []);
  }

  private dataFile(): DataFile {
    const stats = this.root.getStats() as Stats;
    const { treeBranchPageCount, treeLeafPageCount, overflowPages } = stats.free;
    return {
      path: join(this.folder, dataFileName),
      pageBytes: stats.pageSize,
      usedPages: stats.lastPageNumber + 1,
      freeListPages: treeBranchPageCount + treeLeafPageCount + overflowPages,
    };
  }

  /** Nothing of ours is ever pending in lmdb, so it closes before this returns. */
  close(): void {
    void this.root.close();
  }
}

function openEnvironment(folder: string, mode: 'read' | 'write', mapBytes: number): RootDatabase<Buffer, string> {
  try {
    return openLmdb<Buffer, string>({
      path: folder,
      // Else a folder with a dot in its name would become a file.
      noSubdir: false,
      encoding: 'binary',
      maxDbs: tables.length + 3,
      mapSize: mapBytes,
      // Each transaction is flushed before it becomes visible, as in lmdb's first design.
      overlappingSync: false,
      readOnly: mode === 'read',
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
