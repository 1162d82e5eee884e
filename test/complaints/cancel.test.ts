/** Cancelling that does not cancel: the model goes on and is paid, tools go on, what was nested goes on. */
import { expect } from 'chai';
import {
  actorStep,
  AgentRun,
  defineWorkflow,
  type FixtureModelServer,
  fixtureModelServer,
  openAiModel,
  scriptedModel,
  startAgent,
  startRun,
  WorkflowRun,
} from '../../actors/index.js';
import type { TestSystem } from '../../src/testing/index.js';
import { boss, bus, listener, talker, worker, world } from '../actors/agent/fixtures/agents.js';
import { world as flows } from '../actors/workflow/fixtures/flows.js';
import { rejection, useSystems } from '../helpers/with-system.js';
import { survey } from './fixtures/flows.js';

/** An agent as a step of a workflow. */
const asking = defineWorkflow(import.meta, 'c.asking', actorStep('ask', talker));

describe('complaint: cancel does not cancel', () => {
  const systems = useSystems();
  let system: TestSystem;
  let server: FixtureModelServer;

  beforeEach(async () => {
    world.models = {};
    world.did = [];
    flows.reset();
    system = await systems.oneThread();
    server = await fixtureModelServer();
    for (const agent of ['talker', 'boss']) world.models[agent] = openAiModel({ url: server.url, model: agent });
  });
  afterEach(() => server.close());

  /** Upstream, the one call there was is closed before its end, and no other comes. */
  async function isClosed(): Promise<void> {
    await server.until(({ aborted }) => aborted === 1);
    await system.settle();
    expect(server.calls.filter(({ isDone }) => !isDone)).to.have.length(1);
  }

  it('ag-ui #2288: a run that is stopped leaves its stream running upstream, and billed', async () => {
    server.script({ chunks: ['word ', 'for ', 'word '], hold: 'body' });
    const streamTo = await system.spawn(listener, { id: 'listener' });
    const run = await startAgent(system, talker, { id: 'run', input: { text: 'Talk.', streamTo } });
    await server.until(({ paidCalls, held }) => paidCalls === 1 && held === 1);
    await run.cancel('enough');
    await isClosed();
    expect(await rejection(run.result())).to.include({ code: 'AGENT_CANCELLED', value: 'enough' });
    expect(server.calls).to.have.length(1);
  });

  it('Mastra #5673: the signal does not reach the request, before there is a word of the answer', async () => {
    server.script({ text: 'word', hold: 'headers' });
    const run = await startAgent(system, talker, { id: 'run', input: { text: 'Talk.' } });
    await server.until(({ held }) => held === 1);
    await run.cancel('enough');
    await isClosed();
    // Nothing was answered: nothing is paid.
    expect(server.paidCalls).to.equal(0);
  });

  it('Mastra #7137: the agent is cancelled, and the tool that it called goes on', async () => {
    const model = scriptedModel([{ toolCalls: [{ name: 'never', args: { text: '' } }] }, 'never said']);
    world.models.worker = model;
    const ref = await system.spawn(bus, { id: 'bus' });
    const run = await startAgent(system, worker, { id: 'run', input: { text: 'Go.', bus: ref } });
    await system.settle();
    await run.cancel('enough');
    await system.settle();
    expect(world.did).to.deep.equal(['never was aborted']);
    expect(model.calls).to.have.length(1);
    expect((await ref.ask({ type: 'metrics' })).tools.never).to.include({ cancelled: 1 });
  });

  it('Mastra #24271, #24780: cancelled from above, what is nested below goes on', async () => {
    server.script({ toolCalls: [{ name: 'talker', args: { text: 'Talk.' } }] }, { text: 'word', hold: 'body' });
    const led = await startAgent(system, boss, { id: 'led', input: { text: 'Lead.' } });
    await server.until(({ paidCalls, held }) => paidCalls === 2 && held === 1);
    await led.cancel('enough');
    await isClosed();
    expect((await system.actors({ parent: '/led' })).map(({ path }) => path)).to.deep.equal([]);

    server.script({ text: 'word', hold: 'headers' });
    const run = await startRun(system, asking, { id: 'asking', input: { text: 'Talk.' } });
    await server.until(({ held }) => held === 1);
    await run.cancel('enough');
    await server.until(({ aborted }) => aborted === 2);
    expect(await rejection(run.result())).to.include({ code: 'WORKFLOW_CANCELLED' });
  });

  it('Mastra #24780: cancelled after a restart, nested runs that were stored stay active', async () => {
    await startRun(system, survey, { id: 'run', input: ['Ada', 'Bob'] });
    await system.settle();
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    expect(await system.actors({ parent: '/run' })).to.have.length(2);
    const run = new WorkflowRun(system.get('/run'));
    await run.cancel('enough');
    await system.settle();
    expect(await system.actors({ parent: '/run' })).to.deep.equal([]);
    expect(await rejection(run.result())).to.include({ code: 'WORKFLOW_CANCELLED', value: 'enough' });
  });

  it('Mastra #19869: what was cancelled goes on in the process that starts next', async () => {
    server.script({ text: 'word', hold: 'body' });
    const run = await startAgent(system, talker, { id: 'run', input: { text: 'Talk.' } });
    await server.until(({ held }) => held === 1);
    await run.cancel('enough');
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    const again = new AgentRun(system.get('/run'));
    expect(await rejection(again.result())).to.include({ code: 'AGENT_CANCELLED' });
    expect(server.calls).to.have.length(1);
  });
});
