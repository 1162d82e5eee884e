import { expect } from 'chai';
import fc from 'fast-check';
import { type Episode, type EpisodicEvents, episodicMemory, type RecallQuery } from '../../../actors/index.js';
import type { ActorRef, TroupeError } from '../../../src/index.js';
import type { TestSystem } from '../../../src/testing/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { chronicle, diary } from './fixtures/memories.js';

describe('episodic memory', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<EpisodicEvents<string>>;
  const begin = async (seed = 1): Promise<void> => {
    system = await systems.oneThread({ seed });
    ref = await system.spawn(diary, { id: 'diary' });
  };
  const remember = (what: string, actor?: string): Promise<{ n: number; time: number }> =>
    ref.ask(actor === undefined ? { type: 'remember', what } : { type: 'remember', what, actor });
  /** All of it, page by page. */
  const recall = async (query: RecallQuery = {}): Promise<Episode<string>[]> => {
    const found: Episode<string>[] = [];
    let before = query.before;
    for (;;) {
      const page = before === undefined ? query : { ...query, before };
      const { episodes, next } = await ref.ask({ type: 'recall', ...page });
      expect(episodes.length).to.be.at.most(query.limit ?? 20);
      found.push(...episodes);
      if (next === undefined) return found;
      before = next;
    }
  };

  it('recalls the newest first, by actor and by time, from its state and from its volumes', async () => {
    await begin();
    const times: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      await system.advance(10);
      times.push((await remember(`e${n}`, n % 3 === 0 ? '/ada' : '/bob')).time);
    }
    expect(await ref.ask({ type: 'count' })).to.deep.equal({ episodes: 30, recent: 6 });
    expect((await ref.ask({ type: 'recall', limit: 2 })).episodes.map(({ what }) => what)).to.deep.equal([
      'e29',
      'e28',
    ]);
    const all = await recall({ limit: 7 });
    expect(all.map(({ n }) => n)).to.deep.equal(Array.from({ length: 30 }, (_, n) => 29 - n));
    expect(all[29]).to.deep.equal({ n: 0, time: times[0], actor: '/ada', what: 'e0' });
    const adas = await recall({ actor: '/ada', since: times[5]!, until: times[20]!, limit: 2 });
    expect(adas.map(({ n }) => n)).to.deep.equal([18, 15, 12, 9, 6]);
    expect(await recall({ actor: '/nobody' })).to.deep.equal([]);
    expect(await recall({ until: times[0]! })).to.deep.equal([]);
  });

  it('goes straight to the volume of a time, however many there are', async () => {
    await begin();
    for (let n = 0; n < 400; n += 1) {
      await system.advance(1);
      await remember(`e${n}`);
    }
    const { n, time } = (await ref.ask({ type: 'recall', limit: 1, before: 41 })).episodes[0]!;
    expect(n).to.equal(40);
    const consumed = async (): Promise<number> => ((await system.stats()).journal as { seq: number }).seq;
    const before = await consumed();
    expect((await ref.ask({ type: 'recall', until: time + 1, limit: 2 })).episodes.map((each) => each.n)).to.deep.equal(
      [40, 39],
    );
    expect((await consumed()) - before, 'messages').to.be.lessThan(16);
  });

  it('is as a list would be, whatever is asked, and the same after a crash', async () => {
    const step = fc.record({ actor: fc.constantFrom('/a', '/b', ''), ms: fc.nat(3), crash: fc.nat(12) });
    const query = fc.record(
      {
        actor: fc.constantFrom('/a', '/b'),
        since: fc.nat(40),
        until: fc.nat(60),
        limit: fc.integer({ min: 1, max: 9 }),
        before: fc.nat(40),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.array(query, { minLength: 3, maxLength: 6 }),
        fc.nat(100),
        async (steps, queries, seed) => {
          await systems.stopAll();
          await begin(seed);
          const start = system.clock.now();
          const model: Episode<string>[] = [];
          for (const [n, { actor, ms, crash }] of steps.entries()) {
            await system.advance(ms);
            await remember(`e${n}`, actor);
            model.unshift({ n, time: system.clock.now(), actor, what: `e${n}` });
            if (crash > 0) continue;
            system = await systems.oneThread({ seed, store: system.crash('kill'), clock: system.clock });
            ref = system.get('/diary');
          }
          for (const { since, until, ...rest } of queries) {
            const times = {
              ...(since === undefined ? {} : { since: start + since }),
              ...(until === undefined ? {} : { until: start + until }),
            };
            const isWanted = ({ n, time, actor }: Episode<string>): boolean =>
              (rest.actor === undefined || actor === rest.actor) &&
              n < (rest.before ?? Infinity) &&
              time >= (times.since ?? 0) &&
              time < (times.until ?? Infinity);
            expect(await recall({ ...rest, ...times })).to.deep.equal(model.filter(isWanted));
          }
          expect(systems.heard('actorFailed')).to.deep.equal([]);
        },
      ),
      { numRuns: 40 },
    );
  }).timeout(60_000);

  it('keeps its order when the clock goes back', async () => {
    await begin();
    const first = await remember('a');
    system.clock.set(first.time - 10_000);
    expect((await remember('b')).time).to.equal(first.time);
  });

  it('writes as much for the last of many as for the first', async () => {
    await begin();
    ref = await system.spawn(chronicle, { id: 'chronicle' });
    /** Of so many that volumes are among them. */
    const bytesPer = async (count: number): Promise<number> => {
      const bytes = async (): Promise<number> => (await system.stats()).journal.bytes!;
      const before = await bytes();
      for (let n = 0; n < count; n += 1) await remember('x'.repeat(50));
      return ((await bytes()) - before) / count;
    };
    await bytesPer(84);
    const [early] = [await bytesPer(128), await bytesPer(1_000)];
    expect(await bytesPer(128)).to.be.lessThan(early * 1.05);
  }).timeout(60_000);

  it('refuses at the door, and nothing is harmed', async () => {
    await begin();
    await remember('a');
    for (const [asked, field] of [
      [{ type: 'recall', limit: 0 }, 'limit'],
      [{ type: 'recall', since: 'then' }, 'since'],
      [{ type: 'recall', befor: 1 }, 'befor'],
      [{ type: 'recall', actor: 7 }, 'actor'],
      [{ type: 'remember', what: 'b', actor: 7 }, 'actor'],
      [{ type: 'remember' }, 'what'],
    ] as const) {
      const refused = (await rejection(ref.ask(asked as never))) as TroupeError;
      expect(refused.code).to.match(/^OPTION_/);
      expect(refused.field).to.equal(field);
    }
    for (const type of ['remember', 'recall', 'count', 'nonsense']) await ref.tell({ type } as never);
    await system.settle();
    expect((await recall()).map(({ what }) => what)).to.deep.equal(['a']);
    expect(systems.heard('actorFailed')).to.deep.equal([]);
    expect(() => episodicMemory(import.meta, 'e.bad', { recent: 0 }))
      .to.throw()
      .with.property('field', 'recent');
  });
});
