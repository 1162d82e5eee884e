/** Many actors of XState alone have one parent and one system. */
import { expect } from 'chai';
import { linkMachine } from '../../../bench/savina/machines/thread-ring.js';
import { tallyMachine } from '../../../bench/kernel/actors.js';
import { spawnXstate } from '../../../bench/kernel/xstate-spawn.js';

describe('actors spawned by XState alone', () => {
  it('are started, share a system, and are told one by one', () => {
    const refs = spawnXstate(tallyMachine, 3);
    expect(new Set(refs.map((ref) => ref.system)).size).to.equal(1);
    for (const [at, ref] of refs.entries()) ref.send({ type: 'add', by: at + 1 });
    expect(refs.map((ref) => ref.getSnapshot().context.total)).to.deep.equal([1, 2, 3]);
  });

  it('are given their input by number', () => {
    const refs = spawnXstate(linkMachine, 2, (at) => ({ at, leader: undefined as never }));
    expect(refs.map((ref) => ref.getSnapshot().context.at)).to.deep.equal([0, 1]);
  });
});
