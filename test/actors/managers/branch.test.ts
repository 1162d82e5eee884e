/** Branches: forks and merges in random order against maps, and what is refused. */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type BranchEvents,
  element,
  type Element,
  manager,
  type Manager,
  type MergeReport,
  type PileEvents,
} from '../../../actors/index.js';
import type { ActorRef, TroupeError } from '../../../src/index.js';
import { TestClock, type TestSystem } from '../../../src/testing/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { session, shelf } from './fixtures/branches.js';

/** `branch`, `from`: which of those there are, modulo their number. */
type Step =
  | { do: 'put'; branch: number; id: number; value: number }
  | { do: 'remove'; branch: number; id: number }
  | { do: 'fork' | 'merge' | 'mergeTwice' | 'clear'; branch: number }
  | { do: 'crash' };

const branchOf = fc.nat(3);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constant('put' as const), branch: branchOf, id: fc.nat(6), value: fc.nat(2) }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), branch: branchOf, id: fc.nat(6) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('fork', 'fork', 'merge', 'mergeTwice', 'clear' as const),
        branch: branchOf,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  ),
  { minLength: 5, maxLength: 40 },
);

type Things = Map<string, number>;

/** A branch as a map; `begun`: what the fork began with. */
interface Plain {
  now: Things;
  begun: Things;
  parent: number | undefined;
}

/** The same as `merge.ts`, of maps. */
function mergePlain(from: Plain, into: Plain): Omit<MergeReport, 'conflicts'> & { conflicts: string[] } {
  const report = { added: 0, removed: 0, conflicts: [] as string[] };
  for (const [id, was] of from.begun) {
    const [theirs, ours] = [from.now.get(id), into.now.get(id)];
    if (theirs === was) continue;
    if (theirs !== undefined && theirs !== ours) report.conflicts.push(`replaced ${id}`);
    else if (theirs === undefined && ours !== undefined && ours !== was) report.conflicts.push(`removed ${id}`);
    else if (theirs === undefined && ours !== undefined) {
      into.now.delete(id);
      report.removed += 1;
    }
  }
  for (const [id, theirs] of from.now) {
    if (from.begun.has(id)) continue;
    const ours = into.now.get(id);
    if (ours === undefined) {
      into.now.set(id, theirs);
      report.added += 1;
    } else if (ours !== theirs) report.conflicts.push(`put ${id}`);
  }
  return report;
}

const textOf = (each: Element | undefined): unknown => (each?.value as { text: string } | undefined)?.text;

describe('branches', () => {
  const systems = useSystems();
  const clock = new TestClock();

  const thingsOf = (system: TestSystem, index: number): Manager<unknown> =>
    manager(system.get<PileEvents<unknown>>(`/b${index}/things`), clock);
  const isOf = async (face: Manager<unknown>, order?: string): Promise<[string, unknown][]> => {
    const found: [string, unknown][] = [];
    const query = order === undefined ? { limit: 2 } : { limit: 2, order };
    for await (const { id, value } of face.all(query)) found.push([id, value]);
    return found;
  };

  it('are as maps would be, whatever is forked, merged, put and removed, and whenever the process dies', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(1_000), async (doings, seed) => {
        await systems.stopAll();
        let system = await systems.oneThread({ seed });
        const plain: Plain[] = [{ now: new Map(), begun: new Map(), parent: undefined }];
        await system.spawn(shelf, { id: 'b0' });
        for (const step of doings) {
          if (step.do === 'crash') {
            system = await systems.oneThread({ seed, store: system.crash('kill'), clock: system.clock });
            continue;
          }
          const index = step.branch % plain.length;
          const model = plain[index]!;
          const face = thingsOf(system, index);
          const ref = system.get<BranchEvents>(`/b${index}`);
          const id = 'id' in step ? `n${step.id}` : '';
          if (step.do === 'put') {
            const was = model.now.get(id);
            const expected = was === undefined ? true : was === step.value ? false : 'PILE_CONFLICT';
            if (was === undefined) model.now.set(id, step.value);
            const made = face.put(element<unknown>(step.value, { id, clock })).then(({ added }) => added);
            expect(await made.catch((error: TroupeError) => error.code), JSON.stringify(step)).to.equal(expected);
          } else if (step.do === 'remove') {
            expect(await face.remove(id), JSON.stringify(step)).to.equal(model.now.delete(id));
          } else if (step.do === 'clear') {
            expect(await face.clear()).to.equal(model.now.size);
            model.now.clear();
          } else if (step.do === 'fork') {
            const input = await ref.ask({ type: 'fork' });
            await system.spawn(shelf, { id: `b${plain.length}`, input });
            plain.push({ now: new Map(model.now), begun: new Map(model.now), parent: index });
          } else if (model.parent !== undefined) {
            const into = system.get<BranchEvents>(`/b${model.parent}`);
            for (let time = 0; time < (step.do === 'merge' ? 1 : 2); time += 1) {
              const { conflicts, ...counts } = await into.ask({ type: 'merge', from: ref.path });
              const { conflicts: expected, ...expectedCounts } = mergePlain(model, plain[model.parent]!);
              expect(counts).to.deep.equal(expectedCounts);
              const told = conflicts.map(({ kind, id: each }) => `${kind} ${each}`);
              expect(told.toSorted()).to.deep.equal(expected.toSorted());
              if (time === 1) expect(counts).to.deep.equal({ added: 0, removed: 0 });
            }
          }
        }
        for (const [index, { now }] of plain.entries()) {
          const face = thingsOf(system, index);
          expect(await isOf(face), `branch ${index}`).to.deep.equal([...now]);
          expect(await isOf(face, 'kept'), `branch ${index}, in order`).to.deep.equal([...now]);
          expect(await face.size()).to.equal(now.size);
          for (let n = 0; n < 7; n += 1) {
            expect((await face.get(`n${n}`))?.value, `n${n} of branch ${index}`).to.equal(now.get(`n${n}`));
          }
        }
        expect(systems.heard('actorFailed')).to.deep.equal([]);
      }),
      { numRuns: 40 },
    );
  }).timeout(60_000);

  describe('of messages, logs and tools', () => {
    let system: TestSystem;
    let main: ActorRef<BranchEvents>;
    beforeEach(async () => {
      system = await systems.oneThread();
      main = await system.spawn(session, { id: 'main' });
    });
    const talkOf = (path: string): Manager<{ role: 'user'; text: string }> =>
      manager(system.get<PileEvents<{ role: 'user'; text: string }>>(`${path}/talk`), clock);

    it('are isolated: one tenant sees nothing of another', async () => {
      await system.spawn(session, { id: 'other' });
      await talkOf('/main').add({ role: 'user', text: 'secret' }, { id: 'one' });
      expect(await talkOf('/other').has('one')).to.equal(false);
      expect(await talkOf('/other').size()).to.equal(0);
      expect(await main.ask({ type: 'managers' })).to.deep.equal({
        log: '/main/log',
        talk: '/main/talk',
        tools: '/main/tools',
      });
    });

    it('a fork copies nothing, and costs the same whatever there is', async () => {
      const talk = talkOf('/main');
      const cost = async (): Promise<number> => {
        const { bytes } = (await system.stats()).journal as { bytes: number };
        await main.ask({ type: 'fork' });
        return ((await system.stats()).journal as { bytes: number }).bytes - bytes;
      };
      await talk.add({ role: 'user', text: 'x'.repeat(1_000) });
      const few = await cost();
      for (let n = 0; n < 200; n += 1) await talk.add({ role: 'user', text: 'x'.repeat(1_000) });
      expect(await cost()).to.be.lessThan(few + 200);
    });

    it('show what both have put otherwise', async () => {
      const seed = await main.ask({ type: 'fork' });
      const draft = await system.spawn(session, { id: 'draft', input: seed });
      await talkOf('/main').add({ role: 'user', text: 'ours' }, { id: 'one' });
      await talkOf('/draft').add({ role: 'user', text: 'theirs' }, { id: 'one' });
      await talkOf('/draft').add({ role: 'user', text: 'new' }, { id: 'two' });
      const { added, conflicts } = await main.ask({ type: 'merge', from: draft.path });
      expect(added).to.equal(1);
      expect(conflicts.map(({ manager: name, id, kind }) => [name, id, kind])).to.deep.equal([['talk', 'one', 'put']]);
      const [{ ours, theirs } = { ours: undefined, theirs: undefined }] = conflicts;
      expect([ours?.value, theirs?.value]).to.deep.equal([
        { role: 'user', text: 'ours' },
        { role: 'user', text: 'theirs' },
      ]);
    });

    it('show what one has removed or replaced, and the other has otherwise by now', async () => {
      const say = (path: string, id: string, text: string) => talkOf(path).add({ role: 'user', text }, { id });
      for (const id of ['removed', 'replaced', 'same', 'gone']) await say('/main', id, 'then');
      await system.spawn(session, { id: 'draft', input: await main.ask({ type: 'fork' }) });
      for (const id of ['removed', 'replaced', 'same', 'gone']) await talkOf('/draft').remove(id);
      await talkOf('/main').remove('removed');
      await say('/main', 'removed', 'ours');
      await say('/draft', 'replaced', 'theirs');
      await say('/draft', 'same', 'then');
      const { conflicts, ...counts } = await main.ask({ type: 'merge', from: '/draft' });
      expect(counts).to.deep.equal({ added: 0, removed: 1 });
      expect(conflicts.map(({ id, kind, ours, theirs }) => [id, kind, textOf(ours), textOf(theirs)])).to.deep.equal([
        ['removed', 'removed', 'ours', undefined],
        ['replaced', 'replaced', 'then', 'theirs'],
      ]);
      expect((await talkOf('/main').page()).elements.map(({ id }) => id)).to.deep.equal([
        'replaced',
        'same',
        'removed',
      ]);
    });

    it('of forks take over what they did themselves, not what was so before', async () => {
      const say = (path: string, text: string) => talkOf(path).add({ role: 'user', text }, { id: 'one' });
      await say('/main', 'first');
      const draft = await system.spawn(session, { id: 'draft', input: await main.ask({ type: 'fork' }) });
      await talkOf('/draft').remove('one');
      await system.spawn(session, { id: 'second', input: await draft.ask({ type: 'fork' }) });
      await say('/draft', 'anew');
      expect(await draft.ask({ type: 'merge', from: '/second' })).to.deep.equal({
        added: 0,
        removed: 0,
        conflicts: [],
      });
    });

    it('say where their managers are as soon as they are spawned', async () => {
      const late = await system.spawn(session, { id: 'late' });
      const paths = await late.ask({ type: 'managers' });
      expect(paths).to.deep.equal({ log: '/late/log', talk: '/late/talk', tools: '/late/tools' });
      expect(await talkOf('/late').size()).to.equal(0);
    });

    it('fork for everybody who asks, also at once', async () => {
      const seeds = await Promise.all([1, 2, 3].map(() => main.ask({ type: 'fork' })));
      expect(new Set(seeds.map(({ managers }) => managers.talk?.base.version)).size).to.equal(3);
    });

    it('merge only into what they were forked from', async () => {
      const other = await system.spawn(session, { id: 'other' });
      const code = async (made: Promise<unknown>): Promise<unknown> => (await rejection(made)).code;
      expect(await code(main.ask({ type: 'merge', from: other.path }))).to.equal('BRANCH_FOREIGN');
      expect(await code(main.ask({ type: 'merge', from: '/main' }))).to.equal('BRANCH_FOREIGN');
      expect(await rejection(main.ask({ type: 'merge', from: '/nobody' }))).to.include({
        code: 'ACTOR_UNKNOWN',
        field: 'from',
        value: '/nobody',
      });
      expect(await code(main.ask({ type: 'merge', from: 7 as never }))).to.equal('OPTION_TYPE');
      expect(Object.keys((await main.ask({ type: 'fork' })).managers)).to.deep.equal(['log', 'talk', 'tools']);
      for (const type of ['managers', 'fork', 'merge', 'nonsense']) await main.tell({ type } as never);
      await system.settle();
      expect(systems.heard('actorFailed')).to.deep.equal([]);
    });
  });
});
