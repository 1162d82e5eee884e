/**
 * Lists of whole numbers, each at most once, as runs: `[3, 4, 5, 9, 1]` is `[3, 3, 9, 1, 1, 1]`, start and length by
 * turns. A list that mostly counts upwards takes a few bytes whatever its length; each number out of its place takes
 * two runs. All functions are pure, and take time in proportion to the runs.
 */

/** See the file's header. */
export type Runs = readonly number[];

/** No numbers. */
export const noRuns: Runs = [];

/** How many numbers. */
export function lengthOf(runs: Runs): number {
  let length = 0;
  for (let at = 1; at < runs.length; at += 2) length += runs[at]!;
  return length;
}

/** Where a number stands, from 0; -1: it is not there. */
export function indexOf(runs: Runs, number: number): number {
  let before = 0;
  for (let at = 0; at < runs.length; at += 2) {
    const start = runs[at]!;
    const length = runs[at + 1]!;
    if (number >= start && number < start + length) return before + number - start;
    before += length;
  }
  return -1;
}

/** Is the number there? */
export function includes(runs: Runs, number: number): boolean {
  return indexOf(runs, number) >= 0;
}

/** Numbers from an index on, at most `limit`. @param reverse index and order are counted from the end */
export function slice(runs: Runs, from: number, limit: number, reverse = false): number[] {
  const found: number[] = [];
  let skip = from;
  for (let pair = 0; pair < runs.length / 2 && found.length < limit; pair += 1) {
    const at = reverse ? runs.length - 2 - 2 * pair : 2 * pair;
    const start = runs[at]!;
    const length = runs[at + 1]!;
    for (let step = skip; step < length && found.length < limit; step += 1) {
      found.push(reverse ? start + length - 1 - step : start + step);
    }
    skip = Math.max(0, skip - length);
  }
  return found;
}

/** With a number at an index. It must not be there; the index is between 0 and the length. */
export function insertAt(runs: Runs, index: number, number: number): Runs {
  const made: number[] = [];
  let left = index;
  let isPlaced = false;
  for (let at = 0; at < runs.length; at += 2) {
    const start = runs[at]!;
    const length = runs[at + 1]!;
    if (isPlaced || left > length) {
      add(made, start, length);
      left -= length;
      continue;
    }
    add(made, start, left);
    add(made, number, 1);
    add(made, start + left, length - left);
    isPlaced = true;
  }
  if (!isPlaced) add(made, number, 1);
  return made;
}

/** Without a number; the same runs when it is not there. */
export function without(runs: Runs, number: number): Runs {
  if (!includes(runs, number)) return runs;
  const made: number[] = [];
  for (let at = 0; at < runs.length; at += 2) {
    const start = runs[at]!;
    const end = start + runs[at + 1]!;
    if (number < start || number >= end) add(made, start, end - start);
    else {
      add(made, start, number - start);
      add(made, number + 1, end - number - 1);
    }
  }
  return made;
}

/** With a number at the end, but before all the larger ones that stand there; the same runs when it is in them. */
export function withArrival(runs: Runs, number: number): Runs {
  if (includes(runs, number)) return runs;
  let index = lengthOf(runs);
  for (let at = runs.length - 2; at >= 0 && runs[at]! > number; at -= 2) index -= runs[at + 1]!;
  return insertAt(runs, index, number);
}

/** Of a list that grows: with a number in its place, the same runs when it is there. */
export function withSorted(runs: Runs, number: number): Runs {
  if (includes(runs, number)) return runs;
  let index = 0;
  for (let at = 0; at < runs.length && runs[at]! < number; at += 2) index += runs[at + 1]!;
  return insertAt(runs, index, number);
}

/** Only numbers that are good, in their order. */
export function filtered(runs: Runs, isGood: (number: number) => boolean): Runs {
  const made: number[] = [];
  for (let at = 0; at < runs.length; at += 2) {
    const start = runs[at]!;
    for (let number = start; number < start + runs[at + 1]!; number += 1) if (isGood(number)) add(made, number, 1);
  }
  return made;
}

/** A run more at the end; joined with the last one where it goes on. */
function add(runs: number[], start: number, length: number): void {
  if (length <= 0) return;
  const last = runs.length - 2;
  if (last >= 0 && runs[last]! + runs[last + 1]! === start) runs[last + 1]! += length;
  else runs.push(start, length);
}
