import { expect } from 'chai';
import { createTestSystem, type TestSystem } from '../../src/testing/index.js';
import { patron, tester, trips } from './fixtures/same-turn.js';

describe('a child that fails in the turn in which it has begun', () => {
  let system: TestSystem;

  beforeEach(async () => {
    Object.assign(trips, { told: 0, had: 0 });
    system = await createTestSystem({ hosts: 1 });
  });

  afterEach(() => system.stop());

  it('is charged for the message it failed at: that one is given up, and the next life does not see it', async () => {
    await system.spawn(patron, { id: 'patron' });
    const ref = await system.spawn(tester, { id: 'tester' });
    await ref.tell({ type: 'go' });
    await system.settle();
    // Each greeting is the first of a life.
    expect((await system.state(ref))?.context).to.deep.equal([0, 0, 0]);
    expect(trips).to.deep.equal({ told: 3, had: 3 });
    const letters = await system.deadLetters();
    expect(letters.map(({ path, event }) => [path, (event as { type: string }).type])).to.deep.equal(
      Array(3).fill(['/patron/child', 'trip']),
    );
    const decisions = await system.decisions({ path: '/patron/child' });
    expect(
      decisions.map(({ decision, message }) => [decision, (message?.event as { type: string }).type]),
    ).to.deep.equal(Array(3).fill(['reset', 'trip']));
  });
});
