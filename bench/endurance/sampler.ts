/** Samples figures while some work goes on: at the beginning, at intervals, and once more at the end. */
import type { Sample } from '../runner/entrant.js';

/** What to take. The time since the beginning, `atMs`, is added to each. */
export type ReadSample = () => Promise<Sample> | Sample;

/**
 * Do the work and sample meanwhile.
 * @param everyMs time between two samples, in milliseconds; one that takes longer delays the next
 */
export async function sampled<T>(
  everyMs: number,
  read: ReadSample,
  work: () => Promise<T>,
): Promise<{ result: T; samples: Sample[] }> {
  const begin = performance.now();
  const samples: Sample[] = [];
  const take = async (): Promise<void> => {
    const atMs = Math.round(performance.now() - begin);
    samples.push({ atMs, ...(await read()) });
  };
  let isOver = false;
  let wake = (): void => {};
  const taking = (async () => {
    while (!isOver) {
      await take();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (isOver) wake();
      });
    }
  })();
  try {
    // A sample that cannot be taken ends it at once.
    const failed = new Promise<never>((_, reject) => taking.catch(reject));
    const result = await Promise.race([work(), failed]);
    isOver = true;
    wake();
    await taking;
    await take();
    return { result, samples };
  } finally {
    isOver = true;
    wake();
  }
}

/**
 * The largest figure of a name within a part of the work.
 * @param progress the figure that tells how far the work is
 * @param from beginning of the part; @param to its end; both as shares of the last sample's progress
 * @throws Error when no sample falls into the part
 */
export function maxBetween(
  samples: readonly Sample[],
  name: string,
  progress: string,
  from: number,
  to: number,
): number {
  const end = samples.at(-1)?.[progress] ?? Number.NaN;
  const inPart = samples.filter((sample) => {
    const share = (sample[progress] ?? Number.NaN) / end;
    return share >= from && share <= to;
  });
  if (inPart.length === 0) throw new Error(`no sample of ${name} between ${from} and ${to} of the work`);
  return Math.max(...inPart.map((sample) => sample[name] ?? Number.NaN));
}
