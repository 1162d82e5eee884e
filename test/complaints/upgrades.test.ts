/**
 * Upgrades that break what is under way: of the user's own flows and agents here; of the library's versions in
 * test/golden.
 */
import { expect } from 'chai';
import {
  AgentRun,
  defineAgent,
  defineWorkflow,
  type Flow,
  type Model,
  type ScriptEntry,
  type ScriptedModel,
  scriptedModel,
  sequence,
  startAgent,
  startRun,
  step,
  waitFor,
  WorkflowRun,
} from '../../actors/index.js';
import { act, world } from '../actors/workflow/fixtures/flows.js';
import { useSystems } from '../helpers/with-system.js';

const did = (id: string) =>
  step(id, ({ input }: { input: string }) => {
    act(id);
    return input;
  });

/** What is deployed of a workflow: defining it again takes the place of what was there. */
function deploy(...parts: Flow<string, string>[]) {
  return defineWorkflow(import.meta, 'c.order', sequence<string>('order', ...parts));
}

/** Likewise of an agent. */
function deployAgent(model: Model, instructions: string, tools?: string[]) {
  return defineAgent(import.meta, 'c.adviser', { model, instructions, ...(tools && { tools }), limits: { steps: 5 } });
}

describe('complaint: upgrades break working code', () => {
  const systems = useSystems();
  beforeEach(() => world.reset());

  it('Mastra #8452: whoever deploys a changed flow has to let all runs end before', async () => {
    let system = await systems.oneThread();
    await startRun(system, deploy(did('pay'), waitFor<string>('go'), did('ship')), { id: 'run', input: 'x' });
    await system.settle();
    // A step before, that it has passed, and two more behind.
    deploy(did('greet'), did('pay'), waitFor<string>('go'), did('wrap'), did('ship'));
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    const run = new WorkflowRun<string>(system.get('/run'));
    await run.signal('go', 'y');
    expect(await run.result()).to.equal('y');
    expect(world.did).to.deep.equal(['pay', 'wrap', 'ship']);
  });

  it('Mastra #6043: after an upgrade that does not fit, runs are lost or go wrong without a word', async () => {
    let system = await systems.oneThread();
    const fits = () => deploy(did('pay'), waitFor<string>('go'), did('ship'));
    await startRun(system, fits(), { id: 'run', input: 'x' });
    await system.settle();
    // What it waits for is gone.
    deploy(did('pay'), did('ship'));
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    await system.get('/run').tell({ type: 'signal', name: 'go', payload: 'kept' } as never);
    await system.settle();
    const state = await system.state('/run');
    expect(state).to.include({ status: 'quarantined', mail: 1 });
    expect(state?.error?.message).to.include('order/go');
    expect(world.did).to.deep.equal(['pay']);
    // One that fits is deployed: it goes on where it was, with the mail that came meanwhile.
    fits();
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    expect(await new WorkflowRun<string>(system.get('/run')).result()).to.equal('kept');
    expect(world.did).to.deep.equal(['pay', 'ship']);
  });

  it('Mastra #8452: a run of an agent does not go on under what is deployed of it by then', async () => {
    const script = (...entries: ScriptEntry[]): ScriptedModel => scriptedModel(entries);
    let system = await systems.oneThread();
    const before = script({ hangs: true });
    const old = deployAgent(before, 'You advise.');
    await startAgent(system, old, { id: 'run', input: { text: 'What now?' } });
    await system.settle();
    const after = script({ toolCalls: [{ name: 'gone', args: {} }] }, 'Wait and see.');
    deployAgent(after, 'You advise, in short.', ['look']);
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    await system.settle();
    const { answer, steps } = await new AgentRun<string>(system.get('/run')).result();
    expect({ answer, steps }).to.deep.equal({ answer: 'Wait and see.', steps: 2 });
    expect(new Set([before.calls[0]?.callId, after.calls[0]?.callId]).size, 'one id for the call under way').to.equal(
      1,
    );
    expect(after.calls[1]?.request.messages.at(-1)?.text).to.match(/^TOOL_UNKNOWN/);
    // A run keeps what it was begun with; the next one has the new instructions.
    expect(after.calls[0]?.request.messages[0]?.text).to.equal('You advise.');
  });
});
