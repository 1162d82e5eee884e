/** Loops that heed no limit, ends that say nothing, money that nobody meant to spend. */
import { expect } from 'chai';
import {
  type AgentDefinition,
  type AgentInput,
  AgentRun,
  type ScriptEntry,
  type ScriptedModel,
  scriptedModel,
  startAgent,
} from '../../actors/index.js';
import type { TroupeError } from '../../src/index.js';
import type { TestSystem } from '../../src/testing/index.js';
import { boss, bus, worker, world } from '../actors/agent/fixtures/agents.js';
import { rejection, useSystems } from '../helpers/with-system.js';

const hour = 3_600_000;

describe('complaint: loops ignore limits', () => {
  const systems = useSystems();
  let system: TestSystem;

  beforeEach(async () => {
    world.models = {};
    world.did = [];
    system = await systems.oneThread();
  });

  /** Another system: one at a time runs on a thread. */
  async function anew(): Promise<void> {
    await system.stop();
    system = await systems.oneThread();
  }

  /** Says the same for ever. @param usage of each call; a token of input costs 0.002, one of output 0.001 US dollars */
  function endless(agent: string, name: string, usage = {}): ScriptedModel {
    const answer = { toolCalls: [{ name, args: { text: 'again' } }], usage };
    return script(agent, { answer, times: Number.POSITIVE_INFINITY });
  }

  function script(agent: string, ...entries: ScriptEntry[]): ScriptedModel {
    const model = scriptedModel(entries, { prices: { inputUsd: 2_000, outputUsd: 1_000 } });
    world.models[agent] = model;
    return model;
  }

  async function run(agent: AgentDefinition, more: Partial<AgentInput> = {}): Promise<AgentRun<unknown>> {
    const ref = await system.spawn(bus, { id: 'bus' });
    const started = await startAgent(system, agent, { id: 'run', input: { text: 'Go.', bus: ref, ...more } });
    await system.advance(hour);
    return started;
  }

  it('Mastra #9387: a network of agents goes on beyond maxSteps until somebody kills the server', async () => {
    const leads = endless('boss', 'talker');
    const talks = script('talker', { answer: 'Not finished.', times: Number.POSITIVE_INFINITY });
    const outcome = await (await run(boss)).outcome();
    expect(outcome).to.include({ ok: false, stopped: 'steps' });
    // Nine in all: those of the sub-agent are steps of whoever called it.
    expect(leads.calls.length + talks.calls.length).to.equal(9);
  });

  it('Mastra #9314: sub-agents keep answering for ever', async () => {
    endless('boss', 'worker');
    endless('worker', 'echo');
    const started = await run(boss);
    const outcome = await started.outcome();
    expect(outcome).to.include({ ok: false, stopped: 'steps' });
    if (outcome.ok) throw new Error('it came to an answer');
    // The worker may take four steps of its own, and no more than its caller has left.
    expect(outcome.view.costs.map(({ agent, calls }) => [agent, calls])).to.deep.equal([
      ['a.boss', 2],
      ['a.worker', 7],
    ]);
  });

  it('Mastra #10621: who comes to maxSteps ends without an error, and nobody learns why', async () => {
    endless('worker', 'echo');
    const started = await run(worker);
    const { code, field, message } = (await rejection(started.result())) as TroupeError;
    expect({ code, field }).to.deep.equal({ code: 'AGENT_LIMIT', field: 'limits.steps' });
    expect(message).to.match(/the limit of steps was reached before there was an answer/);
    const { status, stopped, error } = await started.view();
    expect({ status, stopped }).to.deep.equal({ status: 'stopped', stopped: 'steps' });
    expect(error).to.include({ code: 'AGENT_LIMIT' });
  });

  it('Mastra PR 19009: one condition to stop takes the place of another', async () => {
    const both = { limits: { steps: 4, costUsd: 0.5 } };
    // 0.2 US dollars a call: three of them.
    const dear = endless('worker', 'echo', { inputTokens: 100, outputTokens: 0 });
    expect(await (await run(worker, both)).outcome()).to.include({ stopped: 'cost' });
    expect(dear.calls).to.have.length(3);
    // 0.02: as many as there are steps.
    await anew();
    const cheap = endless('worker', 'echo', { inputTokens: 10, outputTokens: 0 });
    expect(await (await run(worker, both)).outcome()).to.include({ stopped: 'steps' });
    expect(cheap.calls).to.have.length(4);
  });

  it('Mastra #23746: the loop does not see that the model has finished, and goes on to maxSteps', async () => {
    // Whatever it says of its reasons: an answer without a call of a tool is the end.
    for (const finish of ['stop', 'length', undefined] as const) {
      await anew();
      const reply = finish === undefined ? { text: 'Done.' } : { text: 'Done.', finish };
      const model = script(
        'worker',
        { toolCalls: [{ name: 'echo', args: { text: 'once' } }] },
        { answer: reply, times: 9 },
      );
      expect((await (await run(worker)).result()).answer, finish).to.equal('Done.');
      expect(model.calls, finish).to.have.length(2);
    }
  });

  it('what sub-agents spend is on no budget', async () => {
    const calls = ['One.', 'Two.'].map((text) => ({ name: 'talker', args: { text } }));
    const leads = script('boss', { answer: { toolCalls: calls, usage: { inputTokens: 1_000 } }, times: 9 });
    const asked: unknown[] = [];
    const talks = script('talker', {
      answer: ({ maxOutputTokens }) => {
        asked.push(maxOutputTokens);
        return { text: 'Much to say.', usage: { inputTokens: 2_000, outputTokens: 500 } };
      },
      times: 9,
    });
    const outcome = await (await run(boss)).outcome();
    // 5,000 tokens: 1,000 of its own, then both sub-agents with 2,000 each at most; then nothing is left.
    expect(outcome).to.include({ ok: false, stopped: 'tokens' });
    expect(asked.every((tokens) => (tokens as number) <= 2_000)).to.equal(true);
    expect([leads.calls.length, talks.calls.length]).to.deep.equal([1, 2]);
  });

  it('Mastra #9387: nor does a limit begin anew when the process dies', async () => {
    const model = script('worker', { answer: { hangs: true }, times: 2 });
    const started = await startAgent(system, worker, { id: 'run', input: { text: 'Go.' } });
    await system.advance(40_000);
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    const again = new AgentRun(system.get(started.path));
    await system.advance(19_999);
    expect((await again.view()).status).to.equal('thinking');
    await system.advance(1);
    expect(await again.outcome()).to.include({ ok: false, stopped: 'time' });
    expect(new Set(model.calls.map(({ callId }) => callId)).size).to.equal(1);
  });
});
