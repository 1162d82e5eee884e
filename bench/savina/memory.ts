/** What the process occupies, garbage apart. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pause } from '../kernel/contender.js';

/** Of this thread. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/**
 * Bytes of memory of the whole process, once they no longer fall.
 * @param collect has all threads collect their garbage that can be told to
 */
export async function restingBytes(collect: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await collect();
    await pause(100);
    const bytes = process.memoryUsage.rss();
    if (bytes < least * 0.99) quiet = 0;
    least = Math.min(least, bytes);
  }
  return least;
}
