/**
 * The load, the same for every contender that runs on Node: so many messages, at most so many ahead, and what must have
 * come of them. Only completed work counts: a rate ends when the total is there, and is that of what was sent.
 */
import v8 from 'node:v8';
import vm from 'node:vm';
import { addendOf } from '../kernel/actors.js';
import { type ContenderInput, type Measures, pause, percentiles, perSecond, prove } from '../kernel/contender.js';
import type { Sizes } from './sizes.js';

/** What the runner gives a contender. */
export type MessagesInput = ContenderInput<Sizes>;

/** One way of doing the work, run in a process of its own. */
export type MessagesContender = (input: MessagesInput) => Promise<Measures>;

/** The window is cut into parts; one may start when the one a window earlier is handled. */
const partsPerWindow = 4;

/** Something that counts. */
export interface Tally {
  /** Send it a number to add. */
  tell(by: number): void;
  /** Its total, after everything it was told before. @param expected for those whose question may overtake messages */
  total(expected: number): Promise<number>;
}

/** Tell one tally all of it, warm-up first. @returns messages per second, and how many it handled with the warm-up */
export async function tellTally(tally: Tally, count: number, sizes: Sizes): Promise<Measures> {
  const warmUp = Math.floor(count * sizes.warmUpShare);
  let expected = await tellAll(tally, warmUp, sizes.tellsAhead);
  prove('sum after the warm-up', await tally.total(expected), expected);
  const begin = performance.now();
  expected = await tellAll(tally, count, sizes.tellsAhead, expected);
  const total = await tally.total(expected);
  const ms = performance.now() - begin;
  prove('sum of the tally', total, expected);
  return { perSecond: perSecond(count, ms), handled: warmUp + count };
}

/** @param before what it had been told already @returns what it has been told now */
async function tellAll({ tell, total }: Tally, count: number, ahead: number, before = 0): Promise<number> {
  const part = Math.floor(ahead / partsPerWindow);
  const handled: Promise<number>[] = [];
  let sum = before;
  for (let at = 0; at < count; at += 1) {
    const by = addendOf(at);
    sum += by;
    tell(by);
    if ((at + 1) % part !== 0) continue;
    handled.push(total(sum));
    await handled.at(-partsPerWindow);
  }
  await Promise.all(handled);
  return sum;
}

/**
 * Questions to one that counts them: one after the other, then each after a pause, then many at a time.
 * @param ask its reply is the number of questions it has had
 */
export async function askAll(ask: () => Promise<number>, sizes: Sizes): Promise<Measures> {
  let asked = 0;
  const oneByOne = async (count: number, pauseMs: number): Promise<number[]> => {
    const timesMs: number[] = [];
    for (let at = 0; at < count; at += 1) {
      if (pauseMs > 0) await pause(pauseMs);
      const begin = performance.now();
      const reply = await ask();
      timesMs.push(performance.now() - begin);
      asked += 1;
      prove('reply', reply, asked);
    }
    return timesMs;
  };
  await oneByOne(Math.floor(sizes.asks * sizes.warmUpShare), 0);
  const busy = percentiles(await oneByOne(sizes.asks, 0));
  const idle = percentiles(await oneByOne(sizes.idleAsks, sizes.pauseMs));
  const begin = performance.now();
  const sum = await together(ask, sizes);
  const ms = performance.now() - begin;
  // Each number from the next one on was somebody's reply.
  prove('sum of all replies', sum, (sizes.askMany * (2 * asked + sizes.askMany + 1)) / 2);
  return {
    ...busy,
    idleP50Us: idle.p50Us,
    idleP99Us: idle.p99Us,
    manyPerSecond: perSecond(sizes.askMany, ms),
    handled: asked + sizes.askMany,
  };
}

async function together(ask: () => Promise<number>, { askMany, asksAhead }: Sizes): Promise<number> {
  let left = askMany;
  let sum = 0;
  const asker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const reply = await ask();
      sum += reply;
    }
  };
  await Promise.all(Array.from({ length: asksAhead }, asker));
  return sum;
}

/** Time a game of so many messages between two. @param play resolves to how many there were */
export async function pingPong(play: (messages: number) => Promise<number>, sizes: Sizes): Promise<Measures> {
  const warmUp = 2 * Math.floor((sizes.pingPongs * sizes.warmUpShare) / 2);
  prove('messages of the warm-up', await play(warmUp), warmUp);
  const begin = performance.now();
  const played = await play(sizes.pingPongs);
  const ms = performance.now() - begin;
  prove('messages of the game', played, sizes.pingPongs);
  return { perSecond: perSecond(played, ms), handled: warmUp + played };
}

/**
 * Make so many that do nothing, and weigh them.
 * @param make resolves to how many there are, and keeps them
 */
export async function makeMany(make: (count: number) => Promise<number>, sizes: Sizes): Promise<Measures> {
  const emptyBytes = await restingBytes();
  const begin = performance.now();
  const made = await make(sizes.idleActors);
  const ms = performance.now() - begin;
  prove('actors', made, sizes.idleActors);
  return { perSecond: perSecond(made, ms), bytesEach: ((await restingBytes()) - emptyBytes) / made };
}

/** Have the garbage of this thread collected. */
export function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc');
  (vm.runInNewContext('gc') as () => void)();
}

/**
 * Memory of the process once it no longer falls.
 * @param collect has garbage collected; default: of this thread
 */
export async function restingBytes(collect: () => void | Promise<void> = collectGarbage): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await collect();
    await pause(100);
    const rss = process.memoryUsage.rss();
    if (rss < least * 0.99) quiet = 0;
    least = Math.min(least, rss);
  }
  return least;
}
