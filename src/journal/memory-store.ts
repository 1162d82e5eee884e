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
import { keyChanges, type KeyedChange } from './log-record.js';

/** What ends a store's process: `kill` is kill -9, `powerCut` takes the machine along. */
export type Crash = 'kill' | 'powerCut';

/** Everything a store holds. */
interface Content {
  tables: Record<Table, OrderedTable>;
  log: LogRecord[];
}

/** One committed batch. */
interface Batch {
  changes: readonly KeyedChange[];
  record?: LogRecord;
  /** Records before this position are dropped. */
  dropBefore?: number;
}

/** How many entries a scan reads at a time; between two reads commits may happen. */
const scanEntriesMax = 256;

/** See the file's header. */
export class MemoryStore implements JournalStore {
  private readonly current: Content;
  /** What is flushed. */
  private readonly flushed: Content;
  /** Batches committed since, in order. */
  private pending: Batch[] = [];
  private failNext: unknown[] = [];
  private failFlushes: unknown[] = [];
  private failAlways: unknown;
  private isOpen = true;
  /** How many commits and flushes have reached the store; a batch that failed counts too. */
  commits = 0;
  flushes = 0;

  constructor(current = emptyContent(), flushed = emptyContent()) {
    this.current = current;
    this.flushed = flushed;
  }

  /**
   * The next commit or flush throws this, wrapped as the real store would, and leaves nothing behind.
   * Called repeatedly, the errors are thrown one after the other.
   */
  failNextCommit(error: unknown): void {
    this.failNext.push(error);
  }

  /** The next batch that is to be flushed with its commit is written, and its flush throws this: it is taken back. */
  failNextFlush(error: unknown): void {
    this.failFlushes.push(error);
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
    const from = copyContent(crash === 'kill' ? this.current : this.flushed);
    if (crash === 'powerCut') {
      for (const batch of this.pending.slice(0, keptBatches)) apply(from, batch);
    }
    const twin = new MemoryStore(from, copyContent(crash === 'kill' ? this.flushed : from));
    // A kill flushes nothing: what was pending still is, in the kernel's memory.
    if (crash === 'kill') twin.pending = [...this.pending];
    return twin;
  }

  /** How many batches a power cut would lose now. */
  get unflushedBatches(): number {
    return this.pending.length;
  }

  commit(
    changes: readonly Change[],
    level: CommitLevel,
    record?: LogRecord,
    more?: Iterable<Change>,
    written?: () => void,
  ): void {
    this.assertOpen();
    this.commits += 1;
    const own = keyChanges([...changes, ...read(more)]).map((change) => ({ ...change, value: copyOf(change.value) }));
    this.failIfAsked();
    const batch: Batch = { changes: own };
    if (record !== undefined) batch.record = { position: record.position, bytes: Buffer.from(record.bytes) };
    const isTaken = own.length > 0 || record !== undefined;
    if (isTaken) this.take(batch);
    if (level === 'committed' && more === undefined) return;
    try {
      if (more === undefined) written?.();
      if (this.failFlushes.length > 0) throw this.failFlushes.shift();
    } catch (error) {
      if (isTaken) this.takeBack();
      throw writeError(error, 'committing to the journal');
    }
    this.settle();
  }

  flush(): void {
    this.assertOpen();
    this.flushes += 1;
    this.failIfAsked();
    this.settle();
  }

  get(table: Table, key: StoreKey): Buffer | undefined {
    this.assertOpen();
    return copyOf(this.current.tables[table].get(encodeKey(key)));
  }

  *scan(table: Table, from?: StoreKey, to?: StoreKey): Generator<{ key: StoreKey; value: Buffer }> {
    const end = to === undefined ? highestKey : encodeKey(to);
    let start = from === undefined ? lowestKey : encodeKey(from);
    for (;;) {
      this.assertOpen();
      const keys = this.current.tables[table].keys(start, end, scanEntriesMax);
      const part = keys.map((key) => [key, copyOf(this.current.tables[table].get(key))] as const);
      for (const [key, value] of part) if (value !== undefined) yield { key: decodeKey(key), value };
      if (keys.length < scanEntriesMax) return;
      start = `${keys.at(-1)!}\x00`;
    }
  }

  removeRange(table: Table, from: StoreKey, to: StoreKey): void {
    this.assertOpen();
    const known = this.current.tables[table];
    const keys = known.keys(encodeKey(from), encodeKey(to)).filter((key) => known.get(key) !== undefined);
    this.failIfAsked();
    if (keys.length > 0) this.take({ changes: keys.map((key) => ({ table, key, value: undefined })) });
  }

  *readLog(from = 0, to = Number.POSITIVE_INFINITY): Generator<LogRecord> {
    this.assertOpen();
    for (const { position, bytes } of this.current.log) {
      if (position >= from && position < to) yield { position, bytes: Buffer.from(bytes) };
    }
  }

  dropLog(before: number): void {
    this.assertOpen();
    this.take({ changes: [], dropBefore: before });
  }

  get bytesOnDisk(): number {
    return 0;
  }

  close(): void {
    if (!this.isOpen) return;
    this.settle();
    this.isOpen = false;
  }

  private take(batch: Batch): void {
    apply(this.current, batch);
    this.pending.push(batch);
  }

  private settle(): void {
    for (const batch of this.pending) apply(this.flushed, batch);
    this.pending = [];
  }

  /** The newest batch is none. */
  private takeBack(): void {
    this.pending.pop();
    const rest = copyContent(this.flushed);
    for (const batch of this.pending) apply(rest, batch);
    Object.assign(this.current, rest);
  }

  private failIfAsked(): void {
    const error = this.failNext.length > 0 ? this.failNext.shift() : this.failAlways;
    if (error !== undefined) throw writeError(error, 'committing to the journal');
  }

  private assertOpen(): void {
    if (!this.isOpen) throw new TroupeError('JOURNAL_WRITE', 'the store is closed');
  }
}

function read(more: Iterable<Change> = []): Change[] {
  try {
    return [...more];
  } catch (error) {
    throw writeError(error, 'committing to the journal');
  }
}

function emptyContent(): Content {
  return { tables: eachTable(() => new OrderedTable()), log: [] };
}

function copyContent({ tables: from, log }: Content): Content {
  return { tables: eachTable((table) => from[table].copy()), log: [...log] };
}

function eachTable(make: (table: Table) => OrderedTable): Record<Table, OrderedTable> {
  return Object.fromEntries(tables.map((table) => [table, make(table)])) as Record<Table, OrderedTable>;
}

function apply(to: Content, { changes, record, dropBefore }: Batch): void {
  for (const { table, key, value } of changes) to.tables[table].set(key, value);
  for (const table of tables) to.tables[table].forgetRemovedIfMany();
  if (record !== undefined) to.log.push(record);
  if (dropBefore !== undefined) to.log = to.log.filter(({ position }) => position >= dropBefore);
}

function copyOf(value: Buffer | undefined): Buffer | undefined {
  return value === undefined ? undefined : Buffer.from(value);
}
