/** Runs that stay "running" after a restart, and parents that sleep although their child has ended. */
import { expect } from 'chai';
import { startRun, WorkflowRun } from '../../actors/index.js';
import { armFailpoint, disarmFailpoint, type MemoryStore, type TestSystem } from '../../src/testing/index.js';
import { world } from '../actors/workflow/fixtures/flows.js';
import { contextOf, useSystems } from '../helpers/with-system.js';
import { slow, survey } from './fixtures/flows.js';

const commitsMax = 100;

describe('complaint: runs are stuck after a restart', () => {
  const systems = useSystems();
  beforeEach(() => world.reset());
  afterEach(() => disarmFailpoint());

  /** What is stored of a run, without asking anything of it. */
  const phaseOf = async (system: TestSystem) => (await contextOf<{ run: { phase: string } }>(system, '/run')).run.phase;

  it('Mastra #5549: workflows are not resumed after a restart of the server', async () => {
    let system = await systems.oneThread();
    await startRun(system, slow, { id: 'run', input: 'x' });
    await system.settle();
    for (const step of ['begins', 'goes-on']) {
      system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
      // Nobody asked for it, and it is at work again.
      expect(world.did.filter((what) => what === `${step} began`)).to.have.length(2);
      world.let(step);
      await system.settle();
    }
    expect(await phaseOf(system)).to.equal('done');
    expect(world.did).to.deep.equal(['begins began', 'begins began', 'goes-on began', 'goes-on began', 'ended']);
  });

  it('Mastra #7464: a run says running for ever, and nothing runs', async () => {
    let deaths = 0;
    for (let count = 1; count < commitsMax; count += 1) {
      world.reset();
      const first = await systems.oneThread();
      let left: MemoryStore | undefined;
      const run = await startRun(first, slow, { id: 'run', input: 'x' });
      armFailpoint('journal.afterCommitBeforeRoute', count, () => {
        left = first.store.fork('kill');
      });
      await first.settle();
      for (const step of ['begins', 'goes-on']) {
        world.let(step);
        await first.settle();
      }
      disarmFailpoint();
      if (left === undefined) break;
      deaths += 1;
      world.reset();
      const { clock } = first;
      first.crash('kill');
      const second = await systems.oneThread({ store: left, clock });
      const { status } = await new WorkflowRun(second.get(run.path)).view();
      const works = [...world.held.values()].flat().length;
      // Running is who has something at work; who has nothing is done.
      expect([status, works], `killed behind commit ${count}`).to.deep.equal(works > 0 ? ['running', 1] : ['done', 0]);
      await second.stop();
    }
    // The start, and the end of each of two steps.
    expect(deaths).to.be.at.least(3);
  });

  it('Mastra #24588: a nested child is done, and its parent sleeps on', async () => {
    let deaths = 0;
    for (let count = 1; count < commitsMax; count += 1) {
      world.reset();
      const first = await systems.oneThread();
      const run = await startRun(first, survey, { id: 'run', input: ['Ada', 'Bob'] });
      await first.settle();
      let left: MemoryStore | undefined;
      armFailpoint('journal.afterCommitBeforeRoute', count, () => {
        left = first.store.fork('kill');
      });
      await answerChildren(run, first);
      disarmFailpoint();
      if (left === undefined) break;
      deaths += 1;
      const { clock } = first;
      first.crash('kill');
      const second = await systems.oneThread({ store: left, clock });
      const again = new WorkflowRun<string[]>(second.get('/run'));
      // Whoever was not answered yet is; nobody says anything to the parent.
      await answerChildren(again, second);
      expect(await phaseOf(second), `killed behind commit ${count}`).to.equal('done');
      expect((await again.result()).toSorted(), `${count}`).to.deep.equal(['heard', 'heard']);
      await second.stop();
    }
    expect(deaths).to.be.above(4);
  });

  /** Signal each child that waits, at its own path. */
  async function answerChildren(run: WorkflowRun<string[]>, system: TestSystem): Promise<void> {
    for (const { path } of (await run.view()).active) {
      const child = new WorkflowRun<string>(system.get(path as string));
      const { status } = await child.view();
      if (status === 'waiting') await child.signal('answer', 'heard');
      await system.settle();
    }
  }
});
