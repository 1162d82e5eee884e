/**
 * Which bucket an id belongs to, when buckets come one by one. Linear hashing (Litwin, 1980): with one bucket more,
 * the ids of just one old bucket are divided between it and the new one; all others stay where they are.
 */
import { hashOf } from '../../src/core/hash.js';

/** 32 bits of an id (FNV-1a, with the mixing of MurmurHash3 at the end). The same in every version: it is stored. */
function mixedHashOf(id: string): number {
  let hash = hashOf(id);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The bucket of an id. @param count how many there are, at least 1 */
export function bucketOf(id: string, count: number): number {
  const hash = mixedHashOf(id);
  const low = largestPower(count);
  const bucket = hash % (2 * low);
  return bucket < count ? bucket : hash % low;
}

/** The bucket that is divided when there are to be more than `count`: bucket number `count` takes its part. */
export function bucketToSplit(count: number): number {
  return count - largestPower(count);
}

/** The largest power of two that is not larger. */
function largestPower(count: number): number {
  return 2 ** (31 - Math.clz32(count));
}
