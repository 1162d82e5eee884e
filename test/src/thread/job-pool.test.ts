import { BroadcastChannel } from 'node:worker_threads';
import { expect } from 'chai';
import type { TroupeError } from '../../../src/core/errors.js';
import { ActorRef } from '../../../src/core/ref.js';
import { JobPool, type JobPoolOptions } from '../../../src/thread/job-pool.js';

const jobs = new URL('./entries/jobs.js', import.meta.url).href;

function job(name: string, input: unknown = null, url = jobs) {
  return { url, name, input, effectId: `effect-${name}` };
}

async function rejection(promise: Promise<unknown>): Promise<TroupeError> {
  try {
    await promise;
  } catch (error) {
    return error as TroupeError;
  }
  throw new Error('it did not reject');
}

/** Give the event loop turns until a condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Start a job that never ends by itself and wait until it really runs. Its promise comes in a tuple, unawaited. */
async function startTelling(pool: JobPool, name: string, signal?: AbortSignal): Promise<[Promise<TroupeError>]> {
  const channel = new BroadcastChannel(name);
  const told = new Promise((resolve) => {
    channel.onmessage = resolve;
  });
  const outcome = rejection(pool.run(job(name, name), signal));
  await told;
  channel.close();
  return [outcome];
}

describe('job pool', function () {
  this.timeout(30_000);
  const pools: JobPool[] = [];
  const open = (options?: JobPoolOptions) => {
    const pool = new JobPool({ maxThreads: 2, ...options });
    pools.push(pool);
    return pool;
  };
  afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

  it('runs a function with its input and effect id, and carries what messages carry', async () => {
    const pool = open();
    expect(pool.threadCount, 'no thread before the first job').to.equal(0);
    const input = { when: new Date(5), map: new Map([['a', 1n]]), ref: new ActorRef('/a', 3), none: undefined };
    const result = (await pool.run(job('echo', input))) as { input: typeof input; effectId: string };
    expect(result.effectId).to.equal('effect-echo');
    expect(result.input).to.deep.equal(input);
    expect(result.input.ref).to.be.instanceOf(ActorRef);
  });

  it('names module and export when there is no such function', async () => {
    const pool = open();
    for (const name of ['missing', 'notAFunction', 'toString']) {
      const error = await rejection(pool.run(job(name)));
      expect(error, name).to.include({ code: 'JOB_NOT_FOUND' });
      expect(error.message).to.contain(name).and.to.contain('jobs.js');
    }
  });

  it('says why a module cannot be imported', async () => {
    const pool = open();
    const broken = await rejection(
      pool.run(job('run', null, new URL('./entries/broken-module.js', import.meta.url).href)),
    );
    expect(broken).to.include({ code: 'JOB_IMPORT' });
    expect(broken.cause).to.be.instanceOf(SyntaxError).and.include({ message: 'broken module' });
    const missing = await rejection(pool.run(job('run', null, new URL('./entries/none.js', import.meta.url).href)));
    expect(missing.code).to.equal('JOB_IMPORT');
    expect(missing.cause).to.include({ code: 'ERR_MODULE_NOT_FOUND' });
  });

  it('keeps what the function threw as the cause', async () => {
    const pool = open();
    const error = await rejection(pool.run(job('fail')));
    expect(error).to.include({ code: 'JOB_FAILED' });
    const cause = error.cause as Error & { code: string };
    expect(cause).to.be.instanceOf(RangeError).and.include({ message: 'too far', code: 'E_FAR' });
    expect(cause.cause).to.include({ message: 'why' });
    expect(cause.stack).to.contain('jobs');
    expect((await rejection(pool.run(job('throwText')))).message).to.contain('just text');
  });

  it('refuses an input and a result that cannot be carried', async () => {
    const pool = open();
    const refused = await rejection(pool.run(job('echo', { deep: { callback: () => {} } })));
    expect(refused).to.include({ code: 'PAYLOAD_NOT_CARRIABLE' });
    const error = await rejection(pool.run(job('returnFunction')));
    expect(error.code).to.equal('JOB_FAILED');
    expect(error.cause).to.include({ code: 'PAYLOAD_NOT_CARRIABLE' });
    expect(await pool.run(job('echo'))).to.be.an('object');
  });

  it('reports a thread that exits or runs out of heap as lost, and goes on with a new one', async () => {
    const pool = open({ resourceLimits: { maxOldGenerationSizeMb: 32 } });
    const exited = await rejection(pool.run(job('exit')));
    expect(exited).to.include({ code: 'JOB_THREAD_LOST' });
    const full = await rejection(pool.run(job('eatHeap')));
    expect(full).to.include({ code: 'JOB_THREAD_LOST' });
    expect(full.cause).to.include({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
    expect(await pool.run(job('echo'))).to.be.an('object');
  });

  it('loses only the job of the thread that died, also with others waiting', async () => {
    const pool = open({ maxThreads: 1 });
    const outcomes = await Promise.allSettled([
      pool.run(job('echo', 1)),
      pool.run(job('exit')),
      pool.run(job('echo', 2)),
      pool.run(job('exit')),
      pool.run(job('echo', 3)),
    ]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
  });

  it('reports jobs as lost when their thread cannot even start', async () => {
    const pool = open({ resourceLimits: { maxOldGenerationSizeMb: 1, maxYoungGenerationSizeMb: 1 } });
    const errors = await Promise.all([1, 2, 3].map((input) => rejection(pool.run(job('echo', input)))));
    for (const error of errors) expect(error.code).to.equal('JOB_THREAD_LOST');
  });

  it('ends the thread of an aborted job, whether it blocks or awaits', async () => {
    const pool = open({ maxThreads: 1 });
    for (const name of ['hang', 'block']) {
      const controller = new AbortController();
      const [running] = await startTelling(pool, name, controller.signal);
      const next = pool.run(job('echo', 'next'));
      expect(pool.waitingCount).to.equal(1);
      controller.abort(new Error('enough'));
      const error = await running;
      expect(error).to.include({ code: 'JOB_ABORTED' });
      expect(error.cause).to.include({ message: 'enough' });
      expect(await next, 'the waiting job got a new thread').to.deep.include({ input: 'next' });
    }
  });

  it('aborts a waiting job without touching the running one', async () => {
    const pool = open({ maxThreads: 1 });
    const controller = new AbortController();
    const running = pool.run(job('whoRuns'));
    const waiting = rejection(pool.run(job('echo'), controller.signal));
    controller.abort();
    expect((await waiting).code).to.equal('JOB_ABORTED');
    expect(await running).to.be.a('number');
    expect((await rejection(pool.run(job('echo'), AbortSignal.abort()))).code).to.equal('JOB_ABORTED');
    expect([pool.waitingCount, pool.runningCount]).to.deep.equal([0, 0]);
  });

  it('runs at most as many jobs as it has threads', async () => {
    const pool = open({ maxThreads: 2 });
    const runs = Array.from({ length: 30 }, () =>
      pool.run(job('whoRuns')).finally(() => {
        expect(pool.runningCount).to.be.at.most(2);
        expect(pool.threadCount).to.be.at.most(2);
      }),
    );
    expect([pool.runningCount, pool.waitingCount]).to.deep.equal([2, 28]);
    expect(new Set(await Promise.all(runs)).size).to.be.at.most(2);
  });

  it('starts waiting jobs in the order they came', async () => {
    const pool = open({ maxThreads: 1 });
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await pool.run(job('whoRuns'));
        order.push(index);
      }),
    );
    expect(order).to.deep.equal(Array.from({ length: 20 }, (_, index) => index));
  });

  it('survives what a job left behind on an idle thread, and tells of it', async () => {
    const strays: Error[] = [];
    const pool = open({ maxThreads: 1, onStray: (error) => strays.push(error) });
    expect(await pool.run(job('leaveTrouble', 'trouble'))).to.equal('fine');
    const channel = new BroadcastChannel('trouble');
    channel.postMessage('now');
    channel.close();
    await until(() => strays.length > 0);
    expect(strays[0]).to.include({ message: 'stray' });
    expect(await pool.run(job('echo', 1))).to.deep.include({ input: 1 });
  });

  it('lets idle threads go', async () => {
    const pool = open({ idleTimeoutMs: 10 });
    await pool.run(job('echo'));
    await until(() => pool.threadCount === 0);
    expect(await pool.run(job('echo', 2))).to.deep.include({ input: 2 });
  });

  it('closes: running and waiting jobs are aborted, later ones refused, all threads end', async () => {
    const pool = open({ maxThreads: 1 });
    const [running] = await startTelling(pool, 'block');
    const outcomes = [running, rejection(pool.run(job('echo'))), rejection(pool.run(job('echo')))];
    await Promise.all([pool.close(), pool.close()]);
    for (const error of await Promise.all(outcomes)) expect(error.code).to.equal('JOB_ABORTED');
    expect((await rejection(pool.run(job('echo')))).code).to.equal('JOB_ABORTED');
    expect(pool.threadCount).to.equal(0);
  });
});
