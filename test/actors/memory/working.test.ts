import { expect } from 'chai';
import fc from 'fast-check';
import { type WorkingEvents, workingMemory } from '../../../actors/index.js';
import { encode } from '../../../src/core/codec.js';
import type { ActorRef, TroupeError } from '../../../src/index.js';
import type { TestSystem } from '../../../src/testing/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { roomy, scratch } from './fixtures/memories.js';

describe('working memory', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<WorkingEvents>;
  const begin = async (seed = 1): Promise<void> => {
    system = await systems.oneThread({ seed });
    ref = await system.spawn(scratch, { id: 'scratch' });
  };
  const put = async (key: string, value: unknown): Promise<string[]> =>
    (await ref.ask({ type: 'put', key, value })).left;
  const keys = async (limit = 100): Promise<string> =>
    (await ref.ask({ type: 'recent', limit })).map(({ key }) => key).join(' ');

  it('recalls by key, and the newest first', async () => {
    await begin();
    await put('a', { deep: [1, new Date(5)] });
    await system.advance(10);
    await put('b', undefined);
    expect((await ref.ask({ type: 'recall', key: 'a' }))?.value).to.deep.equal({ deep: [1, new Date(5)] });
    expect(await ref.ask({ type: 'recall', key: 'b' })).to.deep.equal({
      key: 'b',
      value: undefined,
      time: system.clock.now(),
    });
    expect(await ref.ask({ type: 'recall', key: 'c' })).to.equal(undefined);
    expect([await keys(), await keys(1)]).to.deep.equal(['b a', 'b']);
    await put('a', 2);
    expect(await keys()).to.equal('a b');
    expect([await ref.ask({ type: 'forget', key: 'a' }), await ref.ask({ type: 'forget', key: 'a' })]).to.deep.equal([
      true,
      false,
    ]);
    expect([await ref.ask({ type: 'clear' }), await keys()]).to.deep.equal([1, '']);
  });

  it('is bounded in entries and in bytes: the oldest leave, and it says which', async () => {
    await begin();
    for (const key of ['a', 'b', 'c']) expect(await put(key, 1)).to.deep.equal([]);
    expect(await put('d', 1)).to.deep.equal(['a']);
    expect(await put('b', 'x'.repeat(150))).to.deep.equal([]);
    expect(await put('e', 'x'.repeat(150))).to.deep.equal(['c', 'd', 'b']);
    const refused = (await rejection(put('f', 'x'.repeat(300)))) as TroupeError;
    expect([refused.code, refused.field, await keys()]).to.deep.equal(['MEMORY_FULL', 'value', 'e']);
  });

  it('is as a list would be, never larger than it may, and the same after a crash', async () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), size: fc.nat(250), crash: fc.nat(9) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(100), async (steps, seed) => {
        await systems.stopAll();
        await begin(seed);
        let model: { key: string; bytes: number }[] = [];
        for (const { key, size, crash } of steps) {
          const value = 'x'.repeat(size);
          const bytes = encode([key, value]).length + 16;
          model = [...model.filter((each) => each.key !== key), { key, bytes }];
          while (model.length > 3 || model.reduce((sum, each) => sum + each.bytes, 0) > 300) model.shift();
          await put(key, value);
          if (crash === 0) {
            system = await systems.oneThread({ seed, store: system.crash('powerCut'), clock: system.clock });
            ref = system.get('/scratch');
          }
          const expected = model.toReversed().map((each) => each.key);
          expect(await keys()).to.equal(expected.join(' '));
          const { entries, bytes: total } = await ref.ask({ type: 'usage' });
          expect([entries, total]).to.deep.equal([model.length, model.reduce((sum, each) => sum + each.bytes, 0)]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuses at the door, and nothing is harmed', async () => {
    await begin();
    ref = await system.spawn(roomy, { id: 'roomy' });
    await put('a', 1);
    for (const asked of [
      { type: 'put', key: '', value: 1 },
      { type: 'put', key: 7, value: 1 },
      { type: 'put', key: 'x'.repeat(257), value: 1 },
      { type: 'recall', key: undefined },
      { type: 'recent', limit: 0 },
      { type: 'recent', limit: 'all' },
    ]) {
      const { code } = await rejection(ref.ask(asked as never));
      expect(code, JSON.stringify(asked)).to.match(/^OPTION_/);
    }
    for (const type of ['put', 'recall', 'recent', 'forget', 'usage', 'nonsense']) await ref.tell({ type } as never);
    await system.settle();
    expect([await keys(), systems.heard('actorFailed')]).to.deep.equal(['a', []]);
    expect(() => workingMemory(import.meta, 'w.bad', { bytesMax: 1 }))
      .to.throw()
      .with.property('field', 'bytesMax');
  });
});
