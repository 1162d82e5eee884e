import { deepStrictEqual } from 'node:assert';
import { expect } from 'chai';
import fc from 'fast-check';
import { describeBriefly, errorTable, fromPlain, isErrorCode, TroupeError, toPlain } from '../../../src/core/errors.js';

describe('core/errors', () => {
  describe('TroupeError', () => {
    it('carries code, field, value and cause, and names itself in the stack', () => {
      const cause = new Error('underneath');
      const error = new TroupeError('OPTION_RANGE', 'hosts must be at least 1', { field: 'hosts', value: 0, cause });
      expect(error).to.include({ name: 'TroupeError', code: 'OPTION_RANGE', field: 'hosts', value: 0, cause });
      expect(error.stack?.split('\n')[0]).to.equal('TroupeError: hosts must be at least 1');
      expect(new TroupeError('ACTOR_UNKNOWN', 'no')).to.not.have.any.keys('field', 'value', 'cause');
    });

    it('is recognised by its code, whatever its class', () => {
      const foreign = Object.assign(new Error('from another thread'), { code: 'ASK_TIMEOUT' });
      expect(TroupeError.is(foreign)).to.equal(true);
      expect(TroupeError.is(foreign, 'ASK_TIMEOUT')).to.equal(true);
      expect(TroupeError.is(foreign, 'ASK_ABORTED')).to.equal(false);
      expect(TroupeError.is(Object.assign(new Error('x'), { code: 'ENOENT' }))).to.equal(false);
      for (const other of [undefined, null, 'ASK_TIMEOUT', 7, new Error('x')])
        expect(TroupeError.is(other)).to.equal(false);
      expect(isErrorCode('toString')).to.equal(false);
    });
  });

  it('has a sentence for every code in the table', () => {
    for (const [code, entry] of Object.entries(errorTable)) {
      expect(entry.meaning, code).to.match(/^[A-Za-z][^\n]{10,}[.`]$/);
      expect(code, code).to.match(/^[A-Z]+(_[A-Z]+)*$/);
    }
  });

  describe('toPlain and fromPlain', () => {
    const roundTrip = (error: unknown): Error => fromPlain(structuredClone(toPlain(error)));

    it('bring an error back with name, message, stack, code and cause', () => {
      const error = Object.assign(new TypeError('bad', { cause: new RangeError('deep', { cause: 'a reason' }) }), {
        code: 'E1',
      });
      const back = roundTrip(error);
      expect(back).to.be.instanceOf(TypeError).and.include({ message: 'bad', stack: error.stack, code: 'E1' });
      const cause = back.cause as Error;
      expect(cause).to.be.instanceOf(RangeError).and.include({ message: 'deep', cause: 'a reason' });
      expect(Object.keys(back), 'only the code is enumerable').to.deep.equal(['code']);
    });

    it('bring a TroupeError back as one', () => {
      const error = new TroupeError('PATH_ILLEGAL', 'no', {
        field: 'id',
        value: { a: [1, undefined] },
        cause: new Error('x'),
      });
      const back = roundTrip(error) as TroupeError;
      expect(back).to.be.instanceOf(TroupeError).and.include({ code: 'PATH_ILLEGAL', field: 'id', stack: error.stack });
      deepStrictEqual(back.value, { a: [1, undefined] });
      expect((back.cause as Error).message).to.equal('x');
    });

    it('keep an own class by its name, and an AggregateError with its errors', () => {
      class PaymentError extends Error {
        override name = 'PaymentError';
      }
      const back = roundTrip(
        new AggregateError([new PaymentError('declined'), 'text'], 'all failed'),
      ) as AggregateError;
      expect(back).to.be.instanceOf(AggregateError);
      expect(back.errors[0]).to.be.instanceOf(Error).and.include({ name: 'PaymentError', message: 'declined' });
      expect(back.errors[1]).to.equal('text');
    });

    it('wrap what was thrown and is no error', () => {
      expect(roundTrip('boom')).to.include({ name: 'Thrown', message: 'boom', cause: 'boom' });
      deepStrictEqual(roundTrip({ status: 404 }).cause, { status: 404 });
      expect(roundTrip(undefined).message).to.equal('undefined');
      expect(roundTrip(Symbol('s')).message).to.equal('a symbol');
    });

    it('describe values that cannot be carried instead of failing', () => {
      class Customer {}
      const plain = toPlain(new TroupeError('OPTION_TYPE', 'no', { value: { deep: new Customer() } }));
      expect(plain.value).to.equal('an object');
      expect(toPlain(new TroupeError('OPTION_TYPE', 'no', { value: () => 1 })).value).to.equal('a function');
      expect(toPlain(new TroupeError('OPTION_TYPE', 'no', { value: 'x'.repeat(1e6) })).value).to.have.length.below(
        5_000,
      );
    });

    it('end at cycles, however wide', () => {
      const loop = new AggregateError([], 'loop');
      loop.errors.push(loop, loop, loop, loop);
      loop.cause = loop;
      expect(JSON.stringify(toPlain(loop)).length).to.be.below(500_000);
    });

    it('survive hostile getters', () => {
      const hostile = Object.defineProperty(new Error('x'), 'message', {
        get() {
          throw new Error('gotcha');
        },
      });
      expect(toPlain(hostile).message).to.match(/cannot be read/);
      expect(
        toPlain(
          new Proxy(
            {},
            {
              getPrototypeOf: () => {
                throw new Error('p');
              },
            },
          ),
        ).name,
      ).to.be.a('string');
    });

    it('give plain data for anything that can be thrown', () => {
      fc.assert(
        fc.property(
          fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }),
          (thrown) => {
            const plain = toPlain(thrown);
            deepStrictEqual(structuredClone(plain), plain);
            expect(fromPlain(plain)).to.be.instanceOf(Error);
          },
        ),
      );
    });
  });

  it('describes values in a few words', () => {
    const told = [undefined, null, -0, 7n, 'a "b"', [1, 2], {}, Object.create(null), new Map(), () => 1].map(
      describeBriefly,
    );
    expect(told).to.deep.equal([
      'undefined',
      'null',
      '-0',
      '7n',
      '"a \\"b\\""',
      'an array of 2',
      'an object',
      'an object',
      'an instance of Map',
      'a function',
    ]);
  });
});
