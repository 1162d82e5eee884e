/** Runs that are given up in mid-call: what they have used is counted, and stops those who pay for it. */
import { expect } from 'chai';
import {
  type AgentDefinition,
  type AgentInput,
  AgentRun,
  type AgentView,
  fixtureModelServer,
  openAiModel,
  type ScriptedModel,
  type ScriptedReply,
  type ScriptEntry,
  scriptedModel,
  startAgent,
  type Usage,
} from '../../../actors/index.js';
import { TroupeError } from '../../../src/index.js';
import { armFailpoint, disarmFailpoint, type MemoryStore, type TestSystem } from '../../../src/testing/index.js';
import { useSystems } from '../../helpers/with-system.js';
import { boss, forgetful, hasty, talker, thrifty, world } from './fixtures/agents.js';

/** Of `You answer.` and `Hello?`, by four characters a token and four tokens a message. */
const inputTokens = 13;
const hanging: ScriptedReply = { chunks: ['0123', '4567'], hangs: true };
const prices = { inputUsd: 2_000, outputUsd: 1_000 };

describe('an agent that is given up in mid-call', () => {
  const systems = useSystems();
  beforeEach(() => {
    world.models = {};
  });
  afterEach(() => disarmFailpoint());

  function script(agent: string, ...entries: ScriptEntry[]): ScriptedModel {
    const model = scriptedModel(entries, { prices });
    world.models[agent] = model;
    return model;
  }

  async function start(agent: AgentDefinition, input: AgentInput, given?: TestSystem): Promise<AgentRun<unknown>> {
    const system = given ?? (await systems.oneThread());
    const run = await startAgent(system, agent, { id: 'run', input });
    await system.settle();
    return run;
  }

  const sumOf = ({ costs }: AgentView, field: 'inputTokens' | 'outputTokens'): number =>
    costs.reduce((sum, { usage }) => sum + usage[field], 0);

  it('has what it was asked and what had come, as an estimate', async () => {
    script('talker', hanging);
    const run = await start(talker, { text: 'Hello?' });
    await run.cancel('enough');
    expect(await run.outcome()).to.include({ ok: false, stopped: 'cancelled' });
    const view = await run.view();
    const usage: Usage = { inputTokens, outputTokens: 2, cachedTokens: 0, costUsd: 0.028, isEstimated: true };
    expect(view).to.deep.include({ status: 'stopped', steps: 1, usage });
    expect(view.costs).to.deep.equal([{ agent: 'a.talker', calls: 1, tools: 0, usage }]);
  });

  it('by its time has the same', async () => {
    script('hasty', hanging);
    const system = await systems.oneThread();
    const run = await start(hasty, { text: 'Hello?' }, system);
    await system.advance(1_000);
    expect(await run.outcome()).to.include({ ok: false, stopped: 'time' });
    expect((await run.view()).usage).to.include({ inputTokens, outputTokens: 2, isEstimated: true });
  });

  it('of a real server has it too, and the server is let go', async () => {
    const server = await fixtureModelServer({ script: [{ chunks: ['a', 'b', 'c'], hold: 'body' }] });
    try {
      world.models.talker = openAiModel({ url: server.url, model: 'fixture', prices });
      const run = await start(talker, { text: 'Hello?' });
      await server.until(({ held }) => held === 1);
      await run.cancel();
      await run.outcome();
      const { usage } = await run.view();
      expect(usage).to.include({ inputTokens, isEstimated: true });
      expect(usage.costUsd).to.be.at.least(0.026);
      await server.until(({ aborted }) => aborted === 1);
    } finally {
      await server.close();
    }
  });

  it('while it sums up has that', async () => {
    script('forgetful', hanging);
    const long = 'word '.repeat(60);
    const messages = [
      { role: 'user' as const, text: long },
      { role: 'assistant' as const, text: long },
    ];
    const run = await start(forgetful, { messages, text: 'And now?' });
    expect((await run.view()).status).to.equal('summing up');
    await run.cancel();
    await run.outcome();
    expect((await run.view()).usage.inputTokens).to.be.within(150, 220);
  });

  it('with all who work for it has what they have used', async () => {
    script('boss', { toolCalls: [{ name: 'talker', args: { text: 'One.' } }] });
    script('talker', hanging);
    const run = await start(boss, { text: 'Ask.' });
    await run.cancel('enough');
    await run.outcome();
    const view = await run.view();
    expect(view.costs.map(({ agent, calls }) => [agent, calls])).to.deep.equal([
      ['a.boss', 1],
      ['a.talker', 1],
    ]);
    expect(view.steps).to.equal(2);
    expect(view.usage.isEstimated).to.equal(true);
    expect(view.usage.inputTokens).to.equal(sumOf(view, 'inputTokens'));
    expect(view.usage.outputTokens).to.equal(sumOf(view, 'outputTokens'));
  });

  it('is paid by whoever called it: its budget stops there', async () => {
    const model = script('thrifty', { toolCalls: [{ name: 'hasty', args: { text: 'Be quick.' } }] }, 'never asked');
    script('hasty', { chunks: ['x'.repeat(4_000)], hangs: true });
    const system = await systems.oneThread();
    const run = await start(thrifty, { text: 'Ask.' }, system);
    await system.advance(1_000);
    expect(await run.outcome()).to.include({ ok: false, stopped: 'cost' });
    const { usage } = await run.view();
    expect(usage.costUsd).to.be.within(1, 1.2);
    expect(model.calls).to.have.length(1);
  });

  it('and a call that failed after it was paid for count alike', async () => {
    script('talker', { chunks: ['half'], error: new TroupeError('MODEL_UNAVAILABLE', 'it broke off') });
    const run = await start(talker, { text: 'Hello?' });
    expect(await run.outcome()).to.include({ ok: false, stopped: 'failed' });
    const { usage, costs } = await run.view();
    expect(usage).to.include({ inputTokens, outputTokens: 1, isEstimated: true });
    expect(costs[0]).to.include({ calls: 1 });
  });

  it('has it once, wherever the process is killed meanwhile', async () => {
    let crashes = 0;
    for (let count = 1; ; count += 1) {
      script('talker', { answer: hanging, times: 9 });
      const first = await systems.oneThread();
      const run = await start(talker, { text: 'Hello?' }, first);
      let left: MemoryStore | undefined;
      armFailpoint('journal.afterCommitBeforeRoute', count, () => {
        left = first.store.fork('kill');
      });
      void run.cancel('enough').catch(() => {});
      await first.settle();
      disarmFailpoint();
      const { clock } = first;
      first.crash('kill');
      if (left === undefined) break;
      crashes += 1;
      const second = await systems.oneThread({ store: left, clock });
      await second.settle();
      await second.advance(60_000);
      const again = new AgentRun(second.get(run.path));
      expect(await again.outcome(), `${count}`).to.include({ ok: false, stopped: 'cancelled' });
      const { usage, steps } = await again.view();
      expect({ steps, inputTokens: usage.inputTokens }, `${count}`).to.deep.equal({ steps: 1, inputTokens });
      await second.stop();
    }
    expect(crashes).to.be.above(1);
  });
});
