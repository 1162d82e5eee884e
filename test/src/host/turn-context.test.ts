import { expect } from 'chai';
import { createTestSystem, type TestSystem } from '../../../src/testing/index.js';
import { parent } from './fixtures/taken-apart.js';

describe('the context of a turn', () => {
  let system: TestSystem;

  beforeEach(async () => {
    system = await createTestSystem();
  });

  afterEach(() => system.stop());

  it('can be taken apart, in hooks and in functions', async () => {
    const ref = await system.spawn(parent, { id: 'parent' });
    await ref.tell({ type: 'begin' });
    await system.settle();
    expect(await ref.ask({ type: 'who' })).to.deep.equal(['/parent/child']);
  });
});
