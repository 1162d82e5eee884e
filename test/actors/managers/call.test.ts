import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { call, type CallEvents, callRecord, type CallView, manager, type PileEvents } from '../../../actors/index.js';
import type { ActorRef, TroupeError } from '../../../src/index.js';
import { eventually, type TestSystem } from '../../../src/testing/index.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { log } from './fixtures/branches.js';
import { answered, answers, doings, failing, slow, squared } from './fixtures/calls.js';

describe('a call', () => {
  const systems = useSystems();
  let system: TestSystem;
  beforeEach(async () => {
    doings.length = 0;
    answers.clear();
    system = await systems.oneThread({ seed: 1 });
  });
  type Ref = ActorRef<CallEvents<string, unknown>>;
  const begun = async (start: boolean): Promise<Ref> => {
    const ref = await system.spawn(answered, { id: 'call', input: { request: 'a', start } });
    await system.settle();
    return ref;
  };
  const stateOf = async (ref: Ref): Promise<string> => (await ref.ask({ type: 'view' })).state;
  const give = async (value: unknown): Promise<void> => {
    answers.get('a')!(value);
    await system.settle();
  };

  it('is pending, runs when it is started, and is done with its response and its duration', async () => {
    const ref = await begun(false);
    expect([await stateOf(ref), doings]).to.deep.equal(['pending', []]);
    await system.advance(1_000);
    const startedAt = system.clock.now();
    expect(await ref.ask({ type: 'start' })).to.include({ state: 'running', startedAt, endedAt: undefined });
    await system.settle();
    expect(doings.map((each) => each.split(' ')[1])).to.deep.equal(['a']);
    const waited = ref.ask({ type: 'wait' }, { timeoutMs: 60_000 });
    await system.advance(250);
    await give({ found: 7 });
    const view = await waited;
    expect(view).to.deep.equal({
      path: '/call',
      state: 'done',
      request: 'a',
      response: { found: 7 },
      failure: undefined,
      createdAt: startedAt - 1_000,
      startedAt,
      endedAt: startedAt + 250,
      durationMs: 250,
    });
    expect(await ref.ask({ type: 'wait' })).to.deep.equal(view);
    expect(await ref.ask({ type: 'view' })).to.deep.equal(view);
  });

  it('cancelled while it runs, its signal is aborted, and what comes then counts for nothing', async () => {
    const ref = await begun(true);
    const waited = ref.ask({ type: 'wait' });
    const cancelled = await ref.ask({ type: 'cancel', reason: 'no time' });
    await system.settle();
    expect(cancelled).to.deep.include({ state: 'cancelled', failure: { name: 'Cancelled', message: 'no time' } });
    expect((await waited).state).to.equal('cancelled');
    expect(doings.at(-1)).to.equal('abort a');
    await give('late');
    expect(await ref.ask({ type: 'view' })).to.deep.include({ state: 'cancelled', response: undefined });
  });

  it('cancelled while it is pending, it never runs, and has no duration', async () => {
    const ref = await begun(false);
    expect(await ref.ask({ type: 'cancel' })).to.include({ state: 'cancelled', durationMs: undefined });
    await system.settle();
    expect(doings).to.deep.equal([]);
  });

  it('refuses what is not possible any more, and stays what it is', async () => {
    const ref = await begun(true);
    const refused = async (type: 'start' | 'cancel'): Promise<unknown[]> => {
      const { code, field, value } = (await rejection(ref.ask({ type }))) as TroupeError;
      return [code, field, value];
    };
    expect(await refused('start')).to.deep.equal(['CALL_STATE', 'type', 'start']);
    expect(await stateOf(ref)).to.equal('running');
    await give(1);
    for (const type of ['start', 'cancel'] as const) {
      expect(await refused(type)).to.deep.equal(['CALL_STATE', 'type', type]);
    }
    expect(await stateOf(ref)).to.equal('done');
    for (const type of ['view', 'wait', 'start', 'cancel', 'nonsense']) await ref.tell({ type } as never);
    await system.settle();
    expect([await stateOf(ref), systems.heard('actorFailed')]).to.deep.equal(['done', []]);
  });

  it('fails with what was thrown, whatever it is', async () => {
    const outcome = async (
      id: string,
      request: { message: string; code?: string; thrown?: unknown },
    ): Promise<unknown> => {
      const ref = await system.spawn(failing, { id, input: { request, start: true } });
      await system.settle();
      const { state, failure } = await ref.ask({ type: 'view' });
      return [state, failure];
    };
    expect(await outcome('a', { message: 'too far', code: 'FAR' })).to.deep.equal([
      'failed',
      { name: 'RangeError', message: 'too far', code: 'FAR' },
    ]);
    expect(await outcome('b', { message: '', thrown: 'a text' })).to.deep.equal([
      'failed',
      { name: 'Thrown', message: '"a text"' },
    ]);
    expect(await outcome('c', { message: '', thrown: undefined })).to.deep.equal([
      'failed',
      { name: 'Thrown', message: 'undefined' },
    ]);
    expect(systems.heard('actorFailed')).to.deep.equal([]);
  });

  it('fails when its response cannot be carried', async () => {
    const ref = await begun(true);
    await give({ f: () => 1 });
    const { state, failure } = await ref.ask({ type: 'view' });
    expect([state, failure?.code]).to.deep.equal(['failed', 'PAYLOAD_NOT_CARRIABLE']);
  });

  it('leaves a record in a log, once, whatever it ended with', async () => {
    const records = await system.spawn(log, { id: 'log' });
    const input = { request: 'a', start: true, log: records };
    const ref = await system.spawn(answered, { id: 'call', input });
    await system.spawn(failing, {
      id: 'bad',
      input: { request: { message: 'no' }, start: true, log: records },
    });
    await system.advance(40);
    await give('yes');
    const face = manager(system.get<PileEvents<{ level: 'info'; text: string }>>('/log'), system.clock);
    const { elements } = await face.page();
    expect(elements.map(({ value }) => `${value.level} ${value.text}`)).to.deep.equal([
      'error /bad failed after 0 ms: no',
      'info /call done after 40 ms',
    ]);
    const view = (await ref.ask({ type: 'view' })) as CallView;
    expect(elements[1]).to.deep.equal(callRecord(view));
    expect((await face.put(callRecord(view) as never)).added).to.equal(false);
    expect(() => callRecord({ ...view, endedAt: undefined }))
      .to.throw()
      .with.property('code', 'ELEMENT_INVALID');
  });

  for (const crash of ['kill', 'powerCut'] as const) {
    it(`after a ${crash} runs again with the same id; with its result recorded it does not`, async () => {
      await begun(true);
      const [first] = doings;
      system = await systems.oneThread({ seed: 2, store: system.crash(crash), clock: system.clock });
      await system.settle();
      expect(doings).to.deep.equal([first, first]);
      await give('late but good');
      for (let time = 0; time < 2; time += 1) {
        system = await systems.oneThread({ seed: 3, store: system.crash(crash), clock: system.clock });
        await system.settle();
        const view = await system.get<CallEvents<string, unknown>>('/call').ask({ type: 'view' });
        expect(view).to.include({ state: 'done', response: 'late but good' });
      }
      expect(doings).to.have.length(2);
    });
  }

  it('is refused without something to run', () => {
    for (const run of [undefined, 7, {}, null]) {
      expect(() => call(import.meta, 'c.bad', { run } as never), String(run))
        .to.throw()
        .with.property('field', 'run');
    }
  });
});

describe('calls on threads', function () {
  this.timeout(60_000);
  const systems = useSystems();
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => removeFolder(folder));

  it('run in the job pool', async () => {
    const system = await systems.threads({ hosts: 1, jobThreads: 1 });
    const ref = await system.spawn(squared, { id: 'nine', input: { request: { n: 3 }, start: true } });
    expect(await ref.ask({ type: 'wait' }, { timeoutMs: 30_000 })).to.include({ state: 'done', response: 9 });
  });

  it('survive the death of their host, and a restart: what was recorded is not run again', async () => {
    const file = path.join(folder, 'runs');
    const runs = (): string[] => readFileSync(file, 'utf8').trim().split('\n');
    let system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(slow, { id: 'slow', input: { request: { file }, start: true } });
    await eventually(() => runsOr(runs).length === 1, 'it has written');
    await system.killHost(0);
    expect(await ref.ask({ type: 'wait' }, { timeoutMs: 30_000 })).to.include({ state: 'done', response: 'written' });
    const [first] = runs();
    expect(runs()).to.deep.equal([first, first]);
    system = await systems.restart(system, { hosts: 2 });
    await system.killHost(0);
    const again = system.get<CallEvents<unknown, string>>('/slow');
    expect(await again.ask({ type: 'wait' })).to.include({ state: 'done', response: 'written' });
    expect(runs()).to.have.length(2);
  });
});

/** Nothing, as long as there is no file. */
function runsOr(runs: () => string[]): string[] {
  try {
    return runs();
  } catch {
    return [];
  }
}
