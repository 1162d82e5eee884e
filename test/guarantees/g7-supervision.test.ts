import { expect } from 'chai';
import type { Failure, SupervisionDecision, System } from '../../src/index.js';
import { armFailpoint, disarmFailpoint, eventually, type MemoryStore } from '../../src/testing/index.js';
import { anyRef, contextOf, rejection, useSystems } from '../helpers/with-system.js';
import { book } from './fixtures/book.js';
import { child, mortal, stillborn, stopper, watcher } from './fixtures/family.js';

describe('G7: failing, ending, watching', () => {
  const systems = useSystems();
  afterEach(() => disarmFailpoint());

  describe('a failing message', () => {
    it('is tried as often as the definition says and becomes a dead letter; mail behind it is handled', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(book, { id: 'book' });
      const sibling = await system.spawn(book, { id: 'sibling' });
      const said = [
        ref.tell({ type: 'note', text: 'before' }),
        ref.tell({ type: 'fail', text: 'x' }),
        ref.tell({ type: 'note', text: 'after' }),
        sibling.tell({ type: 'note', text: 'undisturbed' }),
      ];
      await Promise.all(said);
      await system.settle();
      expect(await ref.ask({ type: 'read' })).to.deep.equal(['before', 'after']);
      expect(await sibling.ask({ type: 'read' })).to.deep.equal(['undisturbed']);
      const failed = systems.heard('actorFailed');
      expect(failed.map(({ path, attempts }) => `${path} ${attempts}`)).to.deep.equal(['/book 1', '/book 2']);
      const letters = await system.deadLetters();
      expect(letters.map(({ code, event }) => [code, event])).to.deep.equal([
        ['MESSAGE_FAILED', { type: 'fail', text: 'x' }],
      ]);
      expect(letters[0]?.error).to.include({ name: 'TypeError', message: 'cannot take fail' });
    });

    it('keeps its count of attempts over a crash at any instant', async () => {
      const sixTimes = ({ attempts }: Failure) => {
        const decision: SupervisionDecision = attempts < 6 ? 'restore' : 'resume';
        return { decision, why: 'test' };
      };
      for (let at = 1; at <= 12; at += 1) {
        const system = await systems.oneThread({ supervision: sixTimes });
        const ref = await system.spawn(book, { id: 'book' });
        await system.settle();
        let left: MemoryStore | undefined;
        let heardThen = 0;
        const heardBefore = systems.heard('actorFailed').length;
        armFailpoint('journal.afterRoute', at, () => {
          left = system.store.fork('kill');
          heardThen = systems.heard('actorFailed').length - heardBefore;
        });
        await ref.tell({ type: 'fail', text: 'x' });
        await system.settle();
        disarmFailpoint();
        await system.stop();
        const heardFirst = systems.heard('actorFailed').length;
        const next = await systems.oneThread({
          store: left as MemoryStore,
          clock: system.clock,
          supervision: sixTimes,
        });
        await next.settle();
        const attempts = systems
          .heard('actorFailed')
          .slice(heardFirst)
          .map((failed) => failed.attempts);
        // A failure whose decision was not committed is judged again; no attempt is forgotten.
        const where = `crash ${at}, ${heardThen} heard before`;
        if (attempts.length > 0) {
          expect(attempts[0], where).to.be.within(Math.max(1, heardThen), heardThen + 1);
          expect(attempts.at(-1), where).to.equal(6);
        }
        expect(await next.state('/book'), where).to.include({ status: 'running', mail: 0 });
        expect(await next.deadLetters(), where).to.have.length(1);
        await next.stop();
      }
    });

    const outcomes: [SupervisionDecision, unknown, number][] = [
      ['resume', ['a', 'b'], 1],
      ['reset', ['b'], 1],
      ['stop', undefined, 2],
    ];
    for (const [decision, entries, letters] of outcomes) {
      it(`a policy may decide to ${decision}`, async () => {
        const system = await systems.oneThread({ supervision: () => ({ decision, why: 'test' }) });
        const ref = await system.spawn(book, { id: 'book' });
        await ref.tell({ type: 'note', text: 'a' });
        await system.settle();
        await Promise.all([ref.tell({ type: 'fail', text: 'x' }), ref.tell({ type: 'note', text: 'b' })]);
        await system.settle();
        expect((await system.state('/book'))?.context).to.deep.equal(entries);
        expect((await system.state('/book'))?.status).to.equal(decision === 'stop' ? 'ended' : 'running');
        expect(await system.deadLetters()).to.have.length(letters);
      });
    }

    it('a policy that throws leaves the decision to the kernel', async () => {
      const system = await systems.oneThread({
        supervision: () => {
          throw new Error('no idea');
        },
      });
      const ref = await system.spawn(book, { id: 'book' });
      await ref.tell({ type: 'fail', text: 'x' });
      await ref.tell({ type: 'note', text: 'after' });
      await system.settle();
      expect(await ref.ask({ type: 'read' })).to.deep.equal(['after']);
    });

    it('an actor that cannot start ends as failed; its mail is dead-lettered', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(stillborn, { id: 's' });
      const told = ref.tell({ type: 'x' }).catch((error: unknown) => error);
      const end = await system.watch('/s');
      expect(end).to.include({ how: 'failed' });
      expect(end.error?.message).to.equal('cannot start');
      await told;
      await system.settle();
      expect((await system.state('/s'))?.status).to.equal('ended');
      expect(systems.heard('actorFailed').map(({ attempts, seq }) => [attempts, seq])).to.deep.equal([
        [1, 0],
        [2, 0],
      ]);
    });
  });

  describe('an actor that is stopped at once', () => {
    for (const seed of [1, 2, 3]) {
      it(`after it was spawned and told, ends once and so do its messages (seed ${seed})`, async () => {
        const system = await systems.oneThread({ seed, hosts: 2 });
        await stopManyAtOnce(system, 150);
        await system.settle();
        expect((await system.stats()).journal.actors).to.equal(0);
      });
    }

    it('on threads, where its first turn may be under way', async () => {
      const system = await systems.threads({ hosts: 2 });
      await stopManyAtOnce(system, 300);
      expect((await system.stats()).journal.actors).to.equal(0);
    }).timeout(120_000);

    it('while its message fails: it does not come back', async () => {
      // On another host somebody stops it; which of the two turns the journal sees first is the seed's.
      for (let seed = 1; seed <= 30; seed += 1) {
        const system = await systems.oneThread({ seed, hosts: 2 });
        const ref = await system.spawn(book, { id: 'b' });
        const other = await system.spawn(stopper, { id: 'stopper' });
        await system.settle();
        await Promise.all([ref.tell({ type: 'fail', text: 'x' }), other.tell({ type: 'stop', whom: ref })]);
        await system.settle();
        expect((await system.state('/b'))?.status, `seed ${seed}`).to.equal('ended');
      }
    });
  });

  describe('children', () => {
    it('stop in the reverse order of their start, each after its own children, and before their parent', async () => {
      const system = await systems.oneThread();
      await system.spawn(book, { id: 'log' });
      const root = await system.spawn(child, { id: 'root' });
      for (const id of ['a', 'b', 'c']) await root.tell({ type: 'adopt', id });
      await anyRef(system, '/root/b').tell({ type: 'adopt', id: 'x' });
      await anyRef(system, '/root/b').tell({ type: 'adopt', id: 'y' });
      await system.settle();
      expect((await system.actors({ parent: '/root' })).map(({ path }) => path)).to.deep.equal(
        ['a', 'b', 'c'].map((id) => `/root/${id}`),
      );
      await root.stop();
      await system.settle();
      const order = ['/root/c', '/root/b/y', '/root/b/x', '/root/b', '/root/a', '/root'];
      expect(await contextOf(system, '/log')).to.deep.equal(order);
      expect((await system.actors()).map(({ path }) => path)).to.deep.equal(['/log']);
    });

    it('and the stop goes on after a crash in the middle of it', async () => {
      for (let turns = 1; turns <= 8; turns += 1) {
        const system = await systems.oneThread({ seed: turns });
        await system.spawn(book, { id: 'log' });
        const root = await system.spawn(child, { id: 'root' });
        for (const id of ['a', 'b', 'c', 'd']) await root.tell({ type: 'adopt', id });
        await system.settle();
        await root.stop();
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        const next = await systems.oneThread({ store: system.crash('powerCut'), clock: system.clock });
        await next.settle();
        const order = ['d', 'c', 'b', 'a'].map((id) => `/root/${id}`);
        expect(await contextOf(next, '/log'), `${turns} turns`).to.deep.equal([...order, '/root']);
        await next.stop();
      }
    });

    it('on threads too', async () => {
      const system = await systems.threads({ hosts: 3 });
      await system.spawn(book, { id: 'log' });
      const root = await system.spawn(child, { id: 'root' });
      for (const id of ['a', 'b', 'c']) await root.tell({ type: 'adopt', id });
      for (const id of ['a', 'b', 'c']) {
        // One that has not started yet is ended without its hook.
        await eventually(async () => (await system.state(`/root/${id}`))?.context !== undefined, `${id} has started`);
      }
      await root.stop();
      expect(await system.watch(root)).to.deep.include({ how: 'stopped', path: '/root' });
      const order = ['/root/c', '/root/b', '/root/a', '/root'];
      await eventually(async () => (await contextOf<string[]>(system, '/log')).length === 4, 'four are noted');
      expect(await contextOf(system, '/log')).to.deep.equal(order);
    });
  });

  describe('watching', () => {
    const ends: [string, { type: string; value?: number }, string][] = [
      ['done', { type: 'finish', value: 1 }, 'done 42'],
      ['stopped', { type: 'quit' }, 'stopped -'],
    ];
    for (const [how, event, told] of ends) {
      it(`an actor that is ${how}: watchers early and late are told exactly once`, async () => {
        const system = await systems.oneThread();
        const ref = await system.spawn(mortal, { id: 'm' });
        const early = await system.spawn(watcher, { id: 'early' });
        const late = await system.spawn(watcher, { id: 'late' });
        await early.tell({ type: 'watch', whom: ref });
        await early.tell({ type: 'watch', whom: ref });
        const fromOutside = system.watch('/m');
        await system.settle();
        await anyRef(system, '/m').tell(event);
        await system.settle();
        await late.tell({ type: 'watch', whom: ref });
        await system.settle();
        expect(await contextOf(system, '/early')).to.deep.equal([`/m ${told}`]);
        expect(await contextOf(system, '/late')).to.deep.equal([`/m ${told}`]);
        expect((await fromOutside).how).to.equal(how);
        expect((await system.watch('/m')).how, 'from outside, late').to.equal(how);
        const next = await systems.oneThread({ store: system.crash('powerCut'), clock: system.clock });
        await next.settle();
        expect(await contextOf(next, '/early')).to.deep.equal([`/m ${told}`]);
        expect((await next.watch('/m')).how, 'after a restart').to.equal(how);
      });
    }

    it('is durable: a watch from before a crash is answered after it', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(mortal, { id: 'm' });
      const early = await system.spawn(watcher, { id: 'early' });
      await early.tell({ type: 'watch', whom: ref });
      await system.settle();
      const next = await systems.oneThread({ store: system.crash('powerCut'), clock: system.clock });
      await anyRef(next, '/m').tell({ type: 'finish', value: 1 });
      await next.settle();
      expect(await contextOf(next, '/early')).to.deep.equal(['/m done 42']);
    });

    it('an actor that never was: an actor is told that it ended, a program is refused', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(watcher, { id: 'w' });
      await ref.tell({ type: 'watch', whom: anyRef(system, '/nobody') });
      await system.settle();
      expect(await contextOf<string[]>(system, '/w')).to.have.length(1);
      expect(await rejection(system.watch('/nobody'))).to.have.property('code', 'ACTOR_UNKNOWN');
    });

    it('an actor whose policy stops it: watchers hear the error', async () => {
      const system = await systems.oneThread({ supervision: () => ({ decision: 'stop', why: 'test' }) });
      const ref = await system.spawn(mortal, { id: 'm' });
      const early = await system.spawn(watcher, { id: 'w' });
      await early.tell({ type: 'watch', whom: ref });
      await ref.tell({ type: 'break' });
      await system.settle();
      expect(await contextOf(system, '/w')).to.deep.equal(['/m failed broken']);
    });
  });

  it('a path may be used again after its actor has ended; old refs reach the new one', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(mortal, { id: 'm' });
    await ref.tell({ type: 'finish', value: 1 });
    await system.settle();
    expect(await rejection(ref.tell({ type: 'break' }))).to.have.property('code', 'ACTOR_STOPPED');
    await system.spawn(mortal, { id: 'm' });
    expect(await ref.ask({ type: 'ping' })).to.equal('pong');
  });
});

/** Spawn, tell and stop, one after the other: every message is handled or a dead letter, never both. */
async function stopManyAtOnce(system: System, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const ref = await system.spawn(book, { id: `b${n}` });
    await ref.tell({ type: 'note', text: `${n}` });
    if (n % 3 === 0) await ref.ask({ type: 'read' });
    await ref.stop();
  }
}
