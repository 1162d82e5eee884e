/** A thread that counts up a shared counter of its own as fast as it can, ringing a bell after each step. */
import { workerData } from 'node:worker_threads';
import { Bell } from '../../../../src/thread/bell.js';

/** What the ringer is given. */
export interface BellRingerTask {
  counters: Int32Array;
  index: number;
  count: number;
  bell: Int32Array;
  /** After so many steps it waits until all were seen (counter 0 of `seen`), so that the sleeper falls asleep. */
  pauseEvery: number;
  seen: Int32Array;
}

/** So often it looks whether all were seen before it sleeps: with one core the other thread has to run for that. */
const looks = 1_000;

const { counters, index, count, bell, pauseEvery, seen } = workerData as BellRingerTask;
const target = new Bell(bell);
for (let step = 1; step <= count; step += 1) {
  Atomics.store(counters, index, step);
  target.ring();
  if (step % pauseEvery !== 0) continue;
  let now = Atomics.load(seen, index);
  for (let look = 1; now < step; look += 1) {
    if (look > looks) Atomics.wait(seen, index, now, 1);
    now = Atomics.load(seen, index);
  }
}
