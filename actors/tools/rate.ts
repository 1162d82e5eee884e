/**
 * How often a tool may be called: token buckets of a bus, one for each tool that says so and one for each of its
 * callers. Pure, on the books.
 *
 * R1  Each attempt takes a token as it begins, of every bucket that counts for it; what a crash begins anew takes none.
 * R2  Whoever finds no token waits behind those that wait already, if that takes no longer than the tool's `waitMs`;
 *     else it is refused, and told when there will be one. Nobody who comes later is served before. A call that
 *     somebody has approved of waits as long as it takes: an approval is not to be spent on a refusal.
 * R3  Who waits holds a timer and no room. A bucket that is full, and for which nobody waits, is not kept.
 *
 * Waiting comes first because it costs nothing here (a durable timer), while a refusal costs a model another call to
 * read it; it has a bound because whoever waits longer than a caller would rather knows nothing.
 */
import type { BusBooks, BusRules, OpenCall, RateBucket } from './books.js';
import { type BucketRate, filled, isFull, msUntil, oneLess } from './token-bucket.js';
import type { ToolRate } from './tool.js';

/** May an attempt begin? `wait`: not yet; `refuse`: it would have to wait too long. */
export type Turn = { say: 'go' } | { say: 'wait' | 'refuse'; ms: number };

/** Which buckets count for a call. */
function bucketsOf({ tool, from }: OpenCall, rate: ToolRate): [key: string, rate: BucketRate][] {
  const { calls, perMs, burst, callsPerCaller } = rate;
  const buckets: [string, BucketRate][] = [[JSON.stringify([tool]), { calls, perMs, burst }]];
  if (callsPerCaller !== undefined) {
    // No more at once than in all: nobody takes the others' share in one go.
    const own = { calls: callsPerCaller, perMs, burst: Math.min(burst, callsPerCaller) };
    buckets.push([JSON.stringify([tool, from]), own]);
  }
  return buckets;
}

/** Ask for a turn of a call whose next attempt could begin. R1, R2. */
export function takeTurn(
  books: BusBooks,
  call: OpenCall,
  rate: ToolRate,
  now: number,
): { books: BusBooks; turn: Turn } {
  const counted = bucketsOf(call, rate).map(([key, own]) => {
    const bucket = books.buckets[key];
    const waiting = bucket?.waiting ?? [];
    const place = waiting.indexOf(call.id);
    const level = filled(bucket, own, now);
    const ms = msUntil(level, 1 + (place < 0 ? waiting.length : place), own, now);
    return { key, waiting, isWaiting: place >= 0, level, ms };
  });
  const ms = Math.max(...counted.map((each) => each.ms));
  const isNew = !counted.some(({ isWaiting }) => isWaiting);
  if (ms > rate.waitMs && isNew) return { books, turn: { say: 'refuse', ms } };
  const buckets: Record<string, RateBucket> = { ...books.buckets };
  for (const { key, waiting, isWaiting, level, ms: own } of counted) {
    const others = waiting.filter((id) => id !== call.id);
    if (ms === 0) buckets[key] = { ...oneLess(level), waiting: others };
    // Only where it is held up: who waits for a turn of its own is in nobody's way.
    else if (own === 0) buckets[key] = { ...level, waiting: others };
    else buckets[key] = { ...level, waiting: isWaiting ? waiting : [...waiting, call.id] };
  }
  return { books: { ...books, buckets }, turn: ms === 0 ? { say: 'go' } : { say: 'wait', ms } };
}

/** A call is over: it waits for no turn any more. */
export function leaveTurns(books: BusBooks, { id }: OpenCall): BusBooks {
  const waits = Object.entries(books.buckets).filter(([, { waiting }]) => waiting.includes(id));
  if (waits.length === 0) return books;
  const buckets = { ...books.buckets };
  for (const [key, bucket] of waits)
    buckets[key] = { ...bucket, waiting: bucket.waiting.filter((each) => each !== id) };
  return { ...books, buckets };
}

/** R3 */
export function withoutFullBuckets(books: BusBooks, { tools }: BusRules, now: number): BusBooks {
  const kept = Object.entries(books.buckets).filter(([key, bucket]) => {
    if (bucket.waiting.length > 0) return true;
    const [tool, from] = JSON.parse(key) as [string, string?];
    const rate = tools.get(tool)?.rate;
    if (rate === undefined) return false;
    const own = bucketsOf({ tool, from: from ?? '' } as OpenCall, rate).find(([each]) => each === key)?.[1];
    return own !== undefined && !isFull(filled(bucket, own, now), own);
  });
  return kept.length === Object.keys(books.buckets).length ? books : { ...books, buckets: Object.fromEntries(kept) };
}
