/** lmdb by itself: a record for each message, confirmed when the disk has it; then one at a time. */
import { open } from 'lmdb';
import { addendOf } from '../kernel/actors.js';
import { percentiles, perSecond, prove } from '../kernel/contender.js';
import { type DurableContender, inFlight, sumOf } from './load.js';

/** See the file's header. */
export const lmdbPuts: DurableContender = async ({ sizes, folder }) => {
  // Otherwise a put is confirmed before the disk has it.
  const store = open<{ type: 'add'; by: number }, [number, number]>({ path: folder, overlappingSync: false });
  const put = (at: number) => store.put([at % sizes.machines, at], { type: 'add', by: addendOf(at) });
  const warmUp = Math.floor(sizes.lmdbPuts * sizes.warmUpShare);
  await inFlight(0, warmUp, sizes.tellsAhead, put);
  const begin = performance.now();
  await inFlight(warmUp, warmUp + sizes.lmdbPuts, sizes.tellsAhead, put);
  const ms = performance.now() - begin;
  const first = warmUp + sizes.lmdbPuts;
  const timesMs: number[] = [];
  for (let at = first; at < first + sizes.asks; at += 1) {
    const asked = performance.now();
    await put(at);
    timesMs.push(performance.now() - asked);
  }
  let sum = 0;
  for (const { value } of store.getRange({})) sum += value.by;
  prove('sum of all records', sum, sumOf(0, first + sizes.asks));
  await store.close();
  return { perSecond: perSecond(sizes.lmdbPuts, ms), ...percentiles(timesMs) };
};
