/** Progressions: against an array, in random order, with crashes; and what is refused. */
import { expect } from 'chai';
import fc from 'fast-check';
import { element, manager, type Manager, type PileEvents } from '../../../actors/index.js';
import type { TroupeError } from '../../../src/index.js';
import { TestClock } from '../../../src/testing/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { type Note, notes } from './fixtures/piles.js';

type Arranging =
  | { do: 'put' | 'remove' | 'append' | 'start' | 'end' | 'displace'; id: number }
  | { do: 'before' | 'after'; id: number; other: number };
type Whole = { do: 'clear' } | { do: 'crash' };
type Step = Arranging | Whole;

const id = fc.nat(9);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), id }) },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constantFrom('remove', 'append', 'start', 'end', 'displace' as const), id }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('before' as const, 'after' as const), id, other: id }) },
    { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'clear' }, { do: 'crash' }) },
  ),
  { minLength: 5, maxLength: 40 },
);

/** What a pile with two progressions is: three lists of ids. */
class Model {
  pile: string[] = [];
  said: string[] = [];
  read: string[] = [];

  /** Returns what the request is answered with: a value, or a code. */
  do(step: Step): unknown {
    if (!('id' in step)) {
      const { length } = this.pile;
      if (step.do === 'clear') [this.pile, this.said, this.read] = [[], [], []];
      return length;
    }
    const name = `n${step.id}`;
    const isThere = this.pile.includes(name);
    if (step.do === 'put') {
      if (!isThere) for (const list of [this.pile, this.said]) list.push(name);
      return !isThere;
    }
    if (step.do === 'remove') {
      const rest = (list: string[]): string[] => list.filter((each) => each !== name);
      [this.pile, this.said, this.read] = [rest(this.pile), rest(this.said), rest(this.read)];
      return isThere;
    }
    return this.arrange(step, name, isThere);
  }

  private arrange(step: Arranging, name: string, isThere: boolean): unknown {
    const wasIn = this.read.includes(name);
    const other = 'other' in step ? `n${step.other}` : undefined;
    if (other !== undefined && !this.pile.includes(other)) return 'PROGRESSION_UNKNOWN';
    if (!isThere) return 'PROGRESSION_UNKNOWN';
    if (step.do === 'append' && wasIn) return false;
    if (step.do === 'displace') {
      this.read = this.read.filter((each) => each !== name);
      return wasIn;
    }
    if (other === name) return false;
    const rest = this.read.filter((each) => each !== name);
    const beside = other === undefined ? -1 : rest.indexOf(other);
    if (other !== undefined && beside < 0) return 'PROGRESSION_UNKNOWN';
    const index = { before: beside, after: beside + 1, start: 0, end: rest.length, append: rest.length }[
      step.do as 'end'
    ];
    rest.splice(index, 0, name);
    this.read = rest;
    return true;
  }
}

/** The same, of the real one. */
async function act(face: Manager<Note>, step: Step, clock: TestClock): Promise<unknown> {
  const read = face.order('read');
  const name = 'id' in step ? `n${step.id}` : '';
  const other = 'other' in step ? `n${step.other}` : '';
  switch (step.do) {
    case 'put':
      return (await face.put(element({ text: name }, { id: name, clock }))).added;
    case 'remove':
      return face.remove(name);
    case 'append':
      return read.append(name);
    case 'start':
    case 'end':
      return read.move(name, step.do);
    case 'displace':
      return read.remove(name);
    case 'before':
      return read.insertBefore(name, other);
    case 'after':
      return read.insertAfter(name, other);
    case 'clear':
      return face.clear();
    case 'crash':
      return face.size();
  }
}

describe('progressions', () => {
  const systems = useSystems();
  const clock = new TestClock();

  const idsOf = async (face: Manager<Note>, order?: string, reverse = false): Promise<string[]> => {
    const found: string[] = [];
    const query = reverse ? { limit: 3, reverse } : { limit: 3 };
    const all = order === undefined ? face.all({ limit: 3 }) : face.order(order).all(query);
    for await (const each of all) found.push(each.id);
    return found;
  };

  it('are as arrays would be, whatever is done, and again after a crash', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(1_000), async (doings, seed) => {
        await systems.stopAll();
        let system = await systems.oneThread({ seed });
        let face = manager(await system.spawn(notes, { id: 'notes' }), clock);
        const model = new Model();
        for (const step of doings) {
          if (step.do === 'crash') {
            system = await systems.oneThread({ seed, store: system.crash('kill'), clock: system.clock });
            face = manager(system.get<PileEvents<Note>>('/notes'), clock);
          }
          const expected = model.do(step);
          const was = await act(face, step, clock).catch((error: TroupeError) => error.code);
          expect(was, JSON.stringify(step)).to.equal(expected);
        }
        expect(await idsOf(face)).to.deep.equal(model.pile);
        expect(await idsOf(face, 'said')).to.deep.equal(model.said);
        expect(await idsOf(face, 'read')).to.deep.equal(model.read);
        expect(await idsOf(face, 'read', true)).to.deep.equal(model.read.toReversed());
        expect([await face.size(), await face.order('read').length()]).to.deep.equal([
          model.pile.length,
          model.read.length,
        ]);
        for (const each of model.pile) {
          const index = model.read.indexOf(each);
          expect(await face.order('read').position(each)).to.equal(index < 0 ? undefined : index);
        }
        expect(systems.heard('actorFailed')).to.deep.equal([]);
      }),
      { numRuns: 40 },
    );
  }).timeout(60_000);

  it('show views of themselves', async () => {
    const system = await systems.oneThread();
    const face = manager(await system.spawn(notes, { id: 'notes' }), clock);
    for (const text of ['a', 'long', 'b', 'longer', 'c']) await face.add({ text }, { id: text });
    for (const text of ['c', 'longer', 'a', 'long']) await face.order('read').append(text);
    const { elements } = await face.order('read').page({ where: { filter: 'short' }, reverse: true });
    expect(elements.map(({ id: each }) => each)).to.deep.equal(['a', 'c']);
    await face.remove('a');
    expect(await idsOf(face, 'read')).to.deep.equal(['c', 'longer', 'long']);
    expect(await idsOf(face, 'said')).to.deep.equal(['long', 'b', 'longer', 'c']);
  });

  it('refuse what the pile has not, and places that are none', async () => {
    const system = await systems.oneThread();
    const face = manager(await system.spawn(notes, { id: 'notes' }), clock);
    await face.add({ text: 'a' }, { id: 'a' });
    await face.add({ text: 'b' }, { id: 'b' });
    const read = face.order('read');
    const refusal = async (made: Promise<unknown>): Promise<unknown[]> => {
      const { code, field, value } = (await rejection(made)) as TroupeError;
      return [code, field, value];
    };
    expect(await refusal(read.append('c'))).to.deep.equal(['PROGRESSION_UNKNOWN', 'id', 'c']);
    expect(await refusal(read.insertBefore('a', 'c'))).to.deep.equal(['PROGRESSION_UNKNOWN', 'id', 'c']);
    expect((await refusal(read.insertBefore('a', 'b'))).slice(0, 2)).to.deep.equal([
      'PROGRESSION_UNKNOWN',
      'at.before',
    ]);
    expect(await refusal(read.position('c'))).to.deep.equal(['PROGRESSION_UNKNOWN', 'id', 'c']);
    expect((await refusal(face.order('none').append('a'))).slice(0, 2)).to.deep.equal(['OPTION_RANGE', 'order']);
    for (const at of [undefined, 'middle', {}, { before: 1 }, { before: 'a', after: 'b' }]) {
      const asked = face.ref.ask({ type: 'place', order: 'read', id: 'a', at: at as never, move: true });
      expect((await refusal(asked)).slice(0, 2)).to.deep.equal(['OPTION_RANGE', 'at']);
    }
    expect(await read.length()).to.equal(0);
    expect(systems.heard('actorFailed')).to.deep.equal([]);
  });
});
