/** What a process keeps of work that is over: bytes of the heap, and handles of the event loop. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What there is at one time. */
interface Level {
  heapBytes: number;
  handles: number;
}

/** What is kept of one piece of work. */
export interface KeptOfEach {
  heapBytes: number;
  handles: number;
}

/** Kinds of the handles and requests that keep the event loop alive, with those of the test runner. */
export async function handlesNow(): Promise<string[]> {
  // The runner's own timer for a test is there only when the test has let go once.
  await new Promise((resolve) => setImmediate(resolve));
  return process.getActiveResourcesInfo().sort();
}

/** The same, once it has not changed for many turns of the loop: what ran before takes a moment to let go. */
export async function handlesAtRest(): Promise<string[]> {
  let handles = await handlesNow();
  for (let same = 0; same < 100; same += 1) {
    const now = await handlesNow();
    if (`${now}` !== `${handles}`) same = -1;
    handles = now;
  }
  return handles;
}

/**
 * Do work so many times, in windows behind each other, and say what the process keeps of each. What is kept is there
 * behind every window; what the runtime does besides comes and goes. So the least there is behind the first windows is
 * held against the least behind the last ones.
 * @param work does so many, from a number on; what it keeps itself is measured with it
 * @param options `warmUp`: so many first, which are not counted; `windows`, an even number, of `each` follow
 */
export async function keptOfEach(
  work: (from: number, count: number) => Promise<void>,
  { warmUp, windows, each }: { warmUp: number; windows: number; each: number },
): Promise<KeptOfEach> {
  await work(0, warmUp);
  const levels: Level[] = [];
  for (let window = 0; window < windows; window += 1) {
    await work(warmUp + window * each, each);
    levels.push(await level());
  }
  const half = windows / 2;
  const least = (what: keyof Level, some: readonly Level[]) => Math.min(...some.map((one) => one[what]));
  const growth = (what: keyof Level) =>
    (least(what, levels.slice(half)) - least(what, levels.slice(0, half))) / (half * each);
  return { heapBytes: growth('heapBytes'), handles: growth('handles') };
}

async function level(): Promise<Level> {
  await collectGarbage();
  return { heapBytes: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo().length };
}

/** With a turn of the loop between two collections: what is finalized after one is garbage for the next. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
