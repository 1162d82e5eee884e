/**
 * Where the journal keeps its bytes: a few ordered tables of byte values, written in atomic
 * batches. Nothing here knows what the bytes mean. `lmdb-store.ts` is the real one,
 * `memory-store.ts` its double; both pass the same contract suite. The contract is
 * batch-based and may be asynchronous, so a store could also live on a replicated log.
 *
 * S1  A batch is visible whole or not at all, also after `kill -9` at any instant.
 * S2  When `commit(batch, 'flushed')` has returned (or its promise resolved), the batch and all
 *     batches before it survive a power cut.
 * S3  When `commit(batch, 'committed')` has returned, the batch survives `kill -9`; a power cut may
 *     lose it and later ones, but never tears the store.
 * S4  A commit that throws leaves nothing of its batch behind, and the store stays usable.
 */

/** The tables of the store. Keys order as tuples of numbers. */
export type Table = 'log' | 'rows' | 'mail' | 'dead' | 'meta';

/** One or two non-negative safe integers, or (meta only) a short name. */
export type StoreKey = number | readonly [number, number] | string;

/** How far a commit must have come before it counts. */
export type CommitLevel = 'committed' | 'flushed';

/** One change: a value to put, or undefined to remove the key. */
export interface Change {
  table: Table;
  key: StoreKey;
  value: Uint8Array | undefined;
}

/** Nothing to wait for, or a promise of it. Callers await only when there is one. */
export type MaybePromise<T> = T | Promise<T>;

/** The store contract. */
export interface JournalStore {
  /**
   * Apply all changes atomically.
   * @throws TroupeError JOURNAL_FULL when the disk is full, JOURNAL_WRITE for any other failure
   */
  commit(changes: readonly Change[], level: CommitLevel): MaybePromise<void>;
  /** Make everything committed so far survive a power cut. Same errors as `commit`. */
  flush(): MaybePromise<void>;
  /** The value at a key, as bytes the caller may keep, or undefined. */
  get(table: Table, key: StoreKey): Buffer | undefined;
  /**
   * Entries from `from` (inclusive) to `to` (exclusive), in key order; both optional. Values may be kept.
   */
  scan(table: Table, from?: StoreKey, to?: StoreKey): Iterable<{ key: StoreKey; value: Buffer }>;
  /** Remove a whole range of a table in as few transactions as is sensible. */
  removeRange(table: Table, from: StoreKey, to: StoreKey): MaybePromise<void>;
  /** Bytes on disk now (0 in memory). */
  readonly bytesOnDisk: number;
  /** Flush and let go. */
  close(): MaybePromise<void>;
}
