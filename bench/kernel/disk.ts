/** The disk by itself: append a small record and wait until it is safe. No flushed reply can be faster. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type ContenderInput, type Measures, percentiles, perSecond } from './contender.js';

const recordBytes = 512;

/** One record after the other. */
export async function diskWrites({ sizes, folder }: ContenderInput): Promise<Measures> {
  const file = path.join(folder, 'probe');
  const handle = openSync(file, 'a');
  const record = Buffer.alloc(recordBytes, 1);
  const warmUp = Math.floor(sizes.diskWrites * sizes.warmUpShare);
  const timesMs: number[] = [];
  for (let at = 0; at < warmUp + sizes.diskWrites; at += 1) {
    const begin = performance.now();
    writeSync(handle, record);
    fdatasyncSync(handle);
    if (at >= warmUp) timesMs.push(performance.now() - begin);
  }
  closeSync(handle);
  const ms = timesMs.reduce((sum, each) => sum + each, 0);
  return { perSecond: perSecond(sizes.diskWrites, ms), ...percentiles(timesMs) };
}
