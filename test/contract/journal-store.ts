/**
 * What every journal store must do (`journal/store.ts`, S1 to S4), for whichever implementation is given.
 * What only a disk can do (kill -9, full disks, flushes) is in the tests of the store on disk.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Change, JournalStore, StoreKey, Table } from '../../src/journal/store.js';

/** A store to be tested. */
export interface StoreUnderTest {
  store: JournalStore;
  /** Close the store and open it again; undefined where nothing outlives the store. */
  reopen?: () => Promise<JournalStore>;
  /** Move data to where it rests, if the store has such a place: nothing may change for readers. */
  settle?: (store: JournalStore) => void;
  dispose(): Promise<void>;
}

const put = (table: Table, key: StoreKey, value: string | Uint8Array): Change => ({
  table,
  key,
  value: typeof value === 'string' ? Buffer.from(value) : value,
});
const remove = (table: Table, key: StoreKey): Change => ({ table, key, value: undefined });
const keysOf = (store: JournalStore, table: Table, from?: StoreKey, to?: StoreKey): StoreKey[] =>
  [...store.scan(table, from, to)].map(({ key }) => key);

/**
 * Run the suite.
 * @param make gives a fresh, empty store
 * @param outlives whether a store's content outlives it; then `make` gives `reopen` too
 */
export function describeJournalStore(name: string, make: () => Promise<StoreUnderTest>, outlives: boolean): void {
  describe(`journal store contract: ${name}`, () => {
    let under: StoreUnderTest;
    let store: JournalStore;
    beforeEach(async () => {
      under = await make();
      store = under.store;
    });
    afterEach(() => under.dispose());

    describeValues(
      () => store,
      () => under,
    );
    describeOrder(
      () => store,
      () => under,
    );
    describeLog(() => store);
    describeAtomicity(() => store);
    if (outlives)
      describeReopening(
        () => store,
        (next) => {
          store = next;
        },
        () => under,
      );
    it('does what a simple model does, for any sequence of changes and reopenings', async function () {
      this.timeout(30_000);
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), async (steps) => {
          const fresh = await make();
          try {
            await compareWithModel(fresh, steps);
          } finally {
            await fresh.dispose();
          }
        }),
        { numRuns: outlives ? 25 : 200, verbose: 1 },
      );
    });
  });
}

function describeValues(current: () => JournalStore, under: () => StoreUnderTest): void {
  it('gives back what was committed, at both levels', async () => {
    await current().commit([put('mail', 1, 'one'), put('meta', 'name', 'two')], 'committed');
    await current().commit([put('mail', [1, 2], 'three')], 'flushed');
    expect(current().get('mail', 1)?.toString()).to.equal('one');
    expect(current().get('meta', 'name')?.toString()).to.equal('two');
    expect(current().get('mail', [1, 2])?.toString()).to.equal('three');
  });

  it('keeps tables and kinds of keys apart', async () => {
    await current().commit([put('mail', 1, 'mail'), put('rows', 1, 'rows'), put('mail', [1, 0], 'pair')], 'committed');
    expect(current().get('mail', 1)?.toString()).to.equal('mail');
    expect(current().get('rows', 1)?.toString()).to.equal('rows');
    expect(current().get('mail', [1, 0])?.toString()).to.equal('pair');
    expect(current().get('dead', 1)).to.equal(undefined);
  });

  it('overwrites, removes, and takes the last of several changes of a key in one batch', async () => {
    await current().commit([put('rows', 1, 'old'), put('rows', 2, 'old'), put('rows', 3, 'old')], 'committed');
    await current().commit([put('rows', 1, 'new'), remove('rows', 2), remove('rows', 99)], 'committed');
    await current().commit(
      [remove('rows', 3), put('rows', 3, 'again'), put('rows', 4, 'x'), remove('rows', 4)],
      'flushed',
    );
    expect(current().get('rows', 1)?.toString()).to.equal('new');
    expect(current().get('rows', 2)).to.equal(undefined);
    expect(current().get('rows', 3)?.toString()).to.equal('again');
    expect(keysOf(current(), 'rows')).to.deep.equal([1, 3]);
  });

  it('tells an empty value from none', async () => {
    await current().commit([put('mail', 1, '')], 'committed');
    under().settle?.(current());
    expect(current().get('mail', 1)?.byteLength).to.equal(0);
    expect(current().get('mail', 2)).to.equal(undefined);
    expect([...current().scan('mail')].map(({ value }) => value.byteLength)).to.deep.equal([0]);
  });

  it('carries a value of 50 MB', async function () {
    this.timeout(20_000);
    const large = Buffer.alloc(50 * 2 ** 20);
    for (let at = 0; at < large.byteLength; at += 4_096) large.writeUInt32LE(at, at);
    await current().commit([put('dead', 1, large), put('dead', 2, 'small')], 'committed');
    expect(current().get('dead', 1)?.equals(large)).to.equal(true);
    const [first] = current().scan('dead');
    expect(first?.value.equals(large)).to.equal(true);
  });

  it('shares no memory with the caller, neither what it is given nor what it gives', async () => {
    for (const settle of [false, true]) {
      const given = Buffer.from('given');
      await current().commit([put('mail', 1, given)], 'committed');
      given.fill('x');
      if (settle) under().settle?.(current());
      const got = current().get('mail', 1)!;
      const scanned = [...current().scan('mail')][0]!.value;
      expect(got.toString()).to.equal('given');
      got.fill('y');
      expect(scanned.toString()).to.equal('given');
      scanned.fill('z');
      current().get('rows', 1);
      expect(current().get('mail', 1)?.toString()).to.equal('given');
    }
  });

  it('takes any Uint8Array, also one that is a part of a larger buffer', async () => {
    const whole = new Uint8Array([0, 1, 2, 3, 4, 5]);
    await current().commit([put('rows', 1, whole.subarray(2, 4))], 'committed');
    expect([...current().get('rows', 1)!]).to.deep.equal([2, 3]);
    expect(Buffer.isBuffer(current().get('rows', 1))).to.equal(true);
  });

  it('flushes after commits, and when there is nothing to flush', async () => {
    await current().flush();
    await current().commit([put('mail', 1, 'one')], 'committed');
    await current().flush();
    await current().flush();
    await current().commit([], 'flushed');
    expect(current().get('mail', 1)?.toString()).to.equal('one');
  });

  it('says when a batch is written and waits for its flush: once, and of no other batch', async () => {
    const said: string[] = [];
    const commit = (level: 'committed' | 'flushed', position: number, more?: Iterable<Change>) => {
      const record = { position, bytes: Buffer.from('record') };
      return current().commit([put('mail', position, 'x')], level, record, more, () => said.push(`${position}`));
    };
    await commit('committed', 1);
    await commit('flushed', 2);
    await commit('flushed', 3, [put('rows', 1, 'x')]);
    await commit('flushed', 4);
    expect(said).to.deep.equal(['2', '4']);
    const fault = () => {
      throw new Error('of the one who hears it');
    };
    const failed = Promise.resolve().then(() =>
      current().commit(
        [put('mail', 5, 'x')],
        'flushed',
        { position: 5, bytes: Buffer.from('record') },
        undefined,
        fault,
      ),
    );
    expect(await failed.catch((error: unknown) => error)).to.have.property('code', 'JOURNAL_WRITE');
    expect(current().get('mail', 5)).to.equal(undefined);
    expect([...current().readLog()].map(({ position }) => position)).to.deep.equal([1, 2, 3, 4]);
  });
}

function describeReopening(
  current: () => JournalStore,
  replace: (store: JournalStore) => void,
  under: () => StoreUnderTest,
): void {
  it('holds everything after it was closed and opened again', async () => {
    const large = Buffer.alloc(20 * 2 ** 20, 'large');
    await current().commit([put('mail', 2 ** 40, 'flushed'), put('rows', 1, 'x'), put('dead', 1, large)], 'flushed');
    await current().commit([put('mail', [7, 2 ** 52], 'committed'), remove('rows', 1)], 'committed');
    for (let round = 0; round < 3; round += 1) replace(await under().reopen!());
    expect(
      current()
        .get('mail', 2 ** 40)
        ?.toString(),
    ).to.equal('flushed');
    expect(
      current()
        .get('mail', [7, 2 ** 52])
        ?.toString(),
    ).to.equal('committed');
    expect(current().get('rows', 1)).to.equal(undefined);
    expect(current().get('dead', 1)?.equals(large)).to.equal(true);
  });
}

function describeOrder(current: () => JournalStore, under: () => StoreUnderTest): void {
  /** Smallest first; numbers beyond 2^32 and pairs that differ in one part are where byte orders go wrong. */
  const ordered: StoreKey[] = [
    0,
    1,
    2,
    [2, 0],
    [2, 9],
    [2, 10],
    [2, 255],
    [2, 256],
    3,
    255,
    256,
    [256, 1],
    65_535,
    65_536,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 32 + 1,
    [2 ** 32 + 1, 2 ** 33],
    2 ** 40,
    Number.MAX_SAFE_INTEGER,
    'a',
    'aa',
    'b',
    'ä',
  ];

  it('orders keys as numbers and tuples of numbers, names after them', async () => {
    for (const key of ordered.toReversed()) await current().commit([put('meta', key, String(key))], 'committed');
    expect(keysOf(current(), 'meta')).to.deep.equal(ordered);
    under().settle?.(current());
    expect(keysOf(current(), 'meta')).to.deep.equal(ordered);
    for (const key of ordered) expect(current().get('meta', key)?.toString()).to.equal(String(key));
  });

  it('scans from a key (inclusive) to a key (exclusive), also when neither exists', async () => {
    await current().commit(
      [10, 20, 30, 40].map((key) => put('mail', key, 'x')),
      'committed',
    );
    expect(keysOf(current(), 'mail', 20, 40)).to.deep.equal([20, 30]);
    expect(keysOf(current(), 'mail', 15, 35)).to.deep.equal([20, 30]);
    expect(keysOf(current(), 'mail', 41)).to.deep.equal([]);
    expect(keysOf(current(), 'mail', undefined, 20)).to.deep.equal([10]);
    expect(keysOf(current(), 'mail', 30, 30)).to.deep.equal([]);
    expect(keysOf(current(), 'mail', 40, 10)).to.deep.equal([]);
  });

  it('scans the pairs that begin with a number', async () => {
    await current().commit(
      [
        put('mail', [6, 2 ** 50], 'x'),
        put('mail', [7, 0], 'x'),
        put('mail', [7, 2 ** 50], 'x'),
        put('mail', [8, 0], 'x'),
      ],
      'committed',
    );
    expect(keysOf(current(), 'mail', [7, 0], [8, 0])).to.deep.equal([
      [7, 0],
      [7, 2 ** 50],
    ]);
    expect(keysOf(current(), 'mail', 7, 8)).to.deep.equal([
      [7, 0],
      [7, 2 ** 50],
    ]);
  });

  it('sees one order over what rests and what is recent, each key once, removed ones not at all', async () => {
    const even = Array.from({ length: 600 }, (_, index) => index * 2);
    await current().commit(
      even.map((key) => put('mail', key, 'old')),
      'committed',
    );
    under().settle?.(current());
    await current().commit(
      even.filter((key) => key % 3 === 0).map((key) => remove('mail', key)),
      'committed',
    );
    await current().commit(
      even.filter((key) => key % 3 === 1).map((key) => put('mail', key, 'new')),
      'committed',
    );
    await current().commit(
      even.map((key) => put('mail', key + 1, 'odd')),
      'committed',
    );
    const seen = [...current().scan('mail')].map(({ key, value }) => `${key as number}${value.toString()}`);
    const expected = Array.from({ length: 1_200 }, (_, key) => key).flatMap((key) => {
      if (key % 2 === 1) return [`${key}odd`];
      return key % 3 === 0 ? [] : [`${key}${key % 3 === 1 ? 'new' : 'old'}`];
    });
    expect(seen).to.deep.equal(expected);
  });

  it('allows commits while a scan runs: no entry twice, none lost that was there all the time', async () => {
    await current().commit(
      Array.from({ length: 1_000 }, (_, key) => put('mail', key * 2, 'x')),
      'committed',
    );
    const seen: number[] = [];
    let commits = 0;
    for (const { key } of current().scan('mail')) {
      seen.push(key as number);
      if (seen.length % 100 !== 0) continue;
      commits += 1;
      const batch = [put('mail', 2 * commits - 1, 'behind'), put('mail', 1_999, 'ahead'), remove('mail', 0)];
      await current().commit(batch, 'committed');
      if (commits % 3 === 0) under().settle?.(current());
    }
    expect(seen).to.deep.equal([...new Set(seen)].sort((a, b) => a - b));
    expect(seen.filter((key) => key % 2 === 0)).to.have.length(1_000);
    expect(seen.at(-1)).to.equal(1_999);
  });

  it('removes a range, and nothing outside it', async function () {
    this.timeout(20_000);
    const count = 25_000;
    await current().commit(
      Array.from({ length: count }, (_, key) => put('mail', key, 'x')),
      'committed',
    );
    under().settle?.(current());
    await current().commit([put('mail', count, 'x'), put('rows', 5, 'x'), remove('mail', 5)], 'committed');
    await current().removeRange('mail', 3, count - 2);
    expect(keysOf(current(), 'mail')).to.deep.equal([0, 1, 2, count - 2, count - 1, count]);
    await current().removeRange('mail', 10, 3);
    await current().removeRange('dead', 0, 10);
    under().settle?.(current());
    expect(keysOf(current(), 'mail')).to.deep.equal([0, 1, 2, count - 2, count - 1, count]);
    expect(keysOf(current(), 'rows')).to.deep.equal([5]);
  });
}

function describeLog(current: () => JournalStore): void {
  const record = (position: number, text = `record ${position}`) => ({ position, bytes: Buffer.from(text) });
  const positions = (from?: number, to?: number) => [...current().readLog(from, to)].map(({ position }) => position);

  it('reads the log from a position (inclusive) to another (exclusive)', async () => {
    for (const position of [1, 2, 5, 9]) await current().commit([], 'committed', record(position));
    await current().commit([put('rows', 1, 'x')], 'committed');
    await current().commit([put('rows', 1, 'y')], 'flushed', record(10, ''));
    expect(positions()).to.deep.equal([1, 2, 5, 9, 10]);
    expect(positions(2, 9)).to.deep.equal([2, 5]);
    expect(positions(3)).to.deep.equal([5, 9, 10]);
    expect(positions(11)).to.deep.equal([]);
    expect([...current().readLog(9)].map(({ bytes }) => bytes.toString())).to.deep.equal(['record 9', '']);
  });

  it('commits a record together with a batch of any size', async () => {
    for (let position = 1; position <= 4; position += 1) {
      const large = Buffer.alloc(position * 1_500_000, position);
      await current().commit([put('rows', 1, large), put('rows', 2, 'x')], 'committed', record(position));
    }
    expect(positions()).to.deep.equal([1, 2, 3, 4]);
    expect(current().get('rows', 1)?.byteLength).to.equal(6_000_000);
  });

  it('takes changes one by one, while they are written, and all or nothing of them', async () => {
    function* many(count: number, then?: unknown): Generator<Change> {
      for (let key = 0; key < count; key += 1) yield put('rows', key, `many ${key}`);
      if (then !== undefined) throw then;
    }
    await current().commit([put('rows', 5, 'first')], 'committed', record(1), many(2_000));
    expect(current().get('rows', 5)?.toString()).to.equal('many 5');
    const error = await failureOf(() =>
      current().commit([put('meta', 'name', 'x')], 'committed', record(2), many(9, new Error('no more'))),
    );
    expect(error).to.have.property('code', 'JOURNAL_WRITE');
    expect(current().get('meta', 'name')).to.equal(undefined);
    expect(positions()).to.deep.equal([1]);
    await current().commit([], 'committed', record(2), many(0));
    expect(positions()).to.deep.equal([1, 2]);
    expect(keysOf(current(), 'rows')).to.have.length(2_000);
  });

  it('drops records only from the beginning, and none that may not go', async () => {
    for (let position = 1; position <= 50; position += 1) {
      await current().commit([put('rows', position, 'x'.repeat(30))], 'committed', record(position));
    }
    await current().dropLog(20);
    const left = positions();
    expect(left[0]).to.be.at.most(20);
    expect(left).to.deep.equal(Array.from({ length: 51 - left[0]! }, (_, index) => left[0]! + index));
    await current().commit([], 'committed', record(51));
    expect(positions(50)).to.deep.equal([50, 51]);
  });
}

function describeAtomicity(current: () => JournalStore): void {
  it('leaves nothing of a batch with an illegal key, and stays usable', async () => {
    const illegal: unknown[] = [-1, 1.5, Number.NaN, 2 ** 53, [1], [1, 2, 3], [1, -1], '', 'x'.repeat(1_025), null, {}];
    await current().commit([put('rows', 1, 'before')], 'committed');
    for (const key of illegal) {
      const error = await failureOf(() =>
        current().commit([put('rows', 1, 'after'), put('rows', 2, 'x'), put('rows', key as StoreKey, 'x')], 'flushed'),
      );
      expect(error, String(key)).to.have.property('code', 'JOURNAL_WRITE');
    }
    expect(await failureOf(() => current().commit([put('nowhere' as Table, 1, 'x')], 'committed'))).to.have.property(
      'code',
      'JOURNAL_WRITE',
    );
    expect(current().get('rows', 1)?.toString()).to.equal('before');
    expect(keysOf(current(), 'rows')).to.deep.equal([1]);
    await current().commit([put('rows', 2, 'works')], 'flushed');
    expect(current().get('rows', 2)?.toString()).to.equal('works');
  });

  it('refuses everything once it is closed, and closes twice in peace', async () => {
    await current().close();
    await current().close();
    expect(await failureOf(() => current().commit([put('rows', 1, 'x')], 'committed'))).to.have.property(
      'code',
      'JOURNAL_WRITE',
    );
    expect(await failureOf(() => current().get('rows', 1))).to.have.property('code', 'JOURNAL_WRITE');
    expect(await failureOf(() => [...current().scan('rows')])).to.have.property('code', 'JOURNAL_WRITE');
  });
}

/** What a call throws or rejects with; undefined when it succeeds. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

// The model: a Map whose keys are JSON, and a sort.

type Step =
  | { do: 'commit'; changes: { key: StoreKey; value: Uint8Array | null }[]; logBytes: number | null; flushed: boolean }
  | { do: 'dropLog'; share: number }
  | { do: 'removeRange'; from: number; to: number }
  | { do: 'settle' }
  | { do: 'reopen' };

const anyNumber = fc.nat({ max: 12 }).map((small) => (small > 9 ? small * 2 ** 31 : small));
const anyKey: fc.Arbitrary<StoreKey> = fc.oneof(anyNumber, fc.tuple(anyNumber, anyNumber));
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      changes: fc.array(fc.record({ key: anyKey, value: fc.option(fc.uint8Array({ maxLength: 40 })) }), {
        maxLength: 8,
      }),
      logBytes: fc.option(fc.nat({ max: 500 })),
      flushed: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('removeRange' as const), from: anyNumber, to: anyNumber }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('dropLog' as const), share: fc.integer({ min: 0, max: 10 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'settle' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
);

async function compareWithModel(under: StoreUnderTest, steps: readonly Step[]): Promise<void> {
  const model = new Map<string, { key: StoreKey; value: Uint8Array }>();
  let log: { position: number; bytes: Buffer }[] = [];
  let position = 0;
  let { store } = under;
  for (const step of steps) {
    if (step.do === 'commit') {
      for (const { key, value } of step.changes) {
        if (value === null) model.delete(JSON.stringify(key));
        else model.set(JSON.stringify(key), { key, value });
      }
      const changes = step.changes.map(({ key, value }) => ({
        table: 'mail' as const,
        key,
        value: value ?? undefined,
      }));
      const level = step.flushed ? 'flushed' : 'committed';
      if (step.logBytes === null) {
        await store.commit(changes, level);
      } else {
        position += 1 + (step.logBytes % 3);
        log.push({ position, bytes: Buffer.alloc(step.logBytes, position) });
        await store.commit(changes, level, log.at(-1));
      }
    } else if (step.do === 'dropLog') {
      const before = Math.floor((position * step.share) / 10);
      await store.dropLog(before);
      const first = [...store.readLog()][0]?.position ?? before;
      expect(first).to.be.at.most(log.find((record) => record.position >= before)?.position ?? before);
      log = log.filter((record) => record.position >= first);
    } else if (step.do === 'removeRange') {
      for (const [name, { key }] of model) if (isBetween(key, step.from, step.to)) model.delete(name);
      await store.removeRange('mail', step.from, step.to);
    } else if (step.do === 'settle') {
      under.settle?.(store);
    } else if (under.reopen !== undefined) {
      store = await under.reopen();
    }
    expect([...store.readLog()]).to.deep.equal(log);
    const expected = [...model.values()].sort((a, b) => compareTuples(tuple(a.key), tuple(b.key)));
    const actual = [...store.scan('mail')];
    expect(actual.map(({ key, value }) => [key, [...value]])).to.deep.equal(
      expected.map(({ key, value }) => [key, [...value]]),
    );
    for (const { key, value } of expected.slice(0, 3)) expect([...store.get('mail', key)!]).to.deep.equal([...value]);
  }
}

const tuple = (key: StoreKey): number[] => (typeof key === 'number' ? [key] : [...(key as readonly number[])]);

function compareTuples(a: number[], b: number[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    if (a[index] !== b[index]) return a[index]! - b[index]!;
  }
  return a.length - b.length;
}

const isBetween = (key: StoreKey, from: number, to: number): boolean =>
  compareTuples(tuple(key), [from]) >= 0 && compareTuples(tuple(key), [to]) < 0;
