import { expect } from 'chai';
import { eventually } from '../../src/testing/index.js';
import { armFailpoint, disarmFailpoint, failpointNames, type MemoryStore } from '../../src/testing/index.js';
import { anyRef, contextOf, rejection, useSystems } from '../helpers/with-system.js';
import { book, quickBook, slate } from './fixtures/book.js';
import { receiver, type ReceiverState, sender } from './fixtures/order.js';

describe('G2: accepted is durable', () => {
  const systems = useSystems();
  afterEach(() => disarmFailpoint());

  for (const name of failpointNames.filter((each) => each !== 'recovery.afterRows')) {
    it(`whatever crash at ${name}: nothing acknowledged is lost, nothing is doubled`, async () => {
      for (const [definition, crash] of [
        [book, 'powerCut'],
        [book, 'kill'],
        [quickBook, 'kill'],
      ] as const) {
        for (let count = 1; count <= 12; count += 1) {
          const system = await systems.oneThread({ seed: count });
          let left: MemoryStore | undefined;
          const ref = await system.spawn(definition, { id: 'book' });
          let acked = 0;
          let ackedThen = -1;
          armFailpoint(name, count, () => {
            left = system.store.fork(crash);
            ackedThen = acked;
          });
          for (let n = 0; n < 8; n += 1) {
            await ref.tell({ type: 'note', text: `${n}` });
            acked += 1;
          }
          await system.settle();
          disarmFailpoint();
          await system.stop();
          if (left === undefined) continue;
          const next = await systems.oneThread({ store: left, hosts: 3, clock: system.clock });
          await next.settle();
          const entries = await contextOf<string[]>(next, '/book');
          const where = `${definition.name}, ${crash}, count ${count}`;
          expect(entries.length, where).to.be.at.least(ackedThen);
          expect(entries, where).to.deep.equal(Array.from(entries, (_, n) => `${n}`));
          await next.stop();
        }
      }
    });
  }

  it('a message between two actors is neither lost nor doubled by crashes at any instant', async () => {
    const points = [
      ['journal.beforeCommit', 'kill'],
      ['journal.beforeFlush', 'kill'],
      ['journal.beforeFlush', 'powerCut'],
      ['journal.afterCommitBeforeRoute', 'kill'],
      ['journal.afterCommitBeforeRoute', 'powerCut'],
      ['turn.beforeCommit', 'kill'],
      ['turn.beforeCommit', 'powerCut'],
    ] as const;
    for (const [point, crash] of points) {
      for (let count = 1; count <= 40; count += 3) {
        const system = await systems.oneThread({ seed: count });
        const to = await system.spawn(receiver, { id: 'receiver' });
        const ref = await system.spawn(sender, { id: 'sender', input: { name: 's' } });
        let left = system.store.fork('kill');
        armFailpoint(point, count, () => {
          left = system.store.fork(crash);
        });
        await ref.tell({ type: 'send', to, until: 60, batch: 4 });
        await system.settle();
        disarmFailpoint();
        const isSent = left.fork('kill');
        await system.stop();
        const next = await systems.oneThread({ store: isSent, hosts: 1 + (count % 3), clock: system.clock });
        await anyRef(next, '/sender').tell({ type: 'send', to, until: 60, batch: 60 });
        await next.settle();
        const state = await contextOf<ReceiverState>(next, '/receiver');
        expect(state, `${point} ${crash} ${count}`).to.deep.equal({ count: 60, next: { s: 60 }, faults: [] });
        await next.stop();
      }
    }
  });

  it('a new system on the same folder with another number of hosts goes on: 1, 3, 1', async () => {
    let system = await systems.threads({ hosts: 1 });
    const names = ['a', 'b', 'c', 'd', 'e'];
    const expected: string[] = [];
    for (const hosts of [3, 1, undefined]) {
      const refs = await Promise.all(names.map((id) => system.spawn(book, { id })));
      expected.push(`with ${hosts}`);
      await Promise.all(refs.map((ref) => ref.tell({ type: 'note', text: `with ${hosts}` })));
      for (const ref of refs) expect(await ref.ask({ type: 'read' })).to.deep.equal(expected);
      if (hosts !== undefined) system = await systems.restart(system, { hosts });
    }
  });

  it('what is accepted and not handled when the system stops is handled after the next start', async () => {
    let system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(book, { id: 'book' });
    const texts = Array.from({ length: 300 }, (_, n) => `${n}`);
    await Promise.all(texts.map((text) => ref.tell({ type: 'note', text })));
    system = await systems.restart(system, { hosts: 2 });
    expect(await anyRef(system, '/book').ask({ type: 'read' }, { timeoutMs: 15_000 })).to.deep.equal(texts);
  });

  it('a dead host loses nothing: state, mail and timers continue on another thread', async () => {
    const system = await systems.threads({ hosts: 2 });
    const names = Array.from({ length: 10 }, (_, n) => `book-${n}`);
    const refs = await Promise.all(names.map((id) => system.spawn(book, { id })));
    for (const round of ['1', '2', '3', '4']) {
      await eventually(async () => (await system.stats()).hosts.length === 2, 'there is one to kill');
      const told = refs.map((ref) => ref.tell({ type: 'note', text: round }));
      await system.killHost(Number(round) % 2);
      await Promise.all(told);
    }
    for (const ref of refs) {
      expect(await ref.ask({ type: 'read' }, { timeoutMs: 15_000 })).to.deep.equal(['1', '2', '3', '4']);
    }
    await eventually(() => systems.heard('threadLost').length >= 4, 'all are known to be gone');
    expect(systems.heard('threadLost')).to.have.length(4);
  });

  it('messages of no payload, 1 MB and 50 MB arrive whole, and survive a restart', async function () {
    this.timeout(60_000);
    let system = await systems.threads({ hosts: 2 });
    const ref = await system.spawn(book, { id: 'large' });
    const other = await system.spawn(book, { id: 'empty' });
    await other.tell({ type: 'note', text: '' });
    const oneMB = 'm'.repeat(1_000_000);
    const fiftyMB = 'L'.repeat(50_000_000);
    await ref.tell({ type: 'note', text: oneMB });
    await ref.tell({ type: 'note', text: fiftyMB });
    const sizes = async () => {
      const entries = (await anyRef(system, '/large').ask({ type: 'read' }, { timeoutMs: 30_000 })) as string[];
      return entries.map((text) => `${text.length}${text.at(-1)}`);
    };
    expect(await sizes()).to.deep.equal(['1000000m', '50000000L']);
    system = await systems.restart(system);
    expect(await sizes()).to.deep.equal(['1000000m', '50000000L']);
    expect(await anyRef(system, '/empty').ask({ type: 'read' })).to.deep.equal(['']);
  });

  describe('when the disk is full', () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

    it('callers get JOURNAL_FULL, nothing of it happens, and work goes on when there is room', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(book, { id: 'book' });
      await ref.tell({ type: 'note', text: 'before' });
      await system.settle();
      system.store.failCommits(full);
      for (const text of ['lost 1', 'lost 2']) {
        expect(await rejection(ref.tell({ type: 'note', text }))).to.have.property('code', 'JOURNAL_FULL');
      }
      expect(await rejection(system.spawn(book, { id: 'other' }))).to.have.property('code', 'JOURNAL_FULL');
      system.store.failCommits(undefined);
      await system.advance(1_000);
      await ref.tell({ type: 'note', text: 'after' });
      expect(await ref.ask({ type: 'read' })).to.deep.equal(['before', 'after']);
      expect(await system.state('/other')).to.equal(undefined);
    });

    it('a turn that could not be committed is run again from the stored state', async () => {
      for (let failing = 1; failing <= 6; failing += 1) {
        const system = await systems.oneThread({ seed: failing });
        const to = await system.spawn(receiver, { id: 'receiver' });
        const ref = await system.spawn(sender, { id: 'sender', input: { name: 's' } });
        await system.settle();
        armFailpoint('turn.beforeCommit', failing, () => system.store.failCommits(full));
        await ref.tell({ type: 'send', to, until: 50, batch: 5 }).catch(() => {});
        await system.settle();
        system.store.failCommits(undefined);
        await system.advance(1_000);
        const state = await contextOf<ReceiverState>(system, '/receiver');
        expect(state, `turn ${failing}`).to.deep.equal({ count: 50, next: { s: 50 }, faults: [] });
        await system.stop();
      }
    });

    it('a decision about a failure that could not be committed is made again', async () => {
      for (let failing = 1; failing <= 8; failing += 1) {
        const system = await systems.oneThread({ seed: failing });
        const ref = await system.spawn(book, { id: 'book' });
        await system.settle();
        armFailpoint('journal.beforeCommit', failing, () => system.store.failCommits(full));
        await ref.tell({ type: 'fail', text: 'x' }).catch(() => {});
        await system.settle();
        system.store.failCommits(undefined);
        disarmFailpoint();
        await system.advance(1_000);
        await ref.tell({ type: 'note', text: 'after' });
        await system.settle();
        expect(await system.state('/book'), `commit ${failing}`).to.include({ status: 'running', mail: 0 });
        expect(await contextOf(system, '/book')).to.deep.equal(['after']);
        await system.stop();
      }
    });

    it('also when the host dies meanwhile', async () => {
      const system = await systems.oneThread({ hosts: 1 });
      const ref = await system.spawn(book, { id: 'book' });
      await ref.tell({ type: 'note', text: 'before' });
      await system.settle();
      system.store.failCommits(full);
      await rejection(ref.tell({ type: 'note', text: 'lost' }));
      const killed = system.killHost(0).catch((error: unknown) => error);
      await system.settle();
      system.store.failCommits(undefined);
      await system.advance(1_000);
      await killed;
      expect(await ref.ask({ type: 'read' })).to.deep.equal(['before']);
    });

    it('also when the first write that fails is the one about the dead host', async () => {
      const system = await systems.oneThread({ hosts: 1 });
      const ref = await system.spawn(book, { id: 'book' });
      await ref.tell({ type: 'note', text: 'before' });
      await system.settle();
      system.store.failCommits(full);
      const killed = system.killHost(0).catch((error: unknown) => error);
      await system.settle();
      system.store.failCommits(undefined);
      await system.advance(1_000);
      await killed;
      expect(await ref.ask({ type: 'read' })).to.deep.equal(['before']);
    });

    it('a question whose turn could not be committed is answered when there is room, and handled once', async () => {
      const system = await systems.oneThread({ hosts: 1 });
      const ref = await system.spawn(book, { id: 'book' });
      await ref.tell({ type: 'note', text: 'before' });
      await system.settle();
      system.store.failNextFlush(full);
      const answer = ref.ask({ type: 'read' });
      await system.advance(1_000);
      expect(await answer).to.deep.equal(['before']);
      expect(system.store.commits).to.be.above(0);
      await ref.tell({ type: 'note', text: 'after' });
      expect(await ref.ask({ type: 'read' })).to.deep.equal(['before', 'after']);
    });

    it('also when only the flush of committed turns fails', async () => {
      const system = await systems.oneThread({ hosts: 1 });
      const ref = await system.spawn(quickBook, { id: 'book' });
      await system.settle();
      armFailpoint('journal.afterCommitBeforeRoute', 2, () => system.store.failCommits(full));
      await ref.tell({ type: 'note', text: 'committed' });
      await system.settle();
      system.store.failCommits(undefined);
      await system.advance(1_000);
      expect(await ref.ask({ type: 'read' })).to.deep.equal(['committed']);
    });
  });

  it('durability none: state goes with the thread, and the actor itself comes back', async () => {
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(slate, { id: 'slate' });
    await ref.tell({ type: 'note', text: 'chalk' });
    expect(await ref.ask({ type: 'read' })).to.deep.equal(['chalk']);
    await system.killHost(0);
    expect(await ref.ask({ type: 'read' }, { timeoutMs: 10_000 })).to.deep.equal([]);
    await ref.tell({ type: 'note', text: 'new' });
    expect(await ref.ask({ type: 'read' })).to.deep.equal(['new']);
    await ref.tell({ type: 'fail', text: 'x' });
    expect(await ref.ask({ type: 'read' }), 'a failure wipes it').to.deep.equal([]);
  });
});
