/**
 * Was it on the disk before anybody saw it? Reads a trace whose notes are those of `fixtures/witness.ts`, and says of
 * each note how far the bytes that hold its token had come at that moment.
 */
import type { DiskMove } from '../helpers/disk.js';

/**
 * `nowhere`: in no file yet. `written`: in a file, and lost in a power cut. `flushed`: a real flush of that file began
 * after the write and had ended.
 */
export type HowFar = 'nowhere' | 'written' | 'flushed';

/** One note and what the disk held then. */
export interface Witnessed {
  what: string;
  level: string;
  /** The token's kind. */
  kind: string;
  token: string;
  thread: string;
  howFar: HowFar;
}

const tokens = /<[a-z]+\.[a-z]+\.\d+>/g;

/** Where a token was first written, and whether that has been flushed. */
interface Place {
  inode: number;
  at: number;
  isFlushed: boolean;
}

/** Every note of a trace, in order. */
export function witnessed(moves: readonly DiskMove[]): Witnessed[] {
  const places = new Map<string, Place>();
  const begun = new Map<number, number>();
  const seen: Witnessed[] = [];
  for (const [at, move] of moves.entries()) {
    if (move.kind === 'noted') seen.push(judge(move.text, places));
    else if (move.kind === 'wrote') {
      for (const [token] of move.data.toString('latin1').matchAll(tokens)) {
        if (!places.has(token)) places.set(token, { inode: move.inode, at, isFlushed: move.isThrough });
      }
    } else if (move.kind === 'flushBegins') begun.set(move.inode, at);
    else if (move.kind === 'flushEnds' && move.isReal) {
      for (const place of places.values()) {
        if (place.inode === move.inode && place.at < begun.get(move.inode)!) place.isFlushed = true;
      }
    }
  }
  return seen;
}

function judge(text: string, places: ReadonlyMap<string, Place>): Witnessed {
  const [what, token, thread] = text.split(' ') as [string, string, string];
  const [level, kind] = token.slice(1).split('.') as [string, string];
  const place = places.get(token);
  const howFar = place === undefined ? 'nowhere' : place.isFlushed ? 'flushed' : 'written';
  return { what, level, kind, token, thread, howFar };
}

/** How often each `what kind` was seen at each stage: `{ 'acked tell': { flushed: 6 } }`. */
export function countStages(seen: readonly Witnessed[]): Record<string, Partial<Record<HowFar, number>>> {
  const counts: Record<string, Partial<Record<HowFar, number>>> = {};
  for (const { what, kind, howFar } of seen) {
    const row = counts[`${what} ${kind}`] ?? {};
    row[howFar] = (row[howFar] ?? 0) + 1;
    counts[`${what} ${kind}`] = row;
  }
  return counts;
}
