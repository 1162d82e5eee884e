import { expect } from 'chai';
import type { Clock } from '../../../src/core/clock.js';
import { TroupeError } from '../../../src/core/errors.js';
import { limits } from '../../../src/core/limits.js';
import { TestClock } from '../../../src/testing/test-clock.js';
import { describeDeath, threadLost, WorkerHost, type WorkerHostOptions } from '../../../src/thread/worker-host.js';
import type { Behaviour } from './entries/behaviour-entry.js';

function start(behaviour: Behaviour, options: Partial<WorkerHostOptions> = {}): WorkerHost {
  const entry = new URL('./entries/behaviour-entry.js', import.meta.url);
  return new WorkerHost({ entry, name: 'subject', workerData: behaviour, ...options });
}

async function rejection(promise: Promise<unknown>): Promise<TroupeError> {
  try {
    await promise;
  } catch (error) {
    return error as TroupeError;
  }
  throw new Error('it did not reject');
}

describe('worker host', () => {
  it('is ready with what the entry announced, and says that the thread ran out of work', async () => {
    const thread = start('ready and ends');
    expect(await thread.ready).to.deep.equal({ answer: 42 });
    expect(await thread.ended).to.deep.equal({ kind: 'exit', code: 0 });
    expect(thread.death).to.deep.equal({ kind: 'exit', code: 0 });
  });

  it('terminates an idle thread, twice without harm', async () => {
    const thread = start('ready and idle');
    await thread.ready;
    expect(thread.death).to.equal(undefined);
    const [first, second] = await Promise.all([thread.terminate(), thread.terminate()]);
    expect(first).to.deep.equal({ kind: 'terminated', code: 1 });
    expect(second).to.equal(first);
    expect(await thread.terminate()).to.equal(first);
  });

  it('terminates a thread that never yields', async () => {
    const thread = start('ready and spins');
    await thread.ready;
    expect((await thread.terminate()).kind).to.equal('terminated');
  });

  it('knows process.exit by its code', async () => {
    const thread = start('ready and exits with 3');
    expect(await thread.ended).to.deep.equal({ kind: 'exit', code: 3 });
  });

  it('takes the word of a thread that exits, however long its end takes, and ends one that hangs there', async () => {
    const clock = new TestClock();
    const thread = start('ready, says that it exits, and hangs', { clock });
    expect(await thread.leaving).to.deep.equal({ kind: 'exit', code: 3 });
    expect(thread.death).to.equal(await thread.leaving);
    clock.advance(limits.shutdownMsDefault);
    expect(await thread.ended).to.equal(await thread.leaving);
    const other = start('ready and throws');
    expect(await other.leaving).to.equal(await other.ended);
  });

  it('reports an uncaught throw with the error, and nobody else hears of it', async () => {
    const death = await start('ready and throws').ended;
    expect(death.kind).to.equal('error');
    expect(death.error).to.be.instanceOf(RangeError).and.include({ message: 'later', code: 'E_LATER' });
    expect(describeDeath(death)).to.equal('uncaught RangeError: later');
    const lost = threadLost('host 1', death);
    expect(lost).to.include({ code: 'THREAD_LOST', message: 'thread host 1 ended: uncaught RangeError: later' });
    expect(lost.cause).to.equal(death.error);
  });

  it('reports an unhandled rejection, and a thrown value that is no error', async () => {
    expect((await start('ready and rejects').ended).error).to.include({ message: 'nobody listens' });
    const death = await start('ready and throws a string').ended;
    expect(death).to.include({ kind: 'error', error: 'just text' });
  });

  it('tells the heap limit from other errors', async () => {
    const death = await start('ready and eats its heap', { resourceLimits: { maxOldGenerationSizeMb: 16 } }).ended;
    expect(death.kind).to.equal('heap-limit');
    expect(describeDeath(death)).to.equal('its heap limit was reached');
  });

  it('rejects ready with THREAD_START when the entry throws or ends before', async () => {
    const thrown = await rejection(start('throws at once').ready);
    expect(thrown).to.include({ code: 'THREAD_START' });
    expect(thrown.cause).to.be.instanceOf(TypeError).and.include({ message: 'at once' });
    const ended = await rejection(start('ends at once').ready);
    expect(ended.message).to.equal('thread subject ended before it was ready: exit with code 0');
  });

  it('rejects ready with THREAD_START when the module is missing', async () => {
    const error = await rejection(
      start('ready and idle', { entry: new URL('./entries/none.js', import.meta.url) }).ready,
    );
    expect(TroupeError.is(error, 'THREAD_START')).to.equal(true);
    expect((error.cause as { code: string }).code).to.match(/MODULE_NOT_FOUND$/);
  });

  for (const behaviour of ['stays silent', 'spins at once'] as const) {
    it(`terminates a thread that ${behaviour} when its time to start is up`, async () => {
      let timeUp = () => {};
      const clock: Clock = {
        now: () => 0,
        after: (delayMs, wake) => {
          expect(delayMs).to.equal(1_234);
          timeUp = wake;
          return { cancel: () => {} };
        },
      };
      const thread = start(behaviour, { clock, startTimeoutMs: 1_234 });
      timeUp();
      const error = await rejection(thread.ready);
      expect(error).to.include({ code: 'THREAD_START', message: 'thread subject was not ready after 1234 ms' });
      expect((await thread.ended).kind).to.equal('terminated');
    });
  }

  it('does not disturb a process that only watches the end', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    await start('throws at once').ended;
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listener);
    expect(unhandled).to.deep.equal([]);
  });
});
