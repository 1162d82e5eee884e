/**
 * The store in memory: the double of `lmdb-store.ts` for tests and simulations. Same contract, nothing
 * on disk. It can be told to fail, and asked what a crash at this instant would leave.
 */
import { TroupeError } from '../core/errors.js';
import { OrderedTable } from './ordered-table.js';
import { writeError } from './storage-error.js';
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
import { keyChanges, type KeyedChange } from './tail-record.js';

/** What ends a store's process: `kill` is kill -9, `powerCut` takes the machine along. */
export type Crash = 'kill' | 'powerCut';

type Tables = Record<Table, OrderedTable>;

/** How many entries a scan reads at a time; between two reads commits may happen. */
const scanEntriesMax = 256;

/** See the file's header. */
export class MemoryStore implements JournalStore {
  private current: Tables;
  /** What is flushed. */
  private flushed: Tables;
  /** Batches committed since, in order. */
  private pending: KeyedChange[][] = [];
  private failNext: unknown[] = [];
  private failAlways: unknown;
  private isOpen = true;
  /** How many commits and flushes have reached the store; a batch that failed counts too. */
  commits = 0;
  flushes = 0;

  constructor() {
    this.current = emptyTables();
    this.flushed = emptyTables();
  }

  /**
   * The next commit or flush throws this, wrapped as the real store would, and leaves nothing behind.
   * Called repeatedly, the errors are thrown one after the other.
   */
  failNextCommit(error: unknown): void {
    this.failNext.push(error);
  }

  /** Every commit and flush throws this until it is called with undefined: a disk that stays full. */
  failCommits(error: unknown): void {
    this.failAlways = error;
  }

  /**
   * A store with what a crash at this instant leaves; this one is unchanged.
   * @param crash `kill` leaves every committed batch, `powerCut` the flushed ones
   * @param keptBatches how many of the unflushed batches, from the oldest, a power cut leaves. Default 0
   */
  fork(crash: Crash, keptBatches = 0): MemoryStore {
    const twin = new MemoryStore();
    const from = crash === 'kill' ? this.current : this.flushed;
    twin.current = copyTables(from);
    if (crash === 'powerCut') {
      for (const batch of this.pending.slice(0, keptBatches)) apply(twin.current, batch);
    }
    twin.flushed = copyTables(crash === 'kill' ? this.flushed : twin.current);
    // A kill flushes nothing: what was pending still is, in the kernel's memory.
    if (crash === 'kill') twin.pending = [...this.pending];
    return twin;
  }

  /** How many batches a power cut would lose now. */
  get unflushedBatches(): number {
    return this.pending.length;
  }

  *readLog(from?: number, to?: number): Generator<LogRecord> {
    for (const { key, value } of this.scan('log', from, to)) yield { position: key as number, bytes: value };
  }

  commit(given: readonly Change[], level: CommitLevel, record?: LogRecord): void {
    const last: Change[] = record === undefined ? [] : [{ table: 'log', key: record.position, value: record.bytes }];
    const changes = [...given, ...last];
    this.assertOpen();
    this.commits += 1;
    const batch = keyChanges(changes).map((change) => ({ ...change, value: copyOf(change.value) }));
    this.failIfAsked();
    if (batch.length > 0) {
      apply(this.current, batch);
      this.pending.push(batch);
    }
    if (level === 'flushed') this.settle();
  }

  flush(): void {
    this.assertOpen();
    this.flushes += 1;
    this.failIfAsked();
    this.settle();
  }

  get(table: Table, key: StoreKey): Buffer | undefined {
    this.assertOpen();
    return copyOf(this.current[table].get(encodeKey(key)));
  }

  *scan(table: Table, from?: StoreKey, to?: StoreKey): Generator<{ key: StoreKey; value: Buffer }> {
    const end = to === undefined ? highestKey : encodeKey(to);
    let start = from === undefined ? lowestKey : encodeKey(from);
    for (;;) {
      this.assertOpen();
      const keys = this.current[table].keys(start, end, scanEntriesMax);
      const part = keys.map((key) => [key, copyOf(this.current[table].get(key))] as const);
      for (const [key, value] of part) if (value !== undefined) yield { key: decodeKey(key), value };
      if (keys.length < scanEntriesMax) return;
      start = `${keys.at(-1)!}\x00`;
    }
  }

  removeRange(table: Table, from: StoreKey, to: StoreKey): void {
    this.assertOpen();
    const known = this.current[table];
    const keys = known.keys(encodeKey(from), encodeKey(to)).filter((key) => known.get(key) !== undefined);
    this.failIfAsked();
    const batch = keys.map((key) => ({ table, key, value: undefined }));
    apply(this.current, batch);
    if (batch.length > 0) this.pending.push(batch);
  }

  get bytesOnDisk(): number {
    return 0;
  }

  close(): void {
    if (!this.isOpen) return;
    this.settle();
    this.isOpen = false;
  }

  private settle(): void {
    for (const batch of this.pending) apply(this.flushed, batch);
    this.pending = [];
  }

  private failIfAsked(): void {
    const error = this.failNext.length > 0 ? this.failNext.shift() : this.failAlways;
    if (error !== undefined) throw writeError(error, 'committing to the journal');
  }

  private assertOpen(): void {
    if (!this.isOpen) throw new TroupeError('JOURNAL_WRITE', 'the store is closed');
  }
}

function emptyTables(): Tables {
  return Object.fromEntries(tables.map((table) => [table, new OrderedTable()])) as Tables;
}

function copyTables(from: Tables): Tables {
  return Object.fromEntries(tables.map((table) => [table, from[table].copy()])) as Tables;
}

function apply(to: Tables, batch: readonly KeyedChange[]): void {
  for (const { table, key, value } of batch) to[table].set(key, value);
  for (const table of tables) to[table].forgetRemovedIfMany();
}

function copyOf(value: Buffer | undefined): Buffer | undefined {
  return value === undefined ? undefined : Buffer.from(value);
}
