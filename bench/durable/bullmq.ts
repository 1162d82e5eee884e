/**
 * BullMQ, written as its documentation does: jobs added in bulk, a worker with a concurrency, finished jobs removed,
 * and for questions `waitUntilFinished`. What is durable is the job; the total is the worker's own, which is less work
 * than keeping it would be.
 */
import { addendOf } from '../kernel/actors.js';
import { prove } from '../kernel/contender.js';
import { loadPeer } from '../runner/peers.js';
import { type DurableContender, measureCounters } from './load.js';
import { startRedis } from './redis.js';

interface Job {
  readonly name: string;
  readonly data: { readonly by: number };
  waitUntilFinished(events: Closable): Promise<unknown>;
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
  on(event: 'completed', heard: (job: Job) => void): this;
  on(event: 'failed', heard: (job: Job, error: Error) => void): this;
}

/** What of BullMQ is used here. */
interface BullMq {
  readonly Queue: new (name: string, options: object) => Queue;
  readonly Worker: new (name: string, process: (job: Job) => Promise<unknown>, options: object) => Worker;
  readonly QueueEvents: new (name: string, options: object) => Closable;
}

/** Jobs that are processed at a time: as many as the documentation has for work that does not compute. */
const concurrency = 100;
/** Jobs added in one call, and those that may be on their way. */
const bulk = 250;
const ahead = 1_000;
/** Finished jobs that are kept where somebody asks for their result: of a job that is gone it is not to be had. */
const kept = 100;

/** @param fsync when Redis waits for the disk */
export function bullMq(fsync: 'always' | 'everysec'): DurableContender {
  return async ({ sizes, folder }) => {
    const { Queue, Worker, QueueEvents } = await loadPeer<BullMq>('bullmq');
    const redis = await startRedis(folder, fsync);
    const connection = { host: '127.0.0.1', port: redis.port };
    const queue = new Queue('tally', { connection, defaultJobOptions: { removeOnComplete: true } });
    const events = new QueueEvents('tally', { connection });
    let total = 0;
    let asked = 0;
    let completed = 0;
    let wake = (): void => {};
    const process = async ({ name, data }: Job): Promise<number> => {
      if (name === 'next') {
        asked += 1;
        return asked;
      }
      total += data.by;
      return total;
    };
    const worker = new Worker('tally', process, { connection, concurrency });
    const failure = new Promise<never>((_, reject) => worker.on('failed', (_job, error) => reject(error)));
    failure.catch(() => {});
    worker.on('completed', () => {
      completed += 1;
      wake();
    });
    await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), worker.waitUntilReady()]);
    const completion = (count: number): Promise<void> =>
      new Promise((resolve) => {
        wake = () => completed >= count && resolve();
        wake();
      });
    const addAll = async (from: number, to: number): Promise<void> => {
      const before = completed - from;
      for (let at = from; at < to; at += bulk) {
        const numbers = Array.from({ length: Math.min(bulk, to - at) }, (_, index) => at + index);
        await Promise.race([failure, completion(before + at + bulk - ahead)]);
        await queue.addBulk(numbers.map((each) => ({ name: 'add', data: { by: addendOf(each) } })));
      }
      await Promise.race([failure, completion(before + to)]);
    };
    const ask = async (): Promise<number> => {
      const job = await queue.add('next', { by: 1 }, { removeOnComplete: { count: kept } });
      return (await job.waitUntilFinished(events)) as number;
    };
    const measures = await measureCounters({ addAll, total: async () => total, ask }, sizes);
    const { completed: _, ...unfinished } = await queue.getJobCounts();
    prove(
      'jobs that are left',
      Object.values(unfinished).reduce((sum, count) => sum + count, 0),
      0,
    );
    for (const each of [worker, events, queue]) await each.close();
    await redis.stop();
    return { ...measures, versions: { Redis: redis.version } };
  };
}
