/**
 * Suspending and resuming gone wrong: begun anew, siblings taken back, two forms for one question. The same in random
 * order, with kills between, is the property in test/actors/workflow/crashes.test.ts.
 */
import { expect } from 'chai';
import { startRun, type WorkflowDefinition, WorkflowRun } from '../../actors/index.js';
import type { TestSystem } from '../../src/testing/index.js';
import { world } from '../actors/workflow/fixtures/flows.js';
import { useSystems } from '../helpers/with-system.js';
import { branches, nested, pressing, question } from './fixtures/flows.js';

describe('complaint: resuming goes wrong', () => {
  const systems = useSystems();
  let system: TestSystem;
  let run: WorkflowRun<unknown>;
  beforeEach(() => world.reset());

  async function start<I, O>(workflow: WorkflowDefinition<I, O>, input: I): Promise<void> {
    system = await systems.oneThread();
    run = await startRun(system, workflow, { id: 'run', input });
    await system.settle();
  }

  /** The process dies, and another one starts. */
  async function restart(): Promise<void> {
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    run = new WorkflowRun(system.get('/run'));
  }

  async function signal(name: string, payload: string, to: WorkflowRun<unknown> = run): Promise<void> {
    await to.signal(name, payload);
    await system.settle();
  }

  /** The nested run it waits for. */
  async function child(): Promise<WorkflowRun<unknown>> {
    const [active] = (await run.view()).active;
    return new WorkflowRun(system.get(active?.path as string));
  }

  /** Everything that waits for somebody, of the run and of those below it. */
  async function forms(of: WorkflowRun<unknown> = run): Promise<string[]> {
    const { active } = await of.view();
    const below = active.filter(({ path }) => path !== undefined);
    const deeper = await Promise.all(below.map(({ path }) => forms(new WorkflowRun(system.get(path as string)))));
    return [
      ...active.flatMap(({ at, signal: name }) => (name === undefined ? [] : [`${of.path} ${at}`])),
      ...deeper.flat(),
    ];
  }

  it('Mastra #5650, LangGraph.js #1552: resumed within a nested flow, it begins again at the first step', async () => {
    await start(nested, 'Ada');
    for (const [at, before] of [
      ['first', ['hi', 'asked']],
      ['second', ['hi', 'asked', 'answered', 'asked']],
    ] as const) {
      await restart();
      expect(world.did, at).to.deep.equal(before);
      await signal('answer', at, await child());
    }
    await restart();
    await signal('within', 'here');
    expect(world.did).to.deep.equal(['hi', 'asked', 'answered', 'asked', 'answered', 'in', 'out', 'bye']);
    expect(await run.result()).to.equal('here');
  });

  it('Mastra #6065: a nested flow right behind one that was suspended is taken for one that was not', async () => {
    await start(nested, 'Ada');
    await signal('answer', 'to the first', await child());
    // The second one waits, and can be answered.
    expect(await forms()).to.have.length(1);
    await signal('answer', 'to the second', await child());
    expect((await run.view()).active[0]).to.include({ at: 'nested/inner/within', signal: 'within' });
  });

  it('Mastra #9288: siblings of a parallel that were resumed before fall back to waiting', async () => {
    await start(branches, null);
    for (const [at, name] of ['b', 'c', 'a'].entries()) {
      await signal(name, name);
      await restart();
      expect((await run.view()).active.filter(({ kind }) => kind === 'wait')).to.have.length(2 - at);
      expect(world.did.filter((did) => did.startsWith('did-')).length).to.equal(at + 1);
    }
    expect(world.did).not.to.include('joined');
    world.let('busy');
    await system.settle();
    expect(await run.result()).to.equal('abc');
    expect(world.did.filter((did) => !did.startsWith('busy'))).to.deep.equal(['did-b', 'did-c', 'did-a', 'joined']);
  });

  it('Mastra #21229: one suspended step of a nested flow is shown as two, with a form each', async () => {
    await start(nested, 'Ada');
    for (let answered = 0; answered < 2; answered += 1) {
      expect(await forms()).to.have.length(1);
      await signal('answer', 'x', await child());
    }
    expect(await forms()).to.deep.equal(['/run nested/inner/within']);
    await signal('within', 'x');
    expect(await forms()).to.deep.equal([]);
    await start(branches, null);
    expect(await forms()).to.have.length(3);
  });

  it('LangGraph.js #1298: the second question of the same node stops the run without a word', async () => {
    await start(pressing, 'please');
    for (let asked = 1; asked <= 5; asked += 1) {
      expect(world.did).to.have.length(asked);
      expect(await forms()).to.have.length(1);
      if (asked % 2 === 0) await restart();
      await signal('word', asked === 5 ? 'enough' : 'no');
    }
    expect(await run.result()).to.equal('enough');
    expect(world.did).to.have.length(5);
  });

  it('Mastra #20443: answered twice at once, what follows is done twice', async () => {
    await start(question, 'Ada');
    await Promise.all([run.signal('answer', 'one'), run.signal('answer', 'two').catch(() => {})]);
    await system.settle();
    expect(world.did).to.deep.equal(['asked', 'answered']);
    expect(await run.result()).to.equal('one');
  });
});
