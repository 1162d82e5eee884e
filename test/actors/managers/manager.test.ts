/** What all managers have in common, and what each refuses. */
import { expect } from 'chai';
import { manager, pile, type PileEvents } from '../../../actors/index.js';
import type { TroupeError } from '../../../src/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { log, talk, tools } from './fixtures/branches.js';

const tool = (name: string): unknown => ({ name, description: `does ${name}`, input: { type: 'object' } });

for (const { definition, order, good, bad, view } of [
  {
    definition: talk,
    order: 'said',
    good: [
      { role: 'user', text: 'one' },
      { role: 'assistant', text: 'two', toolCalls: [] },
      { role: 'user', text: 'three' },
    ],
    bad: [{ role: 'king', text: 'a' }, { role: 'user' }, 'hello', null],
    view: { filter: 'user', shows: [0, 2] },
  },
  {
    definition: log,
    order: 'logged',
    good: [
      { level: 'info', text: 'one' },
      { level: 'error', text: 'two', data: { a: 1 } },
      { level: 'warn', text: 'three' },
    ],
    bad: [{ level: 'loud', text: 'a' }, { level: 'info', text: 7 }, undefined],
    view: { filter: 'warnings', shows: [1, 2] },
  },
  {
    definition: tools,
    order: 'offered',
    good: [tool('read'), tool('write'), tool('list')],
    bad: [{ name: 'a', description: 'b' }, { name: 7, description: 'b', input: {} }, {}],
    view: undefined,
  },
]) {
  describe(`the manager ${definition.name}`, () => {
    const systems = useSystems();

    it('is a pile with its progression, behind one face', async () => {
      const system = await systems.oneThread();
      await system.spawn(definition as never, { id: 'it' } as never);
      const face = manager(system.get<PileEvents<unknown>>('/it'), system.clock);
      for (const [n, value] of good.entries()) {
        await system.advance(1);
        expect(await face.add(value, { id: `n${n}` })).to.deep.include({
          id: `n${n}`,
          time: system.clock.now(),
          value,
        });
      }
      expect([await face.size(), await face.has('n1'), (await face.get('n1'))?.value]).to.deep.equal([
        3,
        true,
        good[1],
      ]);
      await face.order(order).move('n2', 'start');
      const ordered = async (): Promise<string[]> => {
        const found: string[] = [];
        for await (const { id } of face.order(order).all({ limit: 2 })) found.push(id);
        return found;
      };
      expect(await ordered()).to.deep.equal(['n2', 'n0', 'n1']);
      expect(await face.remove('n0')).to.equal(true);
      expect(await ordered()).to.deep.equal(['n2', 'n1']);
      expect((await face.page()).elements.map(({ id }) => id)).to.deep.equal(['n1', 'n2']);
      expect(await face.clear()).to.equal(2);
      expect([await face.size(), await ordered()]).to.deep.equal([0, []]);
    });

    it('refuses what it is not for', async () => {
      const system = await systems.oneThread();
      await system.spawn(definition as never, { id: 'it' } as never);
      const face = manager(system.get<PileEvents<unknown>>('/it'), system.clock);
      for (const value of bad) {
        expect((await rejection(face.add(value))).code, JSON.stringify(value)).to.equal('ELEMENT_INVALID');
      }
      expect([await face.size(), systems.heard('actorFailed')]).to.deep.equal([0, []]);
    });

    if (view !== undefined) {
      it('has views', async () => {
        const system = await systems.oneThread();
        await system.spawn(definition as never, { id: 'it' } as never);
        const face = manager(system.get<PileEvents<unknown>>('/it'), system.clock);
        for (const value of good) await face.add(value);
        const { elements } = await face.order(order).page({ where: { filter: view.filter } });
        expect(elements.map(({ value }) => value)).to.deep.equal(view.shows.map((n) => good[n]));
      });
    }
  });
}

describe('a pile is refused', () => {
  for (const [options, field] of [
    [{ elementsMax: 0 }, 'elementsMax'],
    [{ pageElements: 65 }, 'pageElements'],
    [{ orders: { 'a b': 'arrival' } }, 'orders.a b'],
    [{ orders: { a: 'random' } }, 'orders.a'],
    [{ filters: { a: 1 } }, 'filters.a'],
    [{ schema: {} }, 'schema'],
    [{ durability: 'none' }, 'durability'],
    [{ element: 1 }, 'element'],
  ] as const) {
    it(`with ${JSON.stringify(options)}`, () => {
      let thrown: TroupeError | undefined;
      try {
        pile(import.meta, 'm.bad', options as object);
      } catch (error) {
        thrown = error as TroupeError;
      }
      expect(thrown?.field).to.equal(field);
      expect(thrown?.code).to.match(/^OPTION_/);
    });
  }
});
