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
 * The largest figure of a name within a part of the work. A short work may have no sample in the part: then the one
 * nearest to its middle counts.
 * @param progress the figure that tells how far the work is
 * @param from beginning of the part; @param to its end; both as shares of the last sample's progress
 * @throws Error when there are no samples
 */
export function maxBetween(
  samples: readonly Sample[],
  name: string,
  progress: string,
  from: number,
  to: number,
): number {
  const end = samples.at(-1)?.[progress] ?? Number.NaN;
  const shareOf = (sample: Sample): number => (sample[progress] ?? Number.NaN) / end;
  const inPart = samples.filter((sample) => shareOf(sample) >= from && shareOf(sample) <= to);
  const middle = (from + to) / 2;
  const byDistance = samples.toSorted((a, b) => Math.abs(shareOf(a) - middle) - Math.abs(shareOf(b) - middle));
  const chosen = inPart.length > 0 ? inPart : byDistance.slice(0, 1);
  if (chosen.length === 0) throw new Error(`there is no sample of ${name}`);
  return Math.max(...chosen.map((sample) => sample[name] ?? Number.NaN));
}
