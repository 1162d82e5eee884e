import { expect } from 'chai';
import { createTestSystem, type TestSystem } from '../../../src/testing/index.js';
import { leaver, receiver, sender } from './fixtures/overtaking.js';

describe('the runner', () => {
  let system: TestSystem;

  beforeEach(async () => {
    system = await createTestSystem({ hosts: 1 });
  });

  afterEach(() => system.stop());

  it('keeps the order of a pair when the receiver fails between two messages of one turn', async () => {
    const to = await system.spawn(receiver, { id: 'receiver' });
    const from = await system.spawn(sender, { id: 'sender' });
    await system.settle();
    // One turn: 1 waits behind the message that throws, 2 is sent when the receiver has left.
    await Promise.all([
      from.tell({ type: 'go', to, n: 1 }),
      to.tell({ type: 'trip' }),
      from.tell({ type: 'go', to, n: 2 }),
      from.tell({ type: 'go', to, n: 3 }),
    ]);
    await system.settle();
    expect((await system.state(to))?.context).to.deep.equal([1, 2, 3]);
  });

  it('lets go of what an ending actor has sent itself', async () => {
    const ref = await system.spawn(leaver, { id: 'leaver' });
    await ref.tell({ type: 'leave' });
    await system.settle();
    const letters = await system.deadLetters();
    expect(letters.map(({ path, code }) => [path, code])).to.deep.equal([['/leaver', 'ACTOR_STOPPED']]);
    const { hosts } = await system.stats();
    expect(hosts.map(({ queued }) => queued)).to.deep.equal([0]);
  });
});
