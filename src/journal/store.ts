/**
 * Where the journal keeps its bytes: a log of records, and a few ordered tables of byte values, written
 * together in atomic batches. Nothing here knows what the bytes mean. `lmdb-store.ts` is the real one,
 * `memory-store.ts` its double; both pass the same contract suite. The contract is
 * batch-based and may be asynchronous, so a store could also live on a replicated log.
 *
 * S1  A batch is visible whole or not at all, also after `kill -9` at any instant.
 * S2  When `commit(batch, 'flushed')` has returned (or its promise resolved), the batch and all
 *     batches before it survive a power cut.
 * S3  When `commit(batch, 'committed')` has returned, the batch survives `kill -9`; a power cut may
 *     lose it and later ones, but never tears the store.
 * S4  A commit that throws leaves nothing of its batch behind, and the store stays usable.
 * S5  The log is read in the order of its positions, which only grow; it loses records only at its beginning,
 *     by `dropLog`.
 */

/**
 * The tables of the store. Their places in this list are stored: only add, at the end. Number keys order
 * as numbers and tuples of them; `paths` and `meta` have string keys.
 */
export const tables = ['rows', 'paths', 'awake', 'ended', 'mail', 'dead', 'meta'] as const;
/** One of the tables. */
export type Table = (typeof tables)[number];

/** One or two non-negative safe integers, or (`paths`, `meta`) a string of 1 to 1,024 bytes of UTF-8. */
export type StoreKey = number | readonly [number, number] | string;

/** How far a commit must have come before it counts. */
export type CommitLevel = 'committed' | 'flushed';

/**
 * One change: a value to put, or undefined to remove the key (unknown keys may be removed). Of two
 * changes of one key in a batch the later one counts. The store keeps no reference to `value`.
 */
export interface Change {
  table: Table;
  key: StoreKey;
  value: Uint8Array | undefined;
}

/** One record of the log. */
export interface LogRecord {
  /** A positive safe integer, larger than that of every record before. */
  readonly position: number;
  readonly bytes: Buffer;
}

/** Nothing to wait for, or a promise of it. Callers await only when there is one. */
export type MaybePromise<T> = T | Promise<T>;

/** The reading half of the store contract. */
export interface JournalReader {
  /** The value at a key, as bytes the caller may keep, or undefined. */
  get(table: Table, key: StoreKey): Buffer | undefined;
  /**
   * Entries from `from` (inclusive) to `to` (exclusive), in key order; both optional. Values may be kept.
   * Commits made while the scan runs are allowed: each entry is shown as it was at or after the scan's start.
   */
  scan(table: Table, from?: StoreKey, to?: StoreKey): Iterable<{ key: StoreKey; value: Buffer }>;
  /**
   * Log records from a position (inclusive) to another (exclusive), both optional. Bytes may be kept.
   * @throws TroupeError JOURNAL_CORRUPT naming the place when a record cannot be read
   */
  readLog(from?: number, to?: number): Iterable<LogRecord>;
  /** Let go, without an error. */
  close(): MaybePromise<void>;
}

/** The store contract. */
export interface JournalStore extends JournalReader {
  /**
   * Apply all changes, and append the record if there is one, atomically.
   * @param more changes too many to be held in memory, asked for one by one while they are written, after
   *   `changes`; a batch that has them is always flushed
   * @param written called when the batch survives a `kill -9` and is still to be flushed; not at all when it need not
   *   be, or is written in another way. The flush may yet fail; when this throws, the batch is taken back likewise
   * @throws TroupeError JOURNAL_FULL when the disk is full, JOURNAL_WRITE for any other failure
   */
  commit(
    changes: readonly Change[],
    level: CommitLevel,
    record?: LogRecord,
    more?: Iterable<Change>,
    written?: () => void,
  ): MaybePromise<void>;
  /** Make everything committed so far survive a power cut. Same errors as `commit`. */
  flush(): MaybePromise<void>;
  /**
   * Remove the keys from `from` (inclusive) to `to` (exclusive) at level 'committed', in batches of a
   * sensible size: a crash or a full disk may leave a part of the range, always its later keys.
   */
  removeRange(table: Table, from: StoreKey, to: StoreKey): MaybePromise<void>;
  /**
   * Records before this position may go. How many do is the store's affair: it drops what is cheap to drop
   * (whole files), and never a record from `before` on.
   */
  dropLog(before: number): MaybePromise<void>;
  /** Bytes on disk now (0 in memory). */
  readonly bytesOnDisk: number;
  /** Flush and let go. Lets go even when it throws; what was committed is then still in the files. */
  close(): MaybePromise<void>;
}
