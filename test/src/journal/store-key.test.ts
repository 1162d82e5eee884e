import { expect } from 'chai';
import fc from 'fast-check';
import type { StoreKey } from '../../../src/journal/store.js';
import { decodeKey, encodeKey, highestKey, lowestKey } from '../../../src/journal/store-key.js';

describe('store key', () => {
  const anyNumber = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat());
  const anyKey: fc.Arbitrary<StoreKey> = fc.oneof(
    anyNumber,
    fc.tuple(anyNumber, anyNumber),
    fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme-ascii' }),
  );

  it('comes back as it went', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const bytes = encodeKey(key);
        expect(decodeKey(bytes)).to.deep.equal(key);
        expect(bytes > lowestKey && bytes < highestKey).to.equal(true);
        expect(Buffer.from(bytes, 'latin1').toString('latin1')).to.equal(bytes);
      }),
    );
    expect(decodeKey(encodeKey('größe ✓'))).to.equal('größe ✓');
  });

  it('orders bytes as tuples of numbers', () => {
    const anyTuple = fc.oneof(
      anyNumber.map((number) => [number]),
      fc.tuple(anyNumber, anyNumber),
    );
    const asKey = (tuple: number[]) => (tuple.length === 1 ? tuple[0]! : (tuple as [number, number]));
    fc.assert(
      fc.property(anyTuple, anyTuple, (a, b) => {
        const expected = a[0] !== b[0] ? a[0]! - b[0]! : (a[1] ?? -1) - (b[1] ?? -1);
        const [one, other] = [encodeKey(asKey(a)), encodeKey(asKey(b))];
        expect(Math.sign(Buffer.compare(Buffer.from(one, 'latin1'), Buffer.from(other, 'latin1')))).to.equal(
          Math.sign(expected),
        );
        expect(one < other).to.equal(expected < 0);
      }),
    );
  });
});
