/** Each kind under a supervisor: it crashes, and comes back with what it had. And many writers on many threads. */
import { expect } from 'chai';
import {
  type CallEvents,
  element,
  type EpisodicEvents,
  manager,
  type PileEvents,
  type WorkingEvents,
} from '../../../actors/index.js';
import type { FailureKind, System } from '../../../src/index.js';
import { eventually, TestClock } from '../../../src/testing/index.js';
import { useSystems } from '../../helpers/with-system.js';
import { household, writer } from './fixtures/household.js';
import { type Note, notes } from './fixtures/piles.js';

const clock = new TestClock();

/** Something each of them keeps, and how to look. */
const kinds: {
  path: string;
  keep(system: System, n: number): Promise<unknown>;
  look(system: System): Promise<unknown>;
}[] = [
  {
    path: '/house/notes',
    keep: (system, n) =>
      manager(system.get<PileEvents<Note>>('/house/notes'), clock).put(
        element({ text: `${n}` }, { id: `n${n}`, clock }),
      ),
    look: async (system) => {
      const face = manager(system.get<PileEvents<Note>>('/house/notes'), clock);
      return (await face.order('said').page()).elements.map(({ value }) => value.text);
    },
  },
  {
    path: '/house/session/talk',
    keep: (system, n) => {
      const ref = system.get<PileEvents<{ role: 'user'; text: string }>>('/house/session/talk');
      return manager(ref, clock).add({ role: 'user', text: `${n}` }, { id: `n${n}` });
    },
    look: async (system) => {
      const ref = system.get<PileEvents<{ role: 'user'; text: string }>>('/house/session/talk');
      return (await manager(ref, clock).page()).elements.map(({ value }) => value.text);
    },
  },
  {
    path: '/house/scratch',
    keep: (system, n) => system.get<WorkingEvents>('/house/scratch').ask({ type: 'put', key: `${n}`, value: n }),
    look: async (system) =>
      (await system.get<WorkingEvents>('/house/scratch').ask({ type: 'recent' })).map(({ key }) => key).toReversed(),
  },
  {
    path: '/house/diary',
    keep: (system, n) => system.get<EpisodicEvents<string>>('/house/diary').ask({ type: 'remember', what: `${n}` }),
    look: async (system) => {
      const { episodes } = await system.get<EpisodicEvents<string>>('/house/diary').ask({ type: 'recall' });
      return episodes.map(({ what }) => what).toReversed();
    },
  },
];

describe('managers under a supervisor', function () {
  this.timeout(60_000);
  const systems = useSystems();

  /** Each handles a message, fails at the next one, tries it again, and has both. */
  const crashAll = async (system: System, kind: FailureKind, settle: () => Promise<void>): Promise<void> => {
    await system.spawn(household, { id: 'house' });
    for (const { path, keep, look } of kinds) {
      await settle();
      await keep(system, 1);
      await system.injectFailure(path, kind);
      await keep(system, 2);
      expect(await look(system), path).to.deep.equal(['1', '2']);
    }
    expect(systems.heard('actorFailed').map(({ path }) => path)).to.deep.equal(kinds.map(({ path }) => path));
  };

  it('come back with what they had when they throw, and so does a call', async () => {
    const system = await systems.oneThread();
    await crashAll(system, 'throw', () => system.settle());
    const call = system.get<CallEvents<{ n: number }, number>>('/house/call');
    await system.injectFailure(call, 'throw');
    expect((await call.ask({ type: 'cancel', reason: 'enough' })).state).to.equal('cancelled');
    expect((await call.ask({ type: 'view' })).failure?.message).to.equal('enough');
    expect(await system.deadLetters()).to.deep.equal([]);
  });

  it('and the parts of a pile do, whichever fails', async () => {
    const system = await systems.oneThread();
    const face = manager(await system.spawn(notes, { id: 'notes' }), clock);
    await face.add({ text: '0' }, { id: 'n0' });
    const parts = (await system.actors({ parent: '/notes' })).map(({ path }) => path);
    expect(
      parts
        .map((path) => path.slice('/notes/'.length, '/notes/'.length + 1))
        .toSorted()
        .join(''),
    ).to.equal('ooopx');
    for (const [n, part] of parts.entries()) {
      await system.injectFailure(part, 'throw', { times: 5 });
      await face.add({ text: `${n + 1}` }, { id: `n${n + 1}` });
      await face.order('read').append(`n${n + 1}`);
      await face.order('starred').append(`n${n + 1}`);
    }
    const said = ['0', '1', '2', '3', '4', '5'];
    expect((await face.page()).elements.map(({ value }) => value.text)).to.deep.equal(said);
    for (const order of ['said', 'read', 'starred']) {
      const { elements } = await face.order(order).page();
      expect(elements.map(({ value }) => value.text)).to.deep.equal(order === 'said' ? said : said.slice(1));
    }
    expect(systems.heard('actorFailed')).to.have.length(25);
    expect(await system.deadLetters()).to.deep.equal([]);
  });

  it('come back when each takes its thread along', async () => {
    const system = await systems.threads({ hosts: 2 });
    const hosts = () => system.health().checks.find(({ name }) => name === 'hosts');
    // What has lost its thread finds another one that is up, and need not wait for it.
    await crashAll(system, 'exit', async () => void (await eventually(() => hosts()?.isGood, 'all hosts are up')));
    await eventually(() => systems.heard('threadLost').length >= kinds.length, 'the losses of the threads are known');
    expect(systems.heard('threadLost')).to.have.length(kinds.length);
  });
});

describe('a pile with writers on many threads', function () {
  this.timeout(60_000);
  const systems = useSystems();

  for (const kills of [0, 3]) {
    it(`loses nothing and doubles nothing${kills > 0 ? ', while hosts are killed' : ''}`, async () => {
      const [writers, count] = [6, 50];
      const system = await systems.threads({ hosts: 3 });
      const face = manager(await system.spawn(notes, { id: 'notes' }), clock);
      const refs = await Promise.all(
        Array.from({ length: writers }, (_, n) =>
          system.spawn(writer, { id: `w${n}`, input: { pile: '/notes', name: `w${n}`, count } }),
        ),
      );
      for (let kill = 0; kill < kills; kill += 1) {
        // Somewhere in the middle: some are in, and not all.
        const target = ((kill + 1) * writers * count) / (kills + 2);
        await eventually(async () => (await face.size()) >= target, `${target} are in`, 30_000);
        await system.killHost(kill);
      }
      await eventually(
        async () =>
          (await Promise.all(refs.map((ref) => system.state(ref)))).every((state) => isThrough(state?.context)),
        'all are through',
        30_000,
      );
      const expected = Array.from({ length: writers }, (_, w) =>
        Array.from({ length: count }, (_each, n) => `w${w}-${n}`),
      );
      for (const order of [undefined, 'said']) {
        const ids: string[] = [];
        for await (const each of face.all(order === undefined ? {} : { order })) ids.push(each.id);
        expect(ids.toSorted()).to.deep.equal(expected.flat().toSorted());
        // Each writer's own, in the order it wrote them.
        for (const [w, own] of expected.entries())
          expect(ids.filter((id) => id.startsWith(`w${w}-`))).to.deep.equal(own);
      }
      expect(await face.size()).to.equal(writers * count);
      expect(await system.deadLetters()).to.deep.equal([]);
      await eventually(() => systems.heard('threadLost').length >= kills, 'the losses of the threads are known');
      expect(systems.heard('threadLost')).to.have.length(kills);
    });
  }
});

function isThrough(context: unknown): boolean {
  return (context as { added?: number } | undefined)?.added !== undefined;
}
