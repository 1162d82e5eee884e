/** Many at once: whoever writes, removes, empties and forks, a pile and its forks agree with themselves. */
import { expect } from 'chai';
import fc from 'fast-check';
import { element, manager, type Manager, type PileEvents, type PileSeed } from '../../../actors/index.js';
import type { TroupeError } from '../../../src/index.js';
import { TestClock } from '../../../src/testing/index.js';
import { useSystems } from '../../helpers/with-system.js';
import { things } from './fixtures/branches.js';

const id = fc.nat(12).map((n) => `n${n}`);
type Deed = { do: 'put'; id: string; value: number } | { do: 'remove' | 'move'; id: string } | { do: 'fork' | 'clear' };
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('put' as const), id, value: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('remove' as const, 'move' as const), id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('fork' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear' as const) }) },
);
/** Deeds of a round are begun at once, each at one of the piles there are. */
const rounds = fc.array(fc.array(fc.tuple(deed, fc.nat(3)), { minLength: 1, maxLength: 25 }), {
  minLength: 1,
  maxLength: 4,
});

describe('piles and forks, under many at once', function () {
  this.timeout(60_000);
  const systems = useSystems();
  const clock = new TestClock();

  /** Its elements, as each of its parts has them. */
  const views = async (face: Manager<unknown>): Promise<string> => {
    const { elements } = await face.page({ limit: 1_000 });
    const ids = elements.map((each) => each.id);
    const ordered = (await face.order('kept').page({ limit: 1_000 })).elements.map((each) => each.id);
    const has: string[] = [];
    for (let n = 0; n < 13; n += 1) if (await face.has(`n${n}`)) has.push(`n${n}`);
    expect(new Set(ids).size, 'each once').to.equal(ids.length);
    expect(await face.size(), 'size').to.equal(ids.length);
    expect(has.toSorted(), 'index and pages').to.deep.equal(ids.toSorted());
    expect(ordered.toSorted(), 'progression and pages').to.deep.equal(ids.toSorted());
    expect(await face.order('kept').length(), 'length').to.equal(ids.length);
    for (const each of elements) expect(await face.get(each.id)).to.deep.equal(each);
    return JSON.stringify([elements, ordered]);
  };

  /** Begin a deed; what it comes to. Seeds of forks are kept. */
  const begin = (face: Manager<unknown>, each: Deed, seeds: Promise<PileSeed>[]): Promise<unknown> => {
    if (each.do === 'put') return face.put(element<unknown>(each.value, { id: each.id, clock }));
    if (each.do === 'remove') return face.remove(each.id);
    if (each.do === 'move') return face.order('kept').move(each.id, 'start');
    if (each.do === 'clear') return face.clear();
    const seed = face.ref.ask({ type: 'fork' });
    seeds.push(seed);
    return seed;
  };

  it('agree with themselves, and forks see nothing of what comes later', async () => {
    await fc.assert(
      fc.asyncProperty(rounds, fc.nat(10_000), fc.constantFrom(1, 64), async (all, chance, roundsPerTurn) => {
        await systems.stopAll();
        const system = await systems.oneThread({ seed: chance, roundsPerTurn, hosts: 3 });
        const faces = [manager<unknown>(await system.spawn(things, { id: 'p0' }), clock)];
        for (const round of all) {
          const seeds: Promise<PileSeed>[] = [];
          const acts = round.map(([each, which]) => begin(faces[which % faces.length]!, each, seeds));
          const expected = ['PILE_CONFLICT', 'PROGRESSION_UNKNOWN'];
          const settle = (error: TroupeError): void => expect(expected).to.include(error.code) as never;
          await Promise.all(acts.map((act) => act.then(undefined, settle)));
          await system.settle();
          const forks: [Manager<unknown>, string][] = [];
          for (const input of seeds) {
            await system.spawn(things, { id: `p${faces.length}`, input: await input });
            const face = manager(system.get<PileEvents<unknown>>(`/p${faces.length}`), clock);
            faces.push(face);
            forks.push([face, await views(face)]);
          }
          for (const face of faces) await views(face);
          // What the others do now is not seen by the forks of this round.
          for (const face of faces.slice(0, faces.length - forks.length)) await face.clear();
          for (const [face, was] of forks) expect(await views(face)).to.equal(was);
        }
        expect(systems.heard('actorFailed')).to.deep.equal([]);
        expect(await system.deadLetters()).to.deep.equal([]);
      }),
      { numRuns: 40 },
    );
  });
});
