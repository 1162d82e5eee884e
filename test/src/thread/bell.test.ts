import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { Bell, createBellMemory } from '../../../src/thread/bell.js';
import type { BellPeerTask } from './entries/bell-peer-entry.js';
import type { BellRingerTask } from './entries/bell-ringer-entry.js';

/** A lost wake-up would be for ever; nothing here takes a hundredth of this. */
const lostAfterMs = 8_000;

function startPeer(task: BellPeerTask): Promise<unknown[]> {
  return once(new Worker(new URL('./entries/bell-peer-entry.js', import.meta.url), { workerData: task }), 'exit');
}

function shared(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * length));
}

describe('bell', function () {
  // With one core each wake-up is a change of threads.
  this.timeout(120_000);

  it('remembers one ring that came before the wait, however often it was rung', () => {
    const bell = new Bell(createBellMemory());
    bell.ring();
    bell.ring();
    expect(bell.waitSync(0)).to.equal(true);
    expect(bell.waitSync(0)).to.equal(false);
  });

  it('times out when nobody rings, and works afterwards', () => {
    const bell = new Bell(createBellMemory());
    expect(bell.waitSync(5)).to.equal(false);
    bell.ring();
    expect(bell.waitSync(5)).to.equal(true);
  });

  it('times out asynchronously, and works afterwards', async () => {
    const bell = new Bell(createBellMemory());
    bell.hold();
    expect(await bell.wait(5)).to.equal(false);
    expect(await bell.wait(0)).to.equal(false);
    bell.ring();
    expect(await bell.wait(5)).to.equal(true);
    const wait = bell.wait(60_000);
    bell.ring();
    expect(await wait).to.equal(true);
    bell.release();
  });

  it('wakes an asynchronous wait on its own thread', async () => {
    const bell = new Bell(createBellMemory());
    bell.hold();
    const waits = [bell.wait(), bell.wait()];
    bell.ring();
    await Promise.all(waits);
    expect(bell.waitSync(0), 'the ring was taken').to.equal(false);
    bell.ring();
    await bell.wait();
    bell.release();
  });

  it('sleeps again after a wait that found the bell rung already', async () => {
    const bell = new Bell(createBellMemory());
    bell.ring();
    await bell.wait();
    let isAwake = false;
    const next = bell.wait().then(() => {
      isAwake = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAwake).to.equal(false);
    bell.ring();
    await next;
  });

  it('leaves timers and input running while it waits asynchronously', async () => {
    const bell = new Bell(createBellMemory());
    bell.hold();
    setImmediate(() => bell.ring());
    await bell.wait();
    bell.release();
  });

  it('keeps the event loop alive only while held', async () => {
    const [code] = (await once(
      new Worker(
        `
      import(${JSON.stringify(new URL('../../../src/thread/bell.js', import.meta.url).href)}).then(async (m) => {
        const bell = new m.Bell(m.createBellMemory());
        void bell.wait().then(() => process.exit(1));
        bell.hold();
        setImmediate(() => setImmediate(() => { bell.release(); process.exitCode = 7; }));
      });
    `,
        { eval: true },
      ),
      'exit',
    )) as [number];
    expect(code).to.equal(7);
  });

  for (const [name, isAsync, isSpinning] of [
    ['blocking', false, false],
    ['blocking with looks', false, true],
    ['asynchronously', true, false],
    ['asynchronously with looks', true, true],
  ] as const) {
    it(`loses no wake-up in ping-pong with a peer that waits ${name}`, async () => {
      const count = 10_000;
      const counters = shared(2);
      const own = new Bell(createBellMemory());
      const far = new Bell(createBellMemory());
      const exited = startPeer({ counters, ownBell: far.memory, farBell: own.memory, count, isAsync, isSpinning });
      for (let step = 1; step <= count; step += 1) {
        Atomics.store(counters, 0, step);
        far.ring();
        while (Atomics.load(counters, 1) !== step) {
          expect(own.waitSync(lostAfterMs), `wake-up ${step} was lost`).to.equal(true);
        }
      }
      await exited;
    });
  }

  it('loses no wake-up when two threads hammer one sleeper', async () => {
    const count = 60_000;
    const counters = shared(2);
    const seen = shared(2);
    const bell = new Bell(createBellMemory());
    const exits = [0, 1].map((index) => {
      const workerData: BellRingerTask = {
        counters,
        index,
        count,
        bell: bell.memory,
        pauseEvery: index === 0 ? 1 : 7,
        seen,
      };
      return once(new Worker(new URL('./entries/bell-ringer-entry.js', import.meta.url), { workerData }), 'exit');
    });
    while (seen[0]! < count || seen[1]! < count) {
      expect(bell.waitSync(lostAfterMs), 'a wake-up was lost').to.equal(true);
      for (const index of [0, 1]) {
        Atomics.store(seen, index, Atomics.load(counters, index));
        Atomics.notify(seen, index);
      }
    }
    await Promise.all(exits);
  });

  it('survives the death of a thread that sleeps on it', async () => {
    const memory = createBellMemory();
    const task: BellPeerTask = {
      counters: shared(2),
      ownBell: memory,
      farBell: createBellMemory(),
      count: 1,
      isAsync: true,
      isSpinning: false,
    };
    const worker = new Worker(new URL('./entries/bell-peer-entry.js', import.meta.url), { workerData: task });
    while (Atomics.load(memory, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
    await worker.terminate();
    const bell = new Bell(memory);
    bell.ring();
    expect(bell.waitSync(0)).to.equal(true);
    const wait = bell.wait();
    bell.hold();
    bell.ring();
    await wait;
    bell.release();
  });
});

/** Thrown by the stand-in for `Atomics.wait` where a thread would fall asleep. */
const fellAsleep = new Error('fell asleep');

/** Run `act` with some of Atomics replaced: `before` is called before each step on the word. */
function stepping<T>(before: () => void, onNotify: () => void, act: () => T): T {
  const real = { ...pick(Atomics, ['load', 'store', 'exchange', 'compareExchange', 'wait', 'notify']) };
  const step =
    <A extends unknown[], R>(operation: (...args: A) => R) =>
    (...args: A): R => {
      before();
      return operation(...args);
    };
  try {
    Object.assign(Atomics, {
      load: step(real.load),
      store: step(real.store),
      exchange: step(real.exchange),
      compareExchange: step(real.compareExchange),
      notify: step(() => {
        onNotify();
        return 1;
      }),
      wait: step((word: Int32Array, index: number, value: number) => {
        if (real.load(word, index) !== value) return 'not-equal';
        throw fellAsleep;
      }),
    });
    return act();
  } finally {
    Object.assign(Atomics, real);
  }
}

function pick<T extends object, K extends keyof T>(from: T, keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

/** Does `waitSync` fall asleep? */
function sleeps(bell: Bell): boolean {
  try {
    bell.waitSync();
    return false;
  } catch (error) {
    if (error !== fellAsleep) throw error;
    return true;
  }
}

describe('bell, preempted at every step', () => {
  it('a ring at any step of a wait keeps the sleeper awake or wakes it (B3)', () => {
    for (let at = 1; ; at += 1) {
      const bell = new Bell(createBellMemory());
      let step = 0;
      let isNotified = false;
      const slept = stepping(
        () => {
          step += 1;
          if (step === at) bell.ring();
        },
        () => {
          isNotified = true;
        },
        () => sleeps(bell),
      );
      if (step < at) {
        expect(slept, 'nobody rang').to.equal(true);
        expect(at, 'the wait has several steps').to.be.greaterThan(2);
        return;
      }
      expect(slept && !isNotified, `lost when rung before step ${at} of the wait`).to.equal(false);
    }
  });

  it('a wait at any step of a ring does not sleep through it (B3)', () => {
    for (let at = 1; ; at += 1) {
      const bell = new Bell(createBellMemory());
      let step = 0;
      let slept = false;
      let isNotified = false;
      stepping(
        () => {
          step += 1;
          if (step === at) slept = sleeps(bell);
        },
        () => {
          isNotified = slept;
        },
        () => bell.ring(),
      );
      if (step < at) {
        expect(at, 'the ring has several steps').to.be.greaterThan(2);
        return;
      }
      expect(slept && !isNotified, `lost when the wait came before step ${at} of the ring`).to.equal(false);
    }
  });
});
