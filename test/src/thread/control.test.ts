import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect } from 'chai';
import { transfer } from 'comlink';
import { TroupeError } from '../../../src/core/errors.js';
import { Bell, createBellMemory } from '../../../src/thread/bell.js';
import { exposeControl, wrapControl } from '../../../src/thread/control.js';
import { ControlFlag, createControlFlagMemory } from '../../../src/thread/control-flag.js';
import { threadLost, WorkerHost } from '../../../src/thread/worker-host.js';
import type { ControlTask, SubjectApi } from './entries/control-entry.js';

type Task = Omit<ControlTask, 'port'>;

async function startSubject(task: Task = {}, flag?: ControlFlag) {
  const { port1, port2 } = new MessageChannel();
  const thread = new WorkerHost({
    entry: new URL('./entries/control-entry.js', import.meta.url),
    name: 'subject',
    workerData: { ...task, port: port2 } satisfies ControlTask,
    transferList: [port2],
  });
  const control = wrapControl<SubjectApi>(port1, flag);
  await thread.ready;
  return { thread, control, port: port1 };
}

async function rejection(promise: Promise<unknown>): Promise<TroupeError> {
  try {
    await promise;
  } catch (error) {
    return error as TroupeError;
  }
  throw new Error('it did not reject');
}

/** Node has had it since 18.1; its types came later. */
function hasRef(port: MessagePort): boolean {
  return (port as unknown as { hasRef(): boolean }).hasRef();
}

describe('control', () => {
  let subject: Awaited<ReturnType<typeof startSubject>>;
  beforeEach(async () => {
    subject = await startSubject();
  });
  afterEach(async () => {
    await subject.thread.terminate();
  });

  it('calls methods, which may be async, and types them', async () => {
    const { call } = subject.control;
    const sum: number = await call.add(2, 3);
    const text: string = await call.slow(3);
    expect([sum, text]).to.deep.equal([5, 'done']);
    // @ts-expect-error a string is no number
    expect(await call.add('2', 3)).to.equal('23');
    expect(subject.control.pendingCount).to.equal(0);
  });

  it('does not take the client for a promise', async () => {
    expect(await subject.control.call).to.equal(subject.control.call);
  });

  it('carries an error with code, field, value, stack and cause', async () => {
    const error = await rejection(subject.control.call.fail());
    expect(error).to.be.instanceOf(TroupeError);
    expect(error).to.include({ code: 'JOURNAL_WRITE', message: 'it failed', field: 'a.b', value: 7 });
    expect(error.stack).to.contain('control-entry');
    expect(error.cause).to.be.instanceOf(RangeError).and.include({ message: 'underneath', code: 'E_UNDER' });
    expect(await rejection(subject.control.call.failLater())).to.include({ code: 'ENOENT' });
  });

  it('refuses methods the api does not have, inherited from Object or not', async () => {
    const call = subject.control.call as unknown as Record<string, () => Promise<unknown>>;
    for (const method of ['nothing', 'toString', 'constructor', 'hasOwnProperty', '__defineGetter__']) {
      expect((await rejection(call[method]!())).message).to.equal(`the control api has no method ${method}`);
    }
  });

  it('rejects a call whose argument or answer cannot be cloned, and goes on', async () => {
    const { call } = subject.control;
    const withFunction = call.add as unknown as (value: unknown) => Promise<number>;
    expect(await rejection(withFunction(() => {}))).to.include({ name: 'DataCloneError' });
    expect(await rejection(call.unclonable())).to.include({ name: 'TypeError' });
    expect(await call.add(1, 1)).to.equal(2);
    expect(subject.control.pendingCount).to.equal(0);
  });

  it("moves a buffer with comlink's transfer", async () => {
    const buffer = new ArrayBuffer(1_000);
    expect(await subject.control.call.bytes(transfer(buffer, [buffer]))).to.equal(1_000);
    expect(buffer.byteLength).to.equal(0);
  });

  it('rejects every pending call with THREAD_LOST when the thread exits', async () => {
    const pending = [subject.control.call.never(), subject.control.call.never(), subject.control.call.exit()];
    const reasons = await Promise.all(pending.map(rejection));
    for (const reason of reasons) expect(TroupeError.is(reason, 'THREAD_LOST')).to.equal(true);
    expect(TroupeError.is(await rejection(subject.control.call.add(1, 1)), 'THREAD_LOST')).to.equal(true);
    expect(subject.control.pendingCount).to.equal(0);
  });

  it('rejects pending and later calls with the reason it is abandoned for; the first reason stays', async () => {
    const pending = rejection(subject.control.call.never());
    const reason = threadLost('subject', { kind: 'terminated', code: 1 });
    subject.control.abandon(reason);
    subject.control.abandon(new TroupeError('SYSTEM_STOPPED', 'too late'));
    expect(await pending).to.equal(reason);
    expect(await rejection(subject.control.call.add(1, 1))).to.equal(reason);
  });

  it('keeps the event loop alive only while a call is pending', async () => {
    expect(hasRef(subject.port)).to.equal(false);
    const call = subject.control.call.slow(2);
    const other = subject.control.call.slow(5);
    expect(hasRef(subject.port)).to.equal(true);
    await call;
    expect(hasRef(subject.port)).to.equal(true);
    await other;
    expect(hasRef(subject.port)).to.equal(false);
  });
});

describe('control between two ports of one thread', () => {
  it('ends the service: calls under way and later ones reject', async () => {
    const { port1, port2 } = new MessageChannel();
    const control = wrapControl<{ never(): Promise<void> }>(port1);
    const end = exposeControl(port2, { never: () => new Promise<void>(() => {}) });
    const pending = rejection(control.call.never());
    const closed = once(port1, 'close');
    setImmediate(end);
    await closed;
    expect(await pending).to.include({ code: 'THREAD_LOST' });
  });
});

/** The flag goes down just after the answer was posted, so the answer may be here first. */
async function untilDown(flag: ControlFlag): Promise<void> {
  while (flag.isUp) await new Promise((resolve) => setImmediate(resolve));
}

/** Its flag is down and its bell says `asleep`. */
async function untilAsleep(flag: ControlFlag, { memory }: Bell): Promise<void> {
  while (flag.isUp || Atomics.load(memory, 0) !== 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('control of a thread that sleeps in waitSync', () => {
  let sleeper: WorkerHost | undefined;
  afterEach(() => sleeper?.terminate());

  async function startSleeper(task: Task = {}) {
    const bell = new Bell(createBellMemory());
    const memory = createControlFlagMemory();
    const flag = new ControlFlag(memory, bell);
    const started = await startSubject({ ...task, bell: bell.memory, flag: memory }, flag);
    sleeper = started.thread;
    return { bell, flag, ...started };
  }

  it('answers, one call at a time, many at once and slow ones, and sleeps again afterwards', async () => {
    const { thread, control, bell, flag } = await startSleeper();
    for (let round = 0; round < 200; round += 1) {
      // By turns: a call to one that sleeps, and one right behind the answer, when it may be about to.
      if (round % 2 === 0) await untilAsleep(flag, bell);
      expect(await control.call.add(round, 1)).to.equal(round + 1);
    }
    const sums = await Promise.all(Array.from({ length: 200 }, (_, index) => control.call.add(index, index)));
    expect(sums[199]).to.equal(398);
    expect(await control.call.slow(50)).to.equal('done');
    const sleeps = await control.call.sleepCount();
    await untilDown(flag);
    expect(sleeps, 'it sleeps between calls').to.be.greaterThan(50);
    bell.ring();
    await control.call.stop();
    expect((await thread.ended).kind).to.equal('exit');
  });

  it('answers while its bell is rung without pause', async () => {
    const { thread, control } = await startSleeper({ isRungAlways: true });
    expect(await control.call.slow(20)).to.equal('done');
    await control.call.stop();
    await thread.ended;
  });

  it('keeps its loop at work and its timers due during a call that takes for ever', async () => {
    const bell = new Bell(createBellMemory());
    const flag = new ControlFlag(createControlFlagMemory(), bell);
    flag.raise();
    bell.waitSync(0);
    bell.hold();
    await flag.turn(0);
    await flag.turn(5);
    expect(flag.isUp).to.equal(true);
    bell.release();
  });

  it('counts off calls that fail or cannot be posted', async () => {
    const { thread, control, flag } = await startSleeper();
    await rejection(control.call.fail());
    await rejection(control.call.unclonable());
    await rejection((control.call.add as unknown as (value: unknown) => Promise<number>)(() => {}));
    await untilDown(flag);
    expect(await control.call.add(1, 2)).to.equal(3);
    await control.call.stop();
    await thread.ended;
  });
});
