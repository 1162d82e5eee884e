/**
 * A table in memory: values by encoded key, and the keys in order. Owns its values; never copies them.
 *
 * T1  A removed key stays as a mark (value undefined) until `clear` or `forgetRemovedIfMany`, because above
 *     another table "removed here" differs from "nothing known here".
 * T2  `sorted` and `fresh` together hold every key of the map exactly once; keys are put in order only
 *     when somebody asks for a range, so that a burst of writes costs no sorting.
 */

/** So many marks are kept before anybody cares. */
const removedKept = 1_024;

/** See the file's header. */
export class OrderedTable {
  private readonly values = new Map<string, Buffer | undefined>();
  private sorted: string[] = [];
  private fresh: string[] = [];
  /** How many of the keys are marks. */
  private removed = 0;

  /** How many keys are known, removed ones included. */
  get size(): number {
    return this.values.size;
  }

  /** Is anything known of the key, if only that it was removed? */
  has(key: string): boolean {
    return this.values.has(key);
  }

  /** The value, or undefined when removed or unknown (see `has`). Shared with the table. */
  get(key: string): Buffer | undefined {
    return this.values.get(key);
  }

  /** Keep a value, or the mark that the key was removed. */
  set(key: string, value: Buffer | undefined): void {
    const before = this.values.get(key);
    const isKnown = before !== undefined || this.values.has(key);
    if (!isKnown) this.fresh.push(key);
    if (isKnown && before === undefined) this.removed -= 1;
    if (value === undefined) this.removed += 1;
    this.values.set(key, value);
  }

  /** The keys from `from` (inclusive) to `to` (exclusive) in order, removed ones included; at most `countMax`. */
  keys(from: string, to: string, countMax = Infinity): string[] {
    this.sort();
    const start = this.lowerBound(from);
    const end = Math.min(this.lowerBound(to), start + countMax);
    return this.sorted.slice(start, end);
  }

  /** All keys with their values in order, removed ones included. */
  *entries(): Generator<[string, Buffer | undefined]> {
    this.sort();
    for (const key of this.sorted) yield [key, this.values.get(key)];
  }

  clear(): void {
    this.values.clear();
    this.sorted = [];
    this.fresh = [];
    this.removed = 0;
  }

  /** Drop the marks of removed keys once they are many: for a table with nothing beneath it. */
  forgetRemovedIfMany(): void {
    if (this.removed < removedKept || this.removed * 2 < this.size) return;
    this.removed = 0;
    this.sort();
    for (const [key, value] of this.values) if (value === undefined) this.values.delete(key);
    this.sorted = this.sorted.filter((key) => this.values.has(key));
  }

  /** A table with the same content; values are shared. */
  copy(): OrderedTable {
    const twin = new OrderedTable();
    for (const [key, value] of this.values) twin.set(key, value);
    return twin;
  }

  /** T2: bring the fresh keys in. Merging two sorted lists is what the engine's sort (TimSort) does best. */
  private sort(): void {
    if (this.fresh.length === 0) return;
    const last = this.sorted.at(-1);
    this.fresh.sort(compareKeys);
    const isAppend = last === undefined || last < this.fresh[0]!;
    for (const key of this.fresh) this.sorted.push(key);
    this.fresh = [];
    if (!isAppend) this.sorted.sort(compareKeys);
  }

  private lowerBound(key: string): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.sorted[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Two ordered lists of keys as one, each key once. */
export function mergeKeys(one: readonly string[], other: readonly string[]): string[] {
  const merged: string[] = [];
  let [i, j] = [0, 0];
  while (i < one.length || j < other.length) {
    const next = j >= other.length || (i < one.length && one[i]! < other[j]!) ? one[i]! : other[j]!;
    if (one[i] === next) i += 1;
    if (other[j] === next) j += 1;
    merged.push(next);
  }
  return merged;
}
