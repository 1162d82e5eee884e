/**
 * BullMQ, written as its documentation does: jobs added in bulk, a worker with a concurrency, finished jobs removed.
 * Questions are resolved by their id when the worker says it has completed them: its documentation advises against
 * `waitUntilFinished`, and what that listens to would cost something with every job. What is durable is the job; the
 * total is the worker's own, which is less work than keeping it would be.
 */
import { addendOf } from '../kernel/actors.js';
import { prove } from '../kernel/contender.js';
import { loadPeer } from '../runner/peers.js';
import { type DurableContender, measureCounters, type Way } from './load.js';
import { startRedis } from './redis.js';
import type { Sizes } from './sizes.js';

interface Job {
  readonly id: string;
  readonly name: string;
  readonly data: { readonly by: number };
}

interface Closable {
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

interface Queue extends Closable {
  add(name: string, data: object, options: object): Promise<Job>;
  addBulk(jobs: readonly { name: string; data: object }[]): Promise<readonly Job[]>;
  getJobCounts(): Promise<Record<string, number>>;
}

interface Worker extends Closable {
  concurrency: number;
  on(event: 'completed', heard: (job: Job, result: number) => void): this;
  on(event: 'failed', heard: (job: Job, error: Error) => void): this;
}

/** What of BullMQ is used here. */
interface BullMq {
  readonly Queue: new (name: string, options: object) => Queue;
  readonly Worker: new (name: string, process: (job: Job) => Promise<unknown>, options: object) => Worker;
}

/** Jobs on their way, and those processed at a time: the documentation has 100 to 300 for work that waits. */
interface BullWay extends Way {
  readonly concurrency: number;
}

const concurrencies = [100, 300];
/** Parts in which the jobs on their way are added, each in one call. */
const parts = 4;

function waysOfBull({ peerAhead }: Sizes): readonly BullWay[] {
  return peerAhead.flatMap((ahead) =>
    concurrencies
      // Of those above what is on its way one is as good as another.
      .filter((_, at) => ahead > (concurrencies[at - 1] ?? 0))
      .map((concurrency) => ({ name: `ahead${ahead}By${concurrency}`, ahead, concurrency })),
  );
}

/** @param fsync when Redis waits for the disk */
export function bullMq(fsync: 'always' | 'everysec'): DurableContender {
  return async ({ sizes, folder }) => {
    const { Queue, Worker } = await loadPeer<BullMq>('bullmq');
    const redis = await startRedis(folder, fsync);
    const connection = { host: '127.0.0.1', port: redis.port };
    const queue = new Queue('tally', { connection, defaultJobOptions: { removeOnComplete: true } });
    let total = 0;
    let asked = 0;
    let completed = 0;
    let wake = (): void => {};
    const askers = new Map<string, (result: number) => void>();
    const process = async ({ name, data }: Job): Promise<number> => {
      if (name === 'next') {
        asked += 1;
        return asked;
      }
      total += data.by;
      return total;
    };
    const worker = new Worker('tally', process, { connection, concurrency: Math.min(...concurrencies) });
    const failure = new Promise<never>((_, reject) => worker.on('failed', (_job, error) => reject(error)));
    failure.catch(() => {});
    worker.on('completed', ({ id }, result) => {
      completed += 1;
      askers.get(id)?.(result);
      wake();
    });
    await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
    const completion = (count: number): Promise<void> =>
      new Promise((resolve) => {
        wake = () => completed >= count && resolve();
        wake();
      });
    const addAll = async (from: number, to: number, { ahead, concurrency }: BullWay): Promise<void> => {
      worker.concurrency = concurrency;
      const bulk = Math.ceil(ahead / parts);
      const before = completed - from;
      for (let at = from; at < to; at += bulk) {
        const numbers = Array.from({ length: Math.min(bulk, to - at) }, (_, index) => at + index);
        await Promise.race([failure, completion(before + at + bulk - ahead)]);
        await queue.addBulk(numbers.map((each) => ({ name: 'add', data: { by: addendOf(each) } })));
      }
      await Promise.race([failure, completion(before + to)]);
    };
    const ask = async (at: number): Promise<number> => {
      // Its own id, known before the job is: it may be completed before `add` has returned.
      const jobId = `asked-${at}`;
      const answer = new Promise<number>((resolve) => askers.set(jobId, resolve));
      await queue.add('next', { by: 1 }, { jobId });
      const result = await Promise.race([failure, answer]);
      askers.delete(jobId);
      return result;
    };
    const load = { increments: sizes.peerIncrements.bullMq, ways: waysOfBull(sizes) };
    const measures = await measureCounters({ addAll, total: async () => total, ask }, load, sizes);
    const { completed: _, ...unfinished } = await queue.getJobCounts();
    prove(
      'jobs that are left',
      Object.values(unfinished).reduce((sum, count) => sum + count, 0),
      0,
    );
    for (const each of [worker, queue]) await each.close();
    await redis.stop();
    return { ...measures, versions: { Redis: redis.version } };
  };
}
