/** Node's own means between two threads: postMessage, and a ring in shared memory with a codec. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Packr } from 'msgpackr';
import { addendOf, type TallyEvent } from '../kernel/actors.js';
import { perSecond, prove } from '../kernel/contender.js';
import { Thread } from '../kernel/post-message.js';
import { askAll, type MessagesContender, tellTally } from './load.js';
import { makeRing, type Ring } from './ring.js';

/** Messages of one call, or of one frame. */
const batchSize = 64;

/** So many messages in each call. */
export const postBatch: MessagesContender = async ({ sizes }) => {
  const thread = new Thread();
  let batch: TallyEvent[] = [];
  const send = (): void => {
    if (batch.length > 0) thread.post(batch);
    batch = [];
  };
  const tell = (by: number): void => {
    batch.push({ type: 'add', by });
    if (batch.length === batchSize) send();
  };
  const total = (): Promise<number> => {
    send();
    return thread.total();
  };
  const measures = await tellTally({ tell, total }, sizes.functionTells, sizes);
  await thread.end();
  return measures;
};

/** There and back. */
export const postAsk: MessagesContender = async ({ sizes }) => {
  const thread = new Thread();
  const measures = await askAll(() => thread.ask('next'), sizes);
  await thread.end();
  return measures;
};

/** Frames of many messages, packed, in a ring; the other thread sleeps when there is none. Nothing else is there. */
export const ringTell: MessagesContender = async ({ sizes }) => {
  const ring = makeRing();
  const worker = new Worker(new URL('./ring-entry.js', import.meta.url), { workerData: ring.memory });
  await once(worker, 'online');
  const warmUp = Math.floor(sizes.functionTells * sizes.warmUpShare);
  let expected = await tellRing(ring, warmUp);
  const begin = performance.now();
  expected += await tellRing(ring, sizes.functionTells);
  const ms = performance.now() - begin;
  prove('sum of the thread', ring.total(), expected);
  await worker.terminate();
  return { perSecond: perSecond(sizes.functionTells, ms), handled: warmUp + sizes.functionTells };
};

/** Returns when all is handled. */
async function tellRing(ring: Ring, count: number): Promise<number> {
  const packr = new Packr();
  let batch: TallyEvent[] = [];
  let sum = 0;
  for (let at = 0; at < count; at += 1) {
    const by = addendOf(at);
    sum += by;
    batch.push({ type: 'add', by });
    if (batch.length < batchSize && at + 1 < count) continue;
    ring.write(packr.pack(batch));
    batch = [];
  }
  await ring.whenEmpty();
  return sum;
}
