/**
 * Chance as the kernel sees it: one function, so that a test can own it by a seed. On threads the kernel draws no lots;
 * a system on one thread takes the order of its steps from here.
 */

/** A number in [0, 1). */
export type Random = () => number;

/**
 * A repeatable sequence (mulberry32).
 * @param seed any 32-bit integer; the same seed gives the same sequence
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
