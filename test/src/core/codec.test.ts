import { deepStrictEqual } from 'node:assert';
import vm from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { Packr, Unpackr } from 'msgpackr';
import { ByteWriter } from '../../../src/core/bytes.js';
import { decode, encode, encodedEqual, encodeTo } from '../../../src/core/codec.js';
import { TroupeError } from '../../../src/core/errors.js';
import { limits } from '../../../src/core/limits.js';
import { ActorRef, ReplyTo } from '../../../src/core/ref.js';

const roundTrip = (value: unknown): unknown => decode(encode(value));

function refusal(value: unknown, what = 'order'): string {
  try {
    encode(value, what);
  } catch (error) {
    if (!TroupeError.is(error, 'PAYLOAD_NOT_CARRIABLE')) throw error;
    expect(error.message.startsWith(error.field as string), 'the field begins the message').to.equal(true);
    return error.message;
  }
  throw new Error('it was accepted');
}

/** Everything that is carried exactly. */
const carriable = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.constantFrom<unknown>(null, undefined, true, false, -0, 0, NaN, Infinity, -Infinity, '', 2 ** 53, -(2 ** 31)),
      fc.integer(),
      fc.double(),
      fc.bigInt(),
      fc.bigInt({ min: -(2n ** 64n), max: 2n ** 65n }),
      fc.string(),
      fc.string({ unit: 'binary', maxLength: 90 }),
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
      fc.date({ noInvalidDate: true }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.oneof(fc.uint8Array(), fc.int16Array(), fc.float32Array(), fc.float64Array(), fc.bigUint64Array()),
      fc.uint8ClampedArray().map((bytes) => new DataView(Uint8Array.from(bytes).buffer)),
      fc.uint8Array().map((bytes) => Uint8Array.from(bytes).buffer),
      fc.string({ minLength: 1 }).map((path) => new ActorRef(`/${path}`, path.length, 'none')),
      fc.nat().map((askId) => new ReplyTo(7, askId)),
    ),
    fc.array(tie('value')),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toJSON', 'constructor', 'hasOwnProperty')),
      tie('value'),
    ),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    fc.array(tie('value')).map((items) => new Set(items)),
  ),
})).value;

describe('core/codec', () => {
  describe('carries', () => {
    it('anything on its list, exactly', () => {
      fc.assert(
        fc.property(carriable, (value) => deepStrictEqual(roundTrip(value), value)),
        { numRuns: 300 },
      );
    });

    it('integers around every boundary of the format', () => {
      for (let bit = 0; bit <= 53; bit += 1) {
        for (const near of [-2, -1, 0, 1, 2]) {
          const value = 2 ** bit + near;
          deepStrictEqual(roundTrip([value, -value, BigInt(value) ** 2n]), [value, -value, BigInt(value) ** 2n]);
        }
      }
    });

    it('texts, bytes and lists around every boundary of the format', () => {
      for (const count of [15, 16, 31, 32, 63, 64, 255, 256, 65_536]) {
        const text = 'x'.repeat(count);
        const wide = '\u{1F600}'.repeat(count);
        const list = Array.from({ length: count }, (_, index) => index);
        const record = Object.fromEntries(list.map((index) => [`k${index}`, index]));
        const values = [
          text,
          wide,
          `${text}\ud800`,
          Buffer.from(text),
          list,
          record,
          new Map(Object.entries(record)),
          new Set(list),
        ];
        for (const value of values) deepStrictEqual(roundTrip(value), value);
      }
    });

    it('undefined as a property and as an item, and holes as undefined', () => {
      deepStrictEqual(roundTrip({ a: undefined, b: [undefined] }), { a: undefined, b: [undefined] });
      // biome-ignore lint/suspicious/noSparseArray: that is the point
      deepStrictEqual(roundTrip([1, , 3]), [1, undefined, 3]);
    });

    it('objects without a prototype, and a key __proto__ without touching any prototype', () => {
      deepStrictEqual(
        roundTrip(Object.assign(Object.create(null), { a: 1 })),
        Object.assign(Object.create(null), { a: 1 }),
      );
      const evil: unknown = JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":null}}');
      const back = roundTrip(evil) as { a: object; polluted?: unknown };
      deepStrictEqual(back, evil);
      expect(Object.getPrototypeOf(back)).to.equal(Object.prototype);
      expect(back.polluted).to.equal(undefined);
      expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
    });

    it('dates, also one that is invalid', () => {
      deepStrictEqual(roundTrip(new Date(8.64e15)), new Date(8.64e15));
      expect((roundTrip(new Date(Number.NaN)) as Date).getTime()).to.be.NaN;
    });

    it('errors with name, message, stack, code, cause and the errors of an AggregateError', () => {
      const error = Object.assign(
        new RangeError('bad', { cause: new TroupeError('ASK_TIMEOUT', 'late', { field: 'f' }) }),
        { code: 7 },
      );
      const back = (roundTrip({ error }) as { error: RangeError & { code: number } }).error;
      expect(back).to.be.instanceOf(RangeError).and.include({ message: 'bad', stack: error.stack, code: 7 });
      expect(back.cause).to.be.instanceOf(TroupeError).and.include({ code: 'ASK_TIMEOUT', field: 'f' });
      const many = roundTrip(new AggregateError([new Error('a')], 'all')) as AggregateError;
      expect((many.errors[0] as Error).message).to.equal('a');
      expect(roundTrip(new DOMException('stop', 'AbortError')))
        .to.be.instanceOf(Error)
        .and.include({ name: 'AbortError' });
    });

    it('an object met twice as two', () => {
      const shared = { a: 1 };
      const [first, second] = roundTrip([shared, shared]) as [object, object];
      expect(first).to.deep.equal(second);
      expect(first).to.not.equal(second);
    });

    it('literals of another realm, as test runners have them', () => {
      const foreign: unknown = vm.runInNewContext(
        '({ a: [1], m: new Map([[1, new Date(0)]]), e: new TypeError("x") })',
      );
      const back = roundTrip(foreign) as { a: unknown; m: Map<number, Date>; e: Error };
      deepStrictEqual([back.a, back.m], [[1], new Map([[1, new Date(0)]])]);
      expect(back.e).to.be.instanceOf(TypeError);
    });

    it('views of a part of a buffer, and only that part', () => {
      const whole = Uint8Array.from({ length: 64 }, (_, index) => index);
      deepStrictEqual(roundTrip(new Uint16Array(whole.buffer, 4, 2)), new Uint16Array(whole.slice(4, 8).buffer));
      deepStrictEqual(roundTrip(Buffer.from(whole.buffer, 1, 3)), Buffer.from([1, 2, 3]));
      const back = roundTrip(new DataView(whole.buffer, 8, 2)) as DataView;
      expect([back.byteLength, back.getUint8(0), back.buffer.byteLength]).to.deep.equal([2, 8, 2]);
    });
  });

  describe('refuses, naming the place', () => {
    class Customer {}

    it('functions, symbols, instances, promises and the rest', () => {
      expect(refusal({ items: [0, 0, 0, { callback: () => 1 }] })).to.equal('order.items[3].callback is a function');
      expect(refusal({ customer: new Customer() })).to.equal('order.customer is an instance of Customer');
      expect(refusal({ 'a b': Symbol('s') })).to.equal('order["a b"] is a symbol');
      expect(refusal(Promise.resolve())).to.equal('order is a promise');
      expect(refusal([new WeakMap()])).to.equal('order[0] is an instance of WeakMap');
      expect(refusal(/x/)).to.equal('order is an instance of RegExp');
      expect(refusal(new (class extends Map {})())).to.match(/^order is an instance of/);
      expect(refusal(new (class Stack extends Array {})())).to.equal('order is an instance of Stack');
      expect(refusal(Object(1))).to.equal('order is an instance of Number');
      expect(refusal(new SharedArrayBuffer(8))).to.equal('order is an instance of SharedArrayBuffer');
    });

    it('inside maps, sets and errors of the same message', () => {
      expect(refusal({ m: new Map([['k', [() => 1]]]) })).to.equal('order.m.get("k")[0] is a function');
      expect(refusal({ m: new Map([[Symbol(), 1]]) })).to.equal('order.m.keys()[0] is a symbol');
      expect(refusal(new Set([1, new Customer()]))).to.equal('order.values()[1] is an instance of Customer');
      expect(refusal({ a: { e: new Error('x', { cause: new Error('y') }), f: () => 1 } })).to.equal(
        'order.a.f is a function',
      );
    });

    it('cycles, naming what they go back to', () => {
      const order: Record<string, unknown> = { items: [] };
      order.self = order;
      expect(refusal(order)).to.equal('order.self refers back to order');
      const item: Record<string, unknown> = {};
      item.list = [{ item }];
      expect(refusal({ items: [item] })).to.equal('order.items[0].list[0].item refers back to order.items[0]');
      const map = new Map();
      map.set('me', map);
      expect(refusal(map)).to.equal('order.get("me") refers back to order');
    });

    it('deeper nesting than the limit, on both sides', () => {
      const nest = (levels: number): unknown => (levels === 0 ? 1 : [nest(levels - 1)]);
      deepStrictEqual(roundTrip(nest(limits.payloadDepthMax)), nest(limits.payloadDepthMax));
      expect(refusal(nest(limits.payloadDepthMax + 1))).to.match(/is nested more than 256 deep$/);
    });

    it('and is not confused by it afterwards', () => {
      refusal({ a: { b: { c: () => 1 } } });
      deepStrictEqual(roundTrip({ a: { b: 1 } }), { a: { b: 1 } });
      expect(refusal([{ x: () => 1 }], 'list')).to.equal('list[0].x is a function');
    });
  });

  it('may be called by a getter of the value it encodes', () => {
    let inner: unknown;
    const outer = {
      before: 1,
      get nested() {
        inner = decode(encode({ deep: [{ big: 'x'.repeat(50_000) }] }));
        return 2;
      },
      bad: undefined as unknown,
    };
    deepStrictEqual(roundTrip(outer), { before: 1, nested: 2, bad: undefined });
    deepStrictEqual(inner, { deep: [{ big: 'x'.repeat(50_000) }] });
    outer.bad = () => 1;
    expect(refusal([outer])).to.equal('order[0].bad is a function');
  });

  it('returns values that share no memory with the bytes', () => {
    const value = { buffer: Buffer.from('abc'), view: Uint8Array.of(1, 2), text: 'text' };
    const bytes = encode(value);
    const back = decode(bytes) as typeof value;
    bytes.fill(0);
    deepStrictEqual(back, value);
    expect(back.buffer.buffer.byteLength, 'no shared pool behind it').to.equal(3);
    const kept = encode({ a: 1 });
    encode({ b: 'something longer' });
    deepStrictEqual(decode(kept), { a: 1 });
  });

  it('appends to a writer what it would return, and nothing of what it refuses, however much there was to grow', () => {
    const out = new ByteWriter(8);
    out.u8(7);
    const values = [{ a: 1 }, 'x'.repeat(10_000), [1, 2, { b: new Map([[1, new Set(['y'.repeat(5_000)])]]) }]];
    for (const value of values) {
      expect(() => encodeTo(out, [value, 'z'.repeat(30_000), () => {}], 'bad')).to.throw(TroupeError);
      encodeTo(out, value, 'good');
    }
    const expected = Buffer.concat([Buffer.from([7]), ...values.map((value) => encode(value))]);
    expect(encodedEqual(out.view8(), expected)).to.equal(true);
  });

  it('a getter may encode, but not write to where its own value is being written', () => {
    const getting = (get: () => unknown): object => Object.defineProperty({ z: 1 }, 'a', { enumerable: true, get });
    const out = new ByteWriter(8);
    const other = new ByteWriter(8);
    const encodes = getting(() => {
      encodeTo(other, 'aside', 'inner');
      return decode(encode({ deep: ['x'.repeat(100)] }));
    });
    encodeTo(out, encodes, 'outer');
    expect(decode(out.copy())).to.deep.equal({ z: 1, a: { deep: ['x'.repeat(100)] } });
    expect(decode(other.copy())).to.equal('aside');
    const before = out.copy();
    const writes = [() => out.u8(1), () => encodeTo(out, 'within', 'inner'), () => out.raw(Buffer.alloc(5))];
    for (const write of writes) {
      expect(() => encodeTo(out, getting(write), 'outer')).to.throw(TroupeError, 'a getter of a message may not send');
      expect(() =>
        encodeTo(
          out,
          getting(() => encode(getting(write))),
          'outer',
        ),
      ).to.throw(TroupeError, 'may not send');
      // One that says nothing of the refusal does no harm either.
      const silent = getting(() => {
        try {
          write();
        } catch {
          return 'refused';
        }
        return 'written';
      });
      const [length, expected] = [out.length, encode({ z: 1, a: 'refused' })];
      encodeTo(out, silent, 'outer');
      expect(encodedEqual(out.view8().subarray(length), expected)).to.equal(true);
      out.truncate(length);
    }
    expect(out.copy().equals(before)).to.equal(true);
  });

  it('reads bytes wherever they lie', () => {
    const bytes = encode({ text: 'h\u00e4', n: [1.5, 2n] });
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 3), 3);
    shared.set(bytes);
    deepStrictEqual(decode(shared), { text: 'h\u00e4', n: [1.5, 2n] });
  });

  it('gives equal bytes for equal literals, in the order of the properties', () => {
    const literal = (): unknown => ({ b: 1, a: [new Map([[1, 2]])], 7: undefined });
    expect(encodedEqual(encode(literal()), encode(literal()))).to.equal(true);
    expect(encodedEqual(encode({ a: 1, b: 2 }), encode({ b: 2, a: 1 }))).to.equal(false);
    expect(encodedEqual(encode(0), encode(-0))).to.equal(false);
    fc.assert(fc.property(carriable, (value) => encodedEqual(encode(value), encode(decode(encode(value))))));
  });

  it('is MessagePack: another implementation reads it, and writes the same bytes', () => {
    const packr = new Packr({ useRecords: false, variableMapSize: true });
    const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });
    const hasNegativeZero = (value: unknown): boolean =>
      Object.is(value, -0) ||
      (typeof value === 'object' && value !== null && Object.values(value).some(hasNegativeZero));
    const json = fc
      .jsonValue()
      .filter((value) => !hasNegativeZero(value) && !JSON.stringify(value).includes('"__proto__"'));
    fc.assert(
      fc.property(json, (value) => {
        const bytes = encode(value);
        deepStrictEqual(unpackr.unpack(bytes), value);
        expect(encodedEqual(bytes, packr.pack(value))).to.equal(true);
      }),
    );
  });

  describe('given bytes it did not write', () => {
    it('refuses them as a whole', () => {
      for (const bytes of [
        [],
        [0xc1],
        [0x01, 0x02],
        [0x92, 0x01],
        [0xa5, 0x61],
        [0xdd, 0xff, 0xff, 0xff, 0xff],
        [0x81, 0x01, 0x01],
      ]) {
        expect(() => decode(Uint8Array.from(bytes)), String(bytes))
          .to.throw(TroupeError)
          .with.property('code', 'BYTES_MALFORMED');
      }
      const deep = Buffer.alloc(100_000, 0x91);
      expect(() => decode(deep))
        .to.throw(TroupeError)
        .with.property('code', 'BYTES_MALFORMED');
    });

    it('returns some value or refuses, whatever is changed or cut', () => {
      const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
      fc.assert(
        fc.property(
          fc.oneof(
            carriable,
            fc.constant([new TroupeError('ASK_TIMEOUT', 'x', { value: [1], cause: new AggregateError(['a']) })]),
          ),
          fc.array(change, { minLength: 1, maxLength: 4 }),
          fc.nat(),
          (value, changes, cut) => {
            const bytes = Buffer.from(encode(value));
            for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
            const end = cut % 3 === 0 ? cut % (bytes.length + 1) : bytes.length;
            try {
              decode(bytes.subarray(0, end));
            } catch (error) {
              if (!TroupeError.is(error, 'BYTES_MALFORMED')) throw error;
            }
          },
        ),
        { numRuns: 300 },
      );
    });
  });
});
