/**
 * A token bucket: so many at once, and so many in a time. Pure: the time is handed in.
 *
 * K1  In any span of t milliseconds no more than `burst + calls * t / perMs` tokens are taken.
 * K2  A clock that was set back fills nothing, and costs no more than the time until it is where it was.
 */

/** How fast a bucket fills, and how much it holds. */
export interface BucketRate {
  /** So many tokens come, evenly, ... */
  readonly calls: number;
  /** ... in so many milliseconds. */
  readonly perMs: number;
  /** So many it holds. */
  readonly burst: number;
}

/** A bucket. One that is full need not be kept: a new one is full. */
export interface TokenBucket {
  /** As many as there were at `at`; parts of tokens count. */
  readonly tokens: number;
  /** In milliseconds. */
  readonly at: number;
}

/** What is left of sums of parts: as good as a whole token, though K1 then holds but for so little. */
const crumb = 1e-6;

/** A bucket as it is now. @param bucket undefined: a new one, which is full */
export function filled(bucket: TokenBucket | undefined, { calls, perMs, burst }: BucketRate, now: number): TokenBucket {
  if (bucket === undefined) return { tokens: burst, at: now };
  const spanMs = now - bucket.at;
  // K2
  if (spanMs <= 0) return bucket;
  return { tokens: Math.min(burst, bucket.tokens + (spanMs * calls) / perMs), at: now };
}

/**
 * How long until there are so many tokens, in whole milliseconds; 0: they are there.
 * @param bucket as it is at `now`, by `filled`
 */
export function msUntil(bucket: TokenBucket, tokens: number, { calls, perMs }: BucketRate, now: number): number {
  const missing = tokens - bucket.tokens;
  if (missing <= crumb) return 0;
  return Math.max(1, Math.ceil(bucket.at - now + (missing * perMs) / calls - crumb));
}

/** A bucket with one token less. */
export function oneLess({ tokens, at }: TokenBucket): TokenBucket {
  return { tokens: Math.max(0, tokens - 1), at };
}

/** Is it as good as new? */
export function isFull({ tokens }: TokenBucket, { burst }: BucketRate): boolean {
  return tokens >= burst - crumb;
}
