/** Copies for a receiver on the same thread: the same as over bytes, and nobody else's. */
import { deepStrictEqual } from 'node:assert/strict';
import { expect } from 'chai';
import fc from 'fast-check';
import { carry } from '../../../src/core/carry.js';
import { decode, encode, encodedEqual } from '../../../src/core/codec.js';
import { TroupeError } from '../../../src/core/errors.js';
import { ActorRef, ReplyTo } from '../../../src/core/ref.js';

const overBytes = (value: unknown): unknown => decode(encode(value));

describe('core/carry', () => {
  it('gives what the codec would give', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => encodedEqual(encode(carry(value, 'value')), encode(overBytes(value)))),
      { numRuns: 500 },
    );
  });

  it('refs, errors, a key __proto__, and what is too large or too deep for the short way', () => {
    const deep: unknown = Array.from({ length: 40 }).reduce<unknown>((inner) => ({ inner: [inner] }), 'core');
    const values: unknown[] = [
      { to: new ActorRef('/a', 3, 'none'), asker: new ReplyTo(2, 5) },
      { error: new TroupeError('ASK_TIMEOUT', 'late', { field: 'f' }) },
      JSON.parse('{"__proto__":{"polluted":true}}'),
      Array.from({ length: 5_000 }, (_, index) => ({ index })),
      'x'.repeat(100_000),
      deep,
    ];
    for (const value of values) deepStrictEqual(carry({ value }, 'value'), overBytes({ value }));
    expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
  });

  it('shares nothing with its origin', () => {
    const origin = { list: [{ n: 1 }], when: new Date(0), bytes: new Uint8Array([1]), ref: new ActorRef('/a') };
    const copy = carry(origin, 'order') as typeof origin;
    expect(copy.ref).to.not.equal(origin.ref);
    (origin.list[0] as { n: number }).n = 2;
    origin.when.setTime(5);
    origin.bytes[0] = 9;
    expect(copy).to.deep.include({ list: [{ n: 1 }], when: new Date(0), bytes: new Uint8Array([1]) });
  });

  it('leaves out what the codec leaves out, and refuses what it refuses, with its words', () => {
    const odd = Object.defineProperty({ a: 1, [Symbol('s')]: { shared: true } }, 'hidden', { value: 1 });
    expect(Reflect.ownKeys(carry(odd, 'order') as object)).to.deep.equal(['a']);
    expect(Reflect.ownKeys(overBytes(odd) as object)).to.deep.equal(['a']);
    const loop: Record<string, unknown> = {};
    loop.again = { loop };
    for (const bad of [
      { f: () => {} },
      { deep: [Symbol('s')] },
      loop,
      { p: Promise.resolve() },
      new URL('http://a/'),
    ]) {
      const thrownBy = (act: () => unknown): TroupeError => {
        try {
          act();
        } catch (error) {
          return error as TroupeError;
        }
        throw new Error('it was not refused');
      };
      const refusal = thrownBy(() => carry(bad, 'order'));
      expect(refusal).to.include({ code: 'PAYLOAD_NOT_CARRIABLE' });
      expect(refusal.message).to.equal(thrownBy(() => encode(bad, 'order')).message);
    }
  });
});
