/**
 * Changes in memory above lmdb's tables: what readers of a journal see as one. The owner keeps in it what is
 * committed and not yet in lmdb; a reader in another process fills it from the log.
 *
 * O1  A key's newest change is here or the key is unchanged since lmdb's mark; so memory is asked first.
 */
import type { LmdbTables, Snapshot } from './lmdb-tables.js';
import { asBuffer, type KeyedChange } from './log-record.js';
import { mergeKeys, OrderedTable } from './ordered-table.js';
import { type StoreKey, type Table, tables } from './store.js';
import { decodeKey, encodeKey, highestKey, lowestKey } from './store-key.js';

/** A scan reads so many entries, or bytes, at a time; between two reads commits may happen. */
const scanEntriesMax = 256;
const scanBytesMax = 2 ** 20;

/** See the file's header. */
export class Overlay {
  private readonly above = Object.fromEntries(tables.map((table) => [table, new OrderedTable()])) as Record<
    Table,
    OrderedTable
  >;
  private bytesNow = 0;

  /** @param snapshot read lmdb as it was then; default: as it is */
  constructor(
    private readonly below: LmdbTables,
    private readonly snapshot?: Snapshot,
  ) {}

  /** Bytes of the changes added since `clear`. */
  get bytes(): number {
    return this.bytesNow;
  }

  /** Take changes in; their values are kept, not copied. @param bytes how long they are, encoded */
  add(changes: readonly KeyedChange[], bytes: number): void {
    this.bytesNow += bytes;
    for (const { table, key, value } of changes) this.above[table].set(key, value);
  }

  /** Every key's newest change, table by table in order. */
  *changes(): Generator<KeyedChange> {
    for (const table of tables) {
      for (const [key, value] of this.above[table].entries()) yield { table, key, value };
    }
  }

  clear(): void {
    this.bytesNow = 0;
    for (const table of tables) this.above[table].clear();
  }

  /** A copy of the value at a key, or undefined. */
  get(table: Table, key: string): Buffer | undefined {
    const above = this.above[table];
    return above.has(key) ? copyOf(above.get(key)) : this.below.get(table, key, this.snapshot);
  }

  /** The entries of a range, in parts; each part is as the tables are when it is asked for. */
  *parts(table: Table, from?: StoreKey, to?: StoreKey): Generator<{ key: StoreKey; value: Buffer }[]> {
    const end = to === undefined ? highestKey : encodeKey(to);
    let start: string | undefined = from === undefined ? lowestKey : encodeKey(from);
    while (start !== undefined && start < end) {
      const part = this.part(table, start, end);
      yield part.entries;
      start = part.next;
    }
  }

  /** The first keys of a range that have values, and where to go on. */
  keys(table: Table, start: string, end: string, limit: number): { keys: string[]; next: string | undefined } {
    const above = this.above[table];
    const below = this.below.keys(table, start, end, limit);
    const known = mergeKeys(below, above.keys(start, end, limit)).slice(0, limit);
    const next = known.length === limit ? after(known.at(-1)!) : undefined;
    return { keys: known.filter((key) => !above.has(key) || above.get(key) !== undefined), next };
  }

  private part(table: Table, start: string, end: string) {
    return this.above[table].size === 0 ? this.partBelow(table, start, end) : this.partOfBoth(table, start, end);
  }

  private partBelow(table: Table, start: string, end: string) {
    const entries: { key: StoreKey; value: Buffer }[] = [];
    let [bytes, next] = [0, undefined as string | undefined];
    for (const { key, value } of this.below.range(table, start, end, scanEntriesMax, this.snapshot)) {
      entries.push({ key: decodeKey(key), value: asBuffer(value) });
      bytes += value.byteLength;
      if (entries.length === scanEntriesMax || bytes > scanBytesMax) {
        next = after(key);
        break;
      }
    }
    return { entries, next };
  }

  private partOfBoth(table: Table, start: string, end: string) {
    const entries: { key: StoreKey; value: Buffer }[] = [];
    const stored = new Map<string, Buffer>();
    let [bytes, next] = [0, undefined as string | undefined];
    for (const { key, value } of this.below.range(table, start, end, scanEntriesMax, this.snapshot)) {
      stored.set(key, asBuffer(value));
      bytes += value.byteLength;
      if (stored.size === scanEntriesMax || bytes > scanBytesMax) {
        next = after(key);
        break;
      }
    }
    const above = this.above[table];
    const aboveKeys = above.keys(start, next ?? end, scanEntriesMax);
    if (aboveKeys.length === scanEntriesMax) next = after(aboveKeys.at(-1)!);
    for (const key of mergeKeys([...stored.keys()], aboveKeys)) {
      if (key >= (next ?? end)) break;
      const value = above.has(key) ? copyOf(above.get(key)) : stored.get(key);
      if (value !== undefined) entries.push({ key: decodeKey(key), value });
    }
    return { entries, next };
  }
}

/** The smallest key after `key`. */
function after(key: string): string {
  return `${key}\x00`;
}

function copyOf(value: Buffer | undefined): Buffer | undefined {
  return value === undefined ? undefined : Buffer.from(value);
}
