/** A thread that behaves as its name says. */
import { parentPort, workerData } from 'node:worker_threads';
import { announceExit, announceReady } from '../../../../src/thread/worker-host.js';

/** What the thread does, before or after it is ready. */
export type Behaviour =
  | 'ends at once'
  | 'throws at once'
  | 'stays silent'
  | 'spins at once'
  | 'ready and ends'
  | 'ready and idle'
  | 'ready and exits with 3'
  | 'ready and throws'
  | 'ready and rejects'
  | 'ready and throws a string'
  | 'ready and eats its heap'
  | 'ready and spins'
  | 'ready, says that it exits, and hangs';

const keepAlive = () => parentPort!.on('message', () => {});

function spin(): never {
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

function eatHeap(): never {
  const kept: unknown[] = [];
  for (;;) kept.push(new Array(1_000).fill(kept.length));
}

const actions: Record<Behaviour, () => void> = {
  'ends at once': () => {},
  'throws at once': () => {
    throw new TypeError('at once');
  },
  'stays silent': keepAlive,
  'spins at once': spin,
  'ready and ends': () => announceReady({ answer: 42 }),
  'ready and idle': () => {
    announceReady();
    keepAlive();
  },
  'ready and exits with 3': () => {
    announceReady();
    process.exit(3);
  },
  'ready and throws': () => {
    announceReady();
    throw Object.assign(new RangeError('later'), { code: 'E_LATER' });
  },
  'ready and rejects': () => {
    announceReady();
    void Promise.reject(new Error('nobody listens'));
  },
  'ready and throws a string': () => {
    announceReady();
    // biome-ignore lint/style/useThrowOnlyError: user code may throw anything
    throw 'just text';
  },
  'ready and eats its heap': () => {
    announceReady();
    eatHeap();
  },
  'ready, says that it exits, and hangs': () => {
    announceReady();
    process.on('exit', (code) => {
      announceExit(code);
      spin();
    });
    process.exit(3);
  },
  'ready and spins': () => {
    announceReady();
    spin();
  },
};

actions[workerData as Behaviour]();
