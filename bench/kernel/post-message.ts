/** Node's own `postMessage` to a worker thread: what a message between threads costs without any of this. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { addendOf, type TallyEvent } from './actors.js';
import { type ContenderInput, cpuUsEach, type Measures, percentiles, perSecond, prove } from './contender.js';

/** One message at a time into the port; the thread adds them up and is asked at the end. */
export async function postTell({ sizes }: ContenderInput): Promise<Measures> {
  const thread = new Thread();
  let expected = await thread.addAll(Math.floor(sizes.functionTells * sizes.warmUpShare), sizes.tellsAhead);
  prove('sum after the warm-up', await thread.total(), expected);
  const cpu = process.cpuUsage();
  const begin = performance.now();
  expected += await thread.addAll(sizes.functionTells, sizes.tellsAhead);
  const total = await thread.total();
  const ms = performance.now() - begin;
  const cpuUsPerMessage = cpuUsEach(sizes.functionTells, cpu);
  prove('sum of the thread', total, expected);
  await thread.end();
  return { perSecond: perSecond(sizes.functionTells, ms), cpuUsPerMessage };
}

/** There and back, one after the other. */
export async function postAsk({ sizes }: ContenderInput): Promise<Measures> {
  const thread = new Thread();
  const warmUp = Math.floor(sizes.asks * sizes.warmUpShare);
  const timesMs: number[] = [];
  let expected = 0;
  for (let at = 0; at < warmUp + sizes.asks; at += 1) {
    expected += await thread.addAll(1, sizes.tellsAhead);
    const begin = performance.now();
    const total = await thread.total();
    if (at >= warmUp) timesMs.push(performance.now() - begin);
    prove('reply', total, expected);
  }
  await thread.end();
  return percentiles(timesMs);
}

/** A worker thread that counts. */
export class Thread {
  private readonly worker = new Worker(new URL('./counting-entry.js', import.meta.url));
  private waiting: ((total: number) => void)[] = [];

  constructor() {
    this.worker.on('message', (total: number) => this.waiting.shift()?.(total));
  }

  /** As many and as far ahead as troupe is told, so that both have the same queues to carry. */
  async addAll(count: number, ahead: number): Promise<number> {
    const part = Math.floor(ahead / 4);
    const handled: Promise<number>[] = [];
    let sum = 0;
    for (let at = 0; at < count; at += 1) {
      const by = addendOf(at);
      sum += by;
      this.post({ type: 'add', by });
      if ((at + 1) % part !== 0) continue;
      handled.push(this.total());
      await handled.at(-4);
    }
    await Promise.all(handled);
    return sum;
  }

  total(): Promise<number> {
    return this.ask('total');
  }

  ask(type: 'total' | 'next'): Promise<number> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.post({ type });
    });
  }

  async end(): Promise<void> {
    void this.worker.terminate();
    await once(this.worker, 'exit');
  }

  /** Several messages in one call are one structured clone, and one task at the other end. */
  post(event: TallyEvent | readonly TallyEvent[]): void {
    this.worker.postMessage(event);
  }
}
