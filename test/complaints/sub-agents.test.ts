/** Sub-agents whose failure is taken for success, who know nothing of each other, who remember unasked. */
import { expect } from 'chai';
import {
  type AgentDefinition,
  type AgentRun,
  type ScriptEntry,
  type ScriptedModel,
  scriptedModel,
  startAgent,
} from '../../actors/index.js';
import type { TestSystem } from '../../src/testing/index.js';
import { boss, talker, world } from '../actors/agent/fixtures/agents.js';
import { useSystems } from '../helpers/with-system.js';

describe('complaint: a failed sub-agent counts as success, and context is lost', () => {
  const systems = useSystems();
  let system: TestSystem;

  beforeEach(async () => {
    world.models = {};
    world.did = [];
    system = await systems.oneThread();
  });

  function script(agent: string, ...entries: ScriptEntry[]): ScriptedModel {
    const model = scriptedModel(entries);
    world.models[agent] = model;
    return model;
  }

  async function run(agent: AgentDefinition, text: string, id = 'run'): Promise<AgentRun<unknown>> {
    const started = await startAgent(system, agent, { id, input: { text } });
    await system.settle();
    return started;
  }

  const ask = (name: string, text: string, id: string) => ({ name, args: { text }, id });

  it('VoltAgent #521: a sub-agent that failed is handed on as success with an empty answer', async () => {
    const cases: [ScriptEntry[], RegExp][] = [
      [[new Error('llm_stream error')], /^AGENT_FAILED: .*llm_stream error/],
      [['', ' ', ''], /^AGENT_FAILED: .*nothing/],
      [[{ finish: 'refused', text: 'no' }], /^AGENT_FAILED: .*refused/],
    ];
    for (const [at, [says, told]] of cases.entries()) {
      const leads = script('boss', { toolCalls: [ask('talker', 'Try.', 'a')] }, 'It failed.');
      script('talker', ...says);
      const led = await run(boss, 'Ask.', `run-${at}`);
      expect((await led.result()).answer).to.equal('It failed.');
      const heard = leads.calls[1]?.request.messages.at(-1);
      expect(heard).to.deep.include({ role: 'tool', callId: 'a', failed: true });
      expect(heard?.text).to.match(told);
    }
  });

  it('VoltAgent #521: nor is it success for whoever has handed the conversation over to it', async () => {
    script('boss', { toolCalls: [{ name: 'take_over', args: {} }] });
    script('talker', new Error('llm_stream error'));
    const outcome = await (await run(boss, 'Who answers?')).outcome();
    expect(outcome).to.include({ ok: false, stopped: 'failed' });
    if (!outcome.ok) expect(JSON.stringify(outcome.error)).to.include('llm_stream error');
  });

  it('VoltAgent #30: what one sub-agent found out is not there for the next one', async () => {
    const leads = script(
      'boss',
      { toolCalls: [ask('talker', 'Find a number.', 'a')] },
      // What it heard it can pass on.
      ({ messages }) => ({ toolCalls: [ask('talker', `Double ${messages.at(-1)?.text}.`, 'b')] }),
      { toolCalls: [{ name: 'take_over', args: {} }] },
    );
    const talks = script('talker', '21', '42', 'It is 42.');
    const { answer, by } = await (await run(boss, 'A number, doubled.')).result();
    expect({ answer, by }).to.deep.equal({ answer: 'It is 42.', by: 'a.talker' });
    expect(talks.calls[1]?.request.messages.at(-1)?.text).to.equal('Double 21.');
    expect(
      leads.calls[2]?.request.messages.filter(({ role }) => role === 'tool').map(({ text }) => text),
    ).to.deep.equal(['21', '42']);
    // Who takes over has what the user said.
    expect(talks.calls[2]?.request.messages.map(({ text }) => text)).to.deep.equal([
      'You answer.',
      'A number, doubled.',
    ]);
  });

  it('VoltAgent #680: the last word of a sub-agent has to go through its caller, and is paid for twice', async () => {
    const leads = script('boss', { toolCalls: [{ name: 'take_over', args: {} }] });
    const plan = JSON.stringify({ days: Array.from({ length: 50 }, (_, day) => `day ${day}`) });
    script('talker', plan);
    const { answer, costs } = await (await run(boss, 'A plan.')).result();
    expect(answer).to.equal(plan);
    expect(leads.calls).to.have.length(1);
    expect(costs.map(({ agent, calls }) => [agent, calls])).to.deep.equal([
      ['a.boss', 1],
      ['a.talker', 1],
    ]);
  });

  it('VoltAgent #1027: an agent that was given no memory remembers', async () => {
    const talks = script('talker', 'I am fine.', 'I am fine, too.', 'Ada?');
    script('boss', { toolCalls: [ask('talker', 'How are you?', 'a')] }, 'Fine.');
    await run(talker, 'My name is Ada.', 'one');
    await run(boss, 'Ask.', 'two');
    await run(talker, 'What is my name?', 'three');
    expect(talks.calls.map(({ request }) => request.messages.map(({ text }) => text))).to.deep.equal([
      ['You answer.', 'My name is Ada.'],
      ['You answer.', 'How are you?'],
      ['You answer.', 'What is my name?'],
    ]);
  });
});
