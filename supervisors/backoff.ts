/**
 * How long to wait before a restart: exponential, capped, with jitter. Pure: chance is handed in. The shape is
 * Pekko's: min(max, min * factor^n), then up to `jitter` of it added.
 */
import { hashOf } from '../src/core/hash.js';
import { describeBriefly, TroupeError } from '../src/index.js';

/** A schedule of waits. */
export interface Backoff {
  /** The first wait, in milliseconds. */
  minMs: number;
  /** The longest wait before jitter, in milliseconds. */
  maxMs: number;
  /** How much longer each next wait is. Default 2. */
  factor?: number;
  /** Part of the wait added by chance, 0 to 1. Default 0.2. */
  jitter?: number;
  /** After so long without a failure the waits begin at the first again, in milliseconds. Default `maxMs`. */
  resetAfterMs?: number;
}

/** Refuse a schedule that makes no sense. @throws TroupeError OPTION_RANGE naming the field */
export function checkBackoff(backoff: Backoff): void {
  const range = (field: string, value: unknown, what: string): never => {
    const message = `backoff.${field} must be ${what}, and is ${describeBriefly(value)}`;
    throw new TroupeError('OPTION_RANGE', message, { field, value });
  };
  if (typeof backoff !== 'object' || backoff === null) {
    const message = `backoff must be { minMs, maxMs }, and is ${describeBriefly(backoff)}`;
    throw new TroupeError('OPTION_RANGE', message, { field: 'backoff', value: backoff });
  }
  const { minMs, maxMs, factor = 2, jitter = 0.2, resetAfterMs = maxMs } = backoff;
  if (!(minMs >= 0)) range('minMs', minMs, 'at least 0');
  if (!(maxMs >= minMs)) range('maxMs', maxMs, 'at least minMs');
  if (!(factor >= 1)) range('factor', factor, 'at least 1');
  if (!(jitter >= 0 && jitter <= 1)) range('jitter', jitter, 'between 0 and 1');
  if (!(resetAfterMs >= 0)) range('resetAfterMs', resetAfterMs, 'at least 0');
}

/**
 * The wait before restart number `attempt`.
 * @param attempt 1 for the first restart
 * @param random a number in [0, 1)
 * @returns milliseconds
 * @throws TroupeError OPTION_RANGE for a schedule that makes no sense
 */
export function backoffMs(attempt: number, backoff: Backoff, random: number): number {
  checkBackoff(backoff);
  const { minMs, maxMs, factor = 2, jitter = 0.2 } = backoff;
  // Beyond this many doublings every schedule is at its cap; the power must not overflow.
  const plain = Math.min(maxMs, minMs * factor ** Math.min(attempt - 1, 64));
  return plain * (1 + jitter * random);
}

/** A number in [0, 1) for the jitter: as good as chance among many texts, and the same when a turn is run again. */
export function scattered(text: string): number {
  const plain = hashOf(text);
  // FNV-1a leaves the upper bits of short texts alike.
  const hash = Math.imul(plain ^ (plain >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
