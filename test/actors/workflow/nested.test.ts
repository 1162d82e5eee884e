/** Runs within runs: what they did is undone too, before what was done around them; and nothing begins in between. */
import { expect } from 'chai';
import { startRun, WorkflowRun } from '../../../actors/index.js';
import { armFailpoint, disarmFailpoint, type MemoryStore } from '../../../src/testing/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { holding, impatient, nested, world } from './fixtures/flows.js';

const hour = 3_600_000;
const commitsMax = 100;

describe('workflow, nested', () => {
  const systems = useSystems();
  beforeEach(() => world.reset());
  afterEach(() => disarmFailpoint());

  it('cancels the runs within, and goes on undoing when they have undone', async () => {
    const system = await systems.oneThread();
    const run = await startRun(system, nested, { id: 'run', input: null });
    await system.settle();
    expect(world.did).to.deep.equal(['outside', 'inside', 'deep']);
    await run.cancel('enough');
    await system.settle();
    expect(world.did.slice(3)).to.deep.equal(['undo deep', 'undo inside', 'undo outside']);
    expect(await rejection(run.result())).to.include({ code: 'WORKFLOW_CANCELLED' });
    expect((await system.stats()).journal.actors).to.equal(1);
  });

  it('takes the fallback when they have', async () => {
    const system = await systems.oneThread();
    const run = await startRun(system, nested, { id: 'run', input: null });
    await system.settle();
    await run.signal('fail', 'now');
    await system.settle();
    expect((await run.view()).status).to.equal('done');
    expect(world.did.slice(3)).to.deep.equal(['undo deep', 'undo inside', 'fallback']);
  });

  it('undoes all of it in this order whatever commit it is killed at', async () => {
    let kills = 0;
    for (let count = 1; count < commitsMax; count += 1) {
      world.reset();
      const first = await systems.oneThread({ seed: count });
      const run = await startRun(first, nested, { id: 'run', input: null });
      await first.settle();
      let left: MemoryStore | undefined;
      let before: string[] = [];
      const fork = () => {
        left = first.store.fork('kill');
        before = [...world.did];
      };
      armFailpoint(count % 2 === 0 ? 'journal.beforeCommit' : 'journal.afterCommitBeforeRoute', (count + 1) >> 1, fork);
      await run.cancel('enough');
      await first.settle();
      disarmFailpoint();
      if (left === undefined) break;
      kills += 1;
      first.crash('kill');
      world.did = before;
      const second = await systems.oneThread({ store: left, clock: first.clock, seed: count });
      await second.settle();
      const again = new WorkflowRun(second.get('/run'));
      // Killed before it was told to.
      await again.cancel('enough').catch(() => {});
      await second.settle();
      const undone = world.did.filter((what) => what.startsWith('undo'));
      expect([...new Set(undone)], `${count}`).to.deep.equal(['undo deep', 'undo inside', 'undo outside']);
      expect(undone.length, `${count}: ${undone.join()}`).to.be.at.most(4);
      expect((await again.view()).status).to.equal('cancelled');
      await second.stop();
    }
    expect(kills).to.be.above(15);
  });

  it('stops a run within that takes longer than a minute for it', async () => {
    const system = await systems.oneThread();
    const run = await startRun(system, impatient, { id: 'run', input: null });
    await system.settle();
    await system.advance(1_000);
    expect(world.did).to.deep.equal(['first', 'undo stuck began']);
    expect((await run.view()).active).to.have.length(1);
    await system.advance(59_999);
    expect((await run.view()).status).to.equal('undoing');
    await system.advance(1);
    expect(world.did.at(-1)).to.equal('undo first');
    const { cause } = (await rejection(run.result())) as { cause: unknown };
    expect(cause).to.include({ code: 'WORKFLOW_TIMEOUT' });
    expect((await system.stats()).journal.actors).to.equal(1);
  });

  it('begins no actor and no compensation while it is suspended, and lets cancel go on', async () => {
    const system = await systems.oneThread();
    const run = await startRun(system, holding, { id: 'run', input: null });
    await system.settle();
    await run.suspend();
    await run.signal('go', { name: 'Ada' });
    await system.settle();
    expect((await system.stats()).journal.actors).to.equal(1);
    await run.resume();
    await system.settle();
    expect((await system.stats()).journal.actors).to.equal(2);
    await run.suspend();
    await system.advance(hour);
    // The time of its actor is over: it has failed, and is to be undone.
    expect([(await run.view()).status, world.did]).to.deep.equal(['suspended', ['held']]);
    expect(await rejection(run.cancel())).to.include({ code: 'WORKFLOW_OVER' });
    await run.resume();
    await system.settle();
    expect([(await run.view()).status, world.did]).to.deep.equal(['failed', ['held', 'undo held']]);
    const other = await startRun(system, holding, { id: 'other', input: null });
    await system.settle();
    await other.suspend();
    await other.signal('go', { name: 'Ada' });
    await other.cancel('enough');
    await system.settle();
    expect([(await other.view()).status, world.did.slice(2)]).to.deep.equal(['cancelled', ['held', 'undo held']]);
  });
});
