/** Approvals that are lost, or come to belong to somebody else, when what waits for them is stored and read again. */
import { expect } from 'chai';
import {
  type AgentDefinition,
  AgentRun,
  type ScriptEntry,
  scriptedModel,
  startAgent,
  type ToolBusEvents,
} from '../../actors/index.js';
import type { ActorRef, TroupeError } from '../../src/index.js';
import type { TestSystem } from '../../src/testing/index.js';
import { boss, bus, deputy, worker, world } from '../actors/agent/fixtures/agents.js';
import { useSystems } from '../helpers/with-system.js';

describe('complaint: approvals are lost, or mis-owned, when they are stored', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<ToolBusEvents>;

  beforeEach(async () => {
    world.models = {};
    world.did = [];
    system = await systems.oneThread();
    ref = await system.spawn(bus, { id: 'bus' });
  });

  function script(agent: string, ...entries: ScriptEntry[]): void {
    world.models[agent] = scriptedModel(entries);
  }

  /** A run that waits for an approval, when this resolves. */
  async function start(agent: AgentDefinition): Promise<AgentRun<unknown>> {
    const run = await startAgent(system, agent, { id: 'run', input: { text: 'Go.', bus: ref } });
    await system.settle();
    return run;
  }

  /** The process dies, and another one starts. */
  async function restart(): Promise<AgentRun<unknown>> {
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    ref = system.get('/bus') as ActorRef<ToolBusEvents>;
    return new AgentRun(system.get('/run'));
  }

  const pending = () => ref.ask({ type: 'pending' });
  const send = (text: string, id: string) => ({ name: 'send', args: { text }, id });
  async function approve(by: string, id: string | undefined): Promise<string> {
    const answer = await ref.ask({ type: 'approve', by, id: id as string }).then(
      () => 'ok',
      (error: TroupeError) => error.code,
    );
    await system.settle();
    return answer;
  }

  it('openai-agents-js #131: what is to be approved has lost its id and its data when it is read again', async () => {
    script('worker', { toolCalls: [send('Dear Bob, 5 > 3 & "so" on', 'mcpr_1')] }, 'It is sent.');
    await start(worker);
    const before = await pending();
    expect(before).to.have.length(1);
    expect(before[0]).to.deep.include({ from: 'worker', tool: 'send', args: { text: 'Dear Bob, 5 > 3 & "so" on' } });
    expect(before[0]?.callId).to.match(/^\/run#1\.mcpr_1$/);
    for (let n = 0; n < 3; n += 1) {
      await restart();
      expect(await pending()).to.deep.equal(before);
    }
    const run = new AgentRun(system.get('/run'));
    expect(await approve('ada', before[0]?.id)).to.equal('ok');
    expect((await run.result()).answer).to.equal('It is sent.');
    expect(world.did).to.deep.equal(['sent Dear Bob, 5 > 3 & "so" on']);
  });

  it('openai-agents-js PR 996: what a sub-agent asks for belongs to its caller after a restart', async () => {
    script('boss', { toolCalls: [{ name: 'worker', args: { text: 'Write.' }, id: 'w' }] }, 'It was written.');
    script('worker', { toolCalls: [send('Dear Bob', 's')] }, 'Sent.');
    await start(boss);
    const run = await restart();
    const [waits, ...more] = await pending();
    expect(more).to.deep.equal([]);
    expect(waits).to.include({ from: 'worker', callId: '/run/worker.1.w#1.s' });
    // Neither who asks nor who let it be asked may answer.
    for (const by of ['worker', 'a.boss', 'boss']) expect(await approve(by, waits?.id)).to.equal('APPROVAL_FORBIDDEN');
    expect(world.did).to.deep.equal([]);
    expect(await approve('ada', waits?.id)).to.equal('ok');
    expect((await run.result()).answer).to.equal('It was written.');
  });

  it('openai-agents-js PR 1750: an approval counts for another call of the same tool', async () => {
    script('worker', { toolCalls: [send('one', 'c1'), send('two', 'c2'), send('one', 'c3')] }, 'Done.');
    await start(worker);
    const ids = Object.fromEntries((await pending()).map(({ callId, id }) => [callId.slice(-2), id]));
    expect(Object.keys(ids)).to.deep.equal(['c1', 'c2', 'c3']);
    expect(await approve('ada', ids.c2)).to.equal('ok');
    let run = await restart();
    expect((await pending()).map(({ callId }) => callId.slice(-2))).to.deep.equal(['c1', 'c3']);
    expect(world.did).to.deep.equal(['sent two']);
    // Answered once, whoever says it and however often the process has died since.
    expect(await approve('ada', ids.c2)).to.equal('APPROVAL_ANSWERED');
    await ref.ask({ type: 'reject', by: 'ada', id: ids.c3 as string, why: 'once is enough' });
    run = await restart();
    expect(await approve('ada', ids.c3)).to.equal('APPROVAL_ANSWERED');
    expect(await approve('ada', ids.c1)).to.equal('ok');
    expect((await run.result()).answer).to.equal('Done.');
    expect(world.did).to.deep.equal(['sent two', 'sent one']);
  });

  it('openai-agents-js PR 1768: a call that needs an approval is skipped when the model hands over', async () => {
    script('deputy', { toolCalls: [{ name: 'take_over', args: {}, id: 'h' }, send('Dear Bob', 's')] });
    script('talker', 'I have taken over.');
    await start(deputy);
    const run = await restart();
    expect((await run.view()).status).to.equal('acting');
    const [waits] = await pending();
    expect(world.did).to.deep.equal([]);
    expect(await approve('ada', waits?.id)).to.equal('ok');
    const { answer, by, costs } = await run.result();
    expect({ answer, by }).to.deep.equal({ answer: 'I have taken over.', by: 'a.talker' });
    expect(world.did).to.deep.equal(['sent Dear Bob']);
    expect(costs.map(({ agent, tools }) => [agent, tools])).to.deep.equal([
      ['a.deputy', 2],
      ['a.talker', 0],
    ]);
  });
});
