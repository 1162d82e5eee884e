/** What thousands of runs of a workflow leave behind: nothing. */
import { expect } from 'chai';
import { startRun } from '../../../actors/index.js';
import { eventually } from '../../../src/testing/index.js';
import { handlesAtRest, handlesNow, keptOfEach } from '../../helpers/kept.js';
import { useSystems } from '../../helpers/with-system.js';
import { fleeting, world } from './fixtures/flows.js';

describe('runs of a workflow', () => {
  const systems = useSystems();
  beforeEach(() => world.reset());

  it('leave nothing behind: five thousand of them', async function () {
    this.timeout(60_000);
    const handlesBefore = `${await handlesAtRest()}`;
    // A checkpoint each few runs, and nothing kept of the log: what grows else is the store, not the runs.
    const system = await systems.oneThread({ retentionBytes: 1 << 20, checkpointBytes: 1 << 20 });
    const run = async (from: number, count: number) => {
      for (let at = from; at < from + count; at += 100) {
        const ids = Array.from({ length: 100 }, (_, number) => `run-${at + number}`);
        const runs = await Promise.all(ids.map((id) => startRun(system, fleeting, { id, input: at })));
        await system.settle();
        expect((await system.stats()).journal.actors).to.equal(0);
        expect(runs).to.have.length(100);
        world.reset();
        // What the test itself keeps of each.
        systems.heard('actorEnded').length = 0;
      }
      await system.advance(1_000);
    };
    const kept = await keptOfEach(run, { warmUp: 2_000, windows: 6, each: 500 });
    expect(kept.heapBytes, 'bytes kept of each run').to.be.below(300);
    expect(kept.handles, 'handles kept of each run').to.be.at.most(0);
    const { hosts } = await system.stats();
    expect(hosts.map(({ cells }) => cells)).to.deep.equal([0, 0]);
    await systems.stopAll();
    await eventually(async () => `${await handlesNow()}` === handlesBefore, `handles as before: ${handlesBefore}`);
  });
});
