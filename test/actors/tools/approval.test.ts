import { expect } from 'chai';
import type { ToolBusEvents, ToolError, ToolOutcome } from '../../../actors/tools/index.js';
import type { ActorRef } from '../../../src/index.js';
import { eventually, type TestSystem } from '../../../src/testing/index.js';
import { contextOf, rejection, useSystems } from '../../helpers/with-system.js';
import { bus, impatient, listener, seen } from './fixtures/tools.js';

const day = 86_400_000;

const errorOf = (outcome: { ok: boolean; error?: ToolError }): ToolError => {
  if (outcome.ok) throw new Error('it went well');
  return outcome.error as ToolError;
};

describe('an approval', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<ToolBusEvents>;

  const open = async (definition = bus, store?: TestSystem['store']): Promise<void> => {
    const old = store === undefined ? {} : { store, clock: system.clock };
    system = await systems.oneThread({ seed: 1, ...old });
    ref = await system.spawn(definition, { id: 'tools' });
  };
  beforeEach(async () => {
    seen.length = 0;
    await open();
  });

  const send = (from = 'clerk', callId?: string): Promise<ToolOutcome> =>
    ref.ask({ type: 'call', from, tool: 'send', args: { text: 'a' }, callId }, { timeoutMs: day });
  const pending = async (by?: string) => {
    await system.settle();
    return ref.ask({ type: 'pending', ...(by === undefined ? {} : { by }) });
  };
  const approve = (by: string, id = 'call-1') => ref.ask({ type: 'approve', by, id });
  const reject = (by: string, id = 'call-1', why?: string) => ref.ask({ type: 'reject', by, id, why });

  it('is asked for before the tool runs, and given by one of those who may', async () => {
    const outcome = send();
    const [waiting, ...more] = await pending();
    expect(more).to.deep.equal([]);
    expect(waiting).to.deep.equal({
      id: 'call-1',
      from: 'clerk',
      callId: 'call-1',
      tool: 'send',
      args: { text: 'a' },
      approvers: ['ada', 'bob'],
      since: system.clock.now(),
    });
    expect(seen).to.deep.equal([]);
    expect(await approve('bob')).to.deep.equal({ ok: true });
    expect(await outcome).to.deep.equal({ ok: true, value: 'sent a as null' });
    expect(await pending()).to.deep.equal([]);
  });

  it('that is refused is TOOL_DENIED, with who and why, and the tool never runs', async () => {
    const outcome = send();
    await pending();
    await reject('ada', 'call-1', 'not today');
    expect(errorOf(await outcome)).to.deep.equal({
      code: 'TOOL_DENIED',
      message: 'ada rejected send: not today',
    });
    expect(seen).to.deep.equal([]);
    expect((await ref.ask({ type: 'metrics' })).tools.send).to.include({ calls: 1, denied: 1, failures: 0 });
  });

  it('answered twice is APPROVAL_ANSWERED the second time, and says by whom', async () => {
    const outcome = send();
    await pending();
    await approve('ada');
    const before = { code: 'APPROVAL_ANSWERED', message: 'call-1 was approved by ada before' };
    for (const again of [approve('ada'), reject('bob')]) {
      expect(await rejection(again)).to.include({ ...before, field: 'id', value: 'call-1' });
    }
    expect((await outcome).ok).to.equal(true);
    expect(await rejection(reject('bob'))).to.include({ code: 'APPROVAL_ANSWERED' });
    expect(seen).to.have.length(1);
  });

  it('by another, or by whoever calls, is APPROVAL_FORBIDDEN, and the call waits on', async () => {
    const outcome = send('ada');
    await pending();
    for (const by of ['clerk', 'stranger', 'root', 'ada']) {
      const refused = { code: 'APPROVAL_FORBIDDEN', field: 'by', value: by };
      expect(await rejection(approve(by))).to.include(refused);
      expect(await rejection(reject(by))).to.include(refused);
    }
    expect(await system.deadLetters(), 'whoever asked has heard it').to.deep.equal([]);
    await ref.tell({ type: 'approve', by: 'clerk', id: 'call-1' });
    await system.settle();
    expect((await system.deadLetters()).map(({ code }) => code)).to.deep.equal(['APPROVAL_FORBIDDEN']);
    expect((await pending()).map(({ id }) => id)).to.deep.equal(['call-1']);
    expect((await pending('ada')).length, 'none that she may answer').to.equal(0);
    await approve('bob');
    expect((await outcome).ok).to.equal(true);
  });

  it('is given by those whom the grant names, where it names some', async () => {
    const outcome = ref.ask({ type: 'call', from: 'clerk', tool: 'echo', args: { text: 'a' } });
    await pending();
    expect(await rejection(approve('bob'))).to.include({ code: 'APPROVAL_FORBIDDEN' });
    expect((await pending('bob')).length).to.equal(0);
    await approve('ada');
    expect(await outcome).to.deep.equal({ ok: true, value: 'a' });
  });

  it('of no call is TOOL_CALL_UNKNOWN, and of one that asks for none APPROVAL_ANSWERED', async () => {
    for (const id of ['call-1', 'call-0', 'call-01', 'nonsense', 'call-99999999999999999']) {
      const refused = { code: 'TOOL_CALL_UNKNOWN', field: 'id', value: id };
      expect(await rejection(approve('ada', id))).to.include(refused);
    }
    await ref.ask({ type: 'call', from: 'agent', tool: 'echo', args: { text: 'a' } });
    expect(await rejection(approve('ada'))).to.include({ code: 'APPROVAL_ANSWERED' });
  });

  it('is not asked for when the arguments make no sense', async () => {
    const outcome = ref.ask({ type: 'call', from: 'clerk', tool: 'send', args: { text: 7 } });
    expect(await pending()).to.deep.equal([]);
    expect(errorOf(await outcome).code).to.equal('TOOL_ARGS');
  });

  it('waits for forty days, over crashes, and is then given once', async () => {
    const caller = await system.spawn(listener, { id: 'caller' });
    const call = { from: 'clerk', tool: 'send', args: { text: 'a' }, callId: 'm' };
    await caller.tell({ type: 'forward', to: ref, call });
    await pending();
    for (let n = 0; n < 4; n += 1) {
      await system.advance(10 * day);
      await open(bus, system.crash(n % 2 === 0 ? 'kill' : 'powerCut'));
      expect((await pending()).map(({ id }) => id)).to.deep.equal(['call-1']);
    }
    expect(seen).to.deep.equal([]);
    await approve('ada');
    await open(bus, system.crash('kill'));
    expect(await rejection(approve('bob'))).to.include({ code: 'APPROVAL_ANSWERED' });
    await system.settle();
    const { heard } = await contextOf<{ heard: { outcome: ToolOutcome }[] }>(system, '/caller');
    expect(heard.map(({ outcome }) => outcome)).to.deep.equal([{ ok: true, value: 'sent a as null' }]);
  });

  it('that nobody gives in time is TOOL_DENIED, also when the time passes while the process is down', async () => {
    await open(impatient);
    const late = send();
    await pending();
    await system.advance(59_999);
    expect(await pending()).to.have.length(1);
    await system.advance(1);
    expect(errorOf(await late)).to.include({ code: 'TOOL_DENIED' });
    void send('clerk', 'down').catch(() => {});
    await pending();
    const store = system.crash('kill');
    system.clock.advance(60_000);
    await open(impatient, store);
    expect(await pending()).to.deep.equal([]);
    expect(errorOf(await send('clerk', 'down')).code).to.equal('TOOL_DENIED');
  });
});

describe('an approval over threads', function () {
  this.timeout(60_000);
  const systems = useSystems();

  it('survives the stop of the system and the death of its thread while it waits', async () => {
    let system = await systems.threads({ hosts: 2 });
    let ref = await system.spawn(bus, { id: 'tools' });
    const caller = await system.spawn(listener, { id: 'caller' });
    const call = { from: 'clerk', tool: 'send', args: { text: 'a' }, callId: 'm' };
    await caller.tell({ type: 'forward', to: ref, call });
    const waits = () => eventually(async () => (await ref.ask({ type: 'pending' })).length === 1, 'it waits');
    await waits();
    system = await systems.restart(system);
    ref = system.get('/tools') as ActorRef<ToolBusEvents>;
    await waits();
    await system.injectFailure('/tools', 'exit');
    await ref.ask({ type: 'metrics' }).catch(() => {});
    await waits();
    await eventually(() => systems.heard('threadLost').length > 0, 'the loss of the thread is known');
    const answers = await Promise.allSettled(
      ['ada', 'bob', 'ada'].map((by) => ref.ask({ type: 'approve', by, id: 'call-1' })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    const heard = await eventually(async () => {
      const state = await contextOf<{ heard: { outcome: ToolOutcome }[] }>(system, '/caller');
      return state.heard.length > 0 ? state.heard : undefined;
    }, 'it is answered');
    expect(heard?.map(({ outcome }) => outcome)).to.deep.equal([{ ok: true, value: 'sent a as null' }]);
  });
});
