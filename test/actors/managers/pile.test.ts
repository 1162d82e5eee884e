import { expect } from 'chai';
import { element, type Element, idMaker, type PageQuery, type PileEvents } from '../../../actors/index.js';
import type { ActorRef, TroupeError } from '../../../src/index.js';
import { seededRandom } from '../../../src/core/random.js';
import { type TestSystem, TestClock } from '../../../src/testing/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { few, type Note, notes, sheets } from './fixtures/piles.js';

describe('a pile', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<PileEvents<Note>>;
  const clock = new TestClock();
  const makeId = idMaker(seededRandom(1));
  const note = (text: string, id?: string): Element<Note> => element({ text }, { id, clock, makeId });
  const put = (each: Element<Note>): Promise<{ id: string; added: boolean }> => ref.ask({ type: 'put', element: each });
  const texts = async (query: PageQuery = {}): Promise<string> =>
    (await ref.ask({ type: 'page', ...query })).elements.map(({ value }) => value.text).join(' ');
  const codeOf = async (made: Promise<unknown>): Promise<string | undefined> => (await rejection(made)).code;
  const failures = (): unknown[] => systems.heard('actorFailed');

  beforeEach(async () => {
    system = await systems.oneThread({ seed: 1 });
    ref = await system.spawn(notes, { id: 'notes' });
  });

  it('puts, gets, has, removes and counts', async () => {
    const [a, b] = [note('a'), note('b')];
    expect(await put(a)).to.deep.equal({ id: a.id, added: true });
    await put(b);
    expect(await ref.ask({ type: 'get', id: a.id })).to.deep.equal(a);
    expect(await ref.ask({ type: 'get', id: 'nobody' })).to.equal(undefined);
    expect([await ref.ask({ type: 'has', id: b.id }), await ref.ask({ type: 'has', id: 'c' })]).to.deep.equal([
      true,
      false,
    ]);
    expect(await ref.ask({ type: 'size' })).to.equal(2);
    expect([await ref.ask({ type: 'remove', id: a.id }), await ref.ask({ type: 'remove', id: a.id })]).to.deep.equal([
      true,
      false,
    ]);
    expect([await ref.ask({ type: 'size' }), await texts()]).to.deep.equal([1, 'b']);
    expect(failures()).to.deep.equal([]);
  });

  it('takes the same element again, and refuses another one with its id', async () => {
    await put(note('a', 'one'));
    clock.advance(10);
    expect(await put(note('a', 'one'))).to.deep.equal({ id: 'one', added: false });
    const refused = (await rejection(put(note('b', 'one')))) as TroupeError;
    expect([refused.code, refused.field, refused.value]).to.deep.equal(['PILE_CONFLICT', 'element.id', 'one']);
    expect(await texts()).to.equal('a');
    await ref.ask({ type: 'remove', id: 'one' });
    expect(await put(note('b', 'one'))).to.deep.equal({ id: 'one', added: true });
    expect([await texts(), await ref.ask({ type: 'size' })]).to.deep.equal(['b', 1]);
  });

  it('is bounded, also when many put at once, and takes what it has when it is full', async () => {
    ref = await system.spawn(few, { id: 'few' });
    const made = Array.from({ length: 12 }, (_, n) => note(`${n}`, `n${n}`));
    const outcomes = await Promise.all(
      made.map((each) =>
        put(each).then(
          () => 'in',
          (error: TroupeError) => error.code,
        ),
      ),
    );
    expect(outcomes.filter((each) => each === 'in')).to.have.length(5);
    expect(outcomes.filter((each) => each === 'PILE_FULL')).to.have.length(7);
    expect(await ref.ask({ type: 'size' })).to.equal(5);
    expect(await put(note('0', 'n0'))).to.deep.equal({ id: 'n0', added: false });
    expect(await codeOf(put(note('x', 'n1')))).to.equal('PILE_CONFLICT');
    expect(await codeOf(put(note('x', 'x')))).to.equal('PILE_FULL');
    await ref.ask({ type: 'remove', id: 'n3' });
    expect((await put(note('x', 'x'))).added).to.equal(true);
    expect(await codeOf(put(note('y', 'y')))).to.equal('PILE_FULL');
  });

  it('is paged in the order of arrival, as far as it goes', async () => {
    for (let n = 0; n < 50; n += 1) await put(note(`${n}`, `n${n}`));
    for (let n = 0; n < 50; n += 3) await ref.ask({ type: 'remove', id: `n${n}` });
    const seen: string[] = [];
    let from: number | undefined = 0;
    while (from !== undefined) {
      const page: Awaited<ReturnType<typeof ref.ask<PileEvents<Note>, 'page'>>> = await ref.ask({
        type: 'page',
        from,
        limit: 7,
      });
      expect(page.elements.length).to.be.lessThan(8);
      seen.push(...page.elements.map(({ id }) => id));
      from = page.next;
    }
    expect(seen).to.deep.equal(Array.from({ length: 50 }, (_, n) => `n${n}`).filter((_, n) => n % 3 !== 0));
  });

  it('keeps the order of what is put without waiting, also where arrivals are arranged', async () => {
    const made = Array.from({ length: 200 }, (_, n) => note(`${n}`, `n${n}`));
    await Promise.all(made.map(put));
    for (const query of [{}, { order: 'said' }]) {
      const { elements } = await ref.ask({ type: 'page', limit: 1_000, ...query });
      expect(elements).to.deep.equal(made);
    }
  });

  it('finds what it has while its index grows', async () => {
    const old = Array.from({ length: 100 }, (_, n) => note('a', `old${n}`));
    await Promise.all(old.map(put));
    for (let round = 0; round < 10; round += 1) {
      const mixed = old.flatMap((each, n) => [note('a', `new${round}-${n}`), each]);
      const outcomes = await Promise.all(mixed.map(put));
      expect(outcomes.map(({ added }) => added)).to.deep.equal(mixed.map((_, n) => n % 2 === 0));
    }
    expect(await ref.ask({ type: 'size' })).to.equal(1_100);
  });

  it('gives a number back only while nothing refers to it', async () => {
    await ref.ask({ type: 'fork' });
    await put(note('a', 'a'));
    await Promise.all([put(note('a', 'a')), ref.ask({ type: 'remove', id: 'a' })]);
    const fork = await system.spawn(notes, { id: 'fork', input: await ref.ask({ type: 'fork' }) });
    expect(await fork.ask({ type: 'has', id: 'a' })).to.equal(false);
  });

  it('shows views: by a filter of its definition, by time, by metadata', async () => {
    for (const text of ['a', 'long', 'b', 'longer']) {
      clock.advance(10);
      await put(element({ text }, { clock, makeId, metadata: { by: { name: text.length > 1 ? 'ada' : 'bob' } } }));
    }
    const now = clock.now();
    expect(await texts({ where: { filter: 'short' } })).to.equal('a b');
    expect(await texts({ where: { since: now - 20, until: now } })).to.equal('long b');
    expect(await texts({ where: { metadata: { by: { name: 'ada' } } } })).to.equal('long longer');
    expect(await texts({ where: { metadata: { by: { name: 'ada' } }, filter: 'short' } })).to.equal('');
  });

  it('is emptied, and goes on', async () => {
    for (let n = 0; n < 40; n += 1) await put(note(`${n}`, `n${n}`));
    const late = Promise.all([put(note('x', 'x')), ref.ask({ type: 'clear' }), put(note('y', 'y'))]);
    expect((await late)[1]).to.equal(40);
    expect([await ref.ask({ type: 'size' }), await texts(), await texts({ order: 'said' })]).to.deep.equal([
      1,
      'y',
      'y',
    ]);
    expect(await ref.ask({ type: 'has', id: 'n3' })).to.equal(false);
    await put(note('z', 'n3'));
    expect(await texts()).to.equal('y z');
  });

  it('is as it was when the process comes back', async () => {
    for (let n = 0; n < 60; n += 1) await put(note(`${n}`, `n${n}`));
    await ref.ask({ type: 'remove', id: 'n7' });
    system = await systems.oneThread({ seed: 2, store: system.crash('powerCut'), clock: system.clock, hosts: 3 });
    ref = system.get('/notes');
    expect(await ref.ask({ type: 'size' })).to.equal(59);
    expect((await texts()).split(' ')).to.have.length(59);
    expect((await put(note('8', 'n8'))).added).to.equal(false);
    expect(await ref.ask({ type: 'length', order: 'said' })).to.equal(59);
  });

  it('is typed', () => {
    const check = async (): Promise<void> => {
      // @ts-expect-error another value
      await ref.ask({ type: 'put', element: element({ text: 7 }, { clock }) });
      // @ts-expect-error a request it does not know
      await ref.ask({ type: 'take', id: 'a' });
      const found = await ref.ask({ type: 'get', id: 'a' });
      // @ts-expect-error it may be undefined
      const text: string = found.value.text;
      expect(text).to.equal('');
    };
    expect(check).to.be.a('function');
  });

  it('takes ids of every kind', async () => {
    const ids = ['__proto__', 'constructor', '7', 'é', '😀', ' ', '../x', 'x'.repeat(128)];
    for (const id of ids) await put(note('a', id));
    system = await systems.oneThread({ seed: 2, store: system.crash('kill'), clock: system.clock });
    ref = system.get('/notes');
    for (const id of ids) expect(await ref.ask({ type: 'has', id }), id).to.equal(true);
    expect((await ref.ask({ type: 'page' })).elements.map(({ id }) => id)).to.deep.equal(ids);
    for (const id of ids) expect(await ref.ask({ type: 'remove', id }), id).to.equal(true);
    expect(await ref.ask({ type: 'size' })).to.equal(0);
  });

  it('holds large values, each on a page of its own if it is told to', async () => {
    ref = await system.spawn(sheets, { id: 'sheets' });
    const large = 'x'.repeat(100_000);
    for (let n = 0; n < 20; n += 1) await put(note(large, `n${n}`));
    expect((await ref.ask({ type: 'page' })).elements).to.have.length(20);
  });

  describe('refuses at the door, and nothing is harmed', () => {
    const good = (): Record<string, unknown> => ({ ...note('a', 'a') });
    for (const [what, given, field] of [
      ['no element', () => undefined, 'element'],
      ['a text', () => 'element', 'element'],
      ['an id that is none', () => ({ ...good(), id: 7 }), 'element.id'],
      ['an empty id', () => ({ ...good(), id: '' }), 'element.id'],
      ['a long id', () => ({ ...good(), id: 'x'.repeat(129) }), 'element.id'],
      ['no time', () => ({ ...good(), time: Number.NaN }), 'element.time'],
      ['metadata that are a list', () => ({ ...good(), metadata: [] }), 'element.metadata'],
      ['no value', () => ({ id: 'a', time: 1, metadata: {} }), 'element.value'],
      ['a value against the schema', () => ({ ...good(), value: { text: 7 } }), 'element.value.text'],
      ['a schema that throws', () => ({ ...good(), value: { text: 'throw' } }), 'element.value'],
      ['a schema that answers later', () => ({ ...good(), value: { text: 'late' } }), 'schema'],
    ] as const) {
      it(what, async () => {
        await put(note('b', 'b'));
        const refused = (await rejection(put(given() as never))) as TroupeError;
        expect([refused.code, refused.field]).to.deep.equal(['ELEMENT_INVALID', field]);
        expect([await texts(), await ref.ask({ type: 'size' })]).to.deep.equal(['b', 1]);
        expect(failures()).to.deep.equal([]);
      });
    }

    for (const [query, field] of [
      [{ limit: 0 }, 'limit'],
      [{ from: -1 }, 'from'],
      [{ order: 'none' }, 'order'],
      [{ where: { filter: 'none' } }, 'where.filter'],
      [{ where: { sinse: 1 } }, 'where.sinse'],
      [{ reverse: true }, 'reverse'],
    ] as const) {
      it(`a page of ${JSON.stringify(query)}`, async () => {
        const refused = (await rejection(ref.ask({ type: 'page', ...query } as never))) as TroupeError;
        expect(refused.code).to.match(/^OPTION_/);
        expect(refused.field).to.equal(field);
        expect(failures()).to.deep.equal([]);
      });
    }

    it('an id that is none, and requests that are told', async () => {
      expect(await codeOf(ref.ask({ type: 'get', id: 7 } as never))).to.equal('ELEMENT_INVALID');
      for (const type of ['get', 'has', 'remove', 'put', 'place', 'displace', 'position']) {
        await ref.tell({ type } as never);
      }
      await ref.tell({ type: 'put', element: note('told', 'told') });
      for (const type of ['size', 'clear', 'page', 'fork', 'descent', 'removals', 'length', 'nonsense']) {
        await ref.tell({ type } as never);
      }
      await system.settle();
      expect(failures()).to.deep.equal([]);
    });
  });
});
