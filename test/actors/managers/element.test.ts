import { expect } from 'chai';
import fc from 'fast-check';
import { element, type Element, idMaker } from '../../../actors/index.js';
import { decode, encode } from '../../../src/core/codec.js';
import { seededRandom } from '../../../src/core/random.js';
import { TestClock } from '../../../src/testing/index.js';

describe('an element', () => {
  const clock = new TestClock(1_000);

  it('is plain data with an id, a time, metadata and its value', () => {
    const made = element({ text: 'a' }, { id: 'one', metadata: { by: 'ada' }, clock });
    expect(made).to.deep.equal({ id: 'one', time: 1_000, metadata: { by: 'ada' }, value: { text: 'a' } });
    const typed: Element<{ text: string }> = made;
    // @ts-expect-error another value
    const wrong: Element<{ text: number }> = made;
    expect(typed).to.equal(wrong);
  });

  it('comes back from the codec, and from JSON when its value does', () => {
    const values = fc.jsonValue();
    fc.assert(
      fc.property(values, fc.dictionary(fc.string(), values), (value, metadata) => {
        const made = element<unknown>(value, { clock, metadata });
        expect(decode(encode(made))).to.deep.equal(made);
        const { id, time } = JSON.parse(JSON.stringify(made)) as Element;
        expect([id, time]).to.deep.equal([made.id, made.time]);
        expect(JSON.stringify(JSON.parse(JSON.stringify(made)))).to.equal(JSON.stringify(made));
      }),
    );
    const rich = element({ at: new Date(5), of: new Map([[1, new Set(['a'])]]), n: 5n }, { clock });
    expect(decode(encode(rich))).to.deep.equal(rich);
  });

  it('has an id that is larger than all before, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2_000_000_000_000), { minLength: 2, maxLength: 50 }), fc.nat(), (times, seed) => {
        const makeId = idMaker(seededRandom(seed));
        const ids = times.map((time) => makeId(time));
        expect(ids.toSorted()).to.deep.equal(ids);
        expect(new Set(ids).size).to.equal(ids.length);
      }),
    );
    const makeId = idMaker();
    const many = Array.from({ length: 5_000 }, () => makeId(7));
    expect(many.toSorted()).to.deep.equal(many);
  });

  it('of two makers have different ids at the same time', () => {
    const ids = Array.from({ length: 2_000 }, () => idMaker()(7));
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('is refused with an id or metadata that are none', () => {
    for (const [options, field] of [
      [{ id: '' }, 'element.id'],
      [{ id: 'x'.repeat(129) }, 'element.id'],
      [{ metadata: null }, 'element.metadata'],
    ] as const) {
      expect(() => element(1, { clock, ...options } as never))
        .to.throw()
        .with.property('field', field);
    }
  });
});
