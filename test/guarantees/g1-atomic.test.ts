import { expect } from 'chai';
import type { ActorRef } from '../../src/index.js';
import { contextOf, rejection, useSystems } from '../helpers/with-system.js';
import { book, slate } from './fixtures/book.js';
import { clumsy, stubborn } from './fixtures/clumsy.js';
import { courier } from './fixtures/odd.js';
import { world } from './fixtures/world.js';

interface Seen {
  seen: number;
  later: number;
  soon: number;
  results: unknown[];
  list: number[];
  map: Map<string, number>;
}

describe('G1: a message commits everything or nothing', () => {
  const systems = useSystems();
  beforeEach(() => world.clear());

  it('a throw in the last of several actions leaves no send, timer, spawn, reply, effect or change', async () => {
    const system = await systems.oneThread();
    const to = await system.spawn(book, { id: 'book' });
    const ref = await system.spawn(clumsy, { id: 'clumsy', input: { to } });
    const refused = await rejection(ref.ask({ type: 'everything', fail: true }));
    expect(refused.code, 'the asker is told with a code, and gets no reply').to.equal('MESSAGE_REFUSED');
    expect(refused.cause).to.be.an('error').that.includes({ name: 'RangeError', message: 'the last action throws' });
    await system.advance(10_000);
    expect(await to.ask({ type: 'read' })).to.deep.equal([]);
    expect(await contextOf<Seen>(system, '/clumsy')).to.include({ seen: 0, later: 0, soon: 0 });
    expect((await system.state('/clumsy'))?.value).to.equal('idle');
    expect((await system.actors()).map(({ path }) => path)).to.deep.equal(['/book', '/clumsy']);
    expect(world.runs).to.have.length(0);
    expect((await system.deadLetters()).map(({ code, path }) => `${code} ${path}`)).to.deep.equal([
      'MESSAGE_FAILED /clumsy',
    ]);
  });

  it('the same message without the throw does each of them exactly once', async () => {
    const system = await systems.oneThread();
    const to = await system.spawn(book, { id: 'book' });
    const ref = await system.spawn(clumsy, { id: 'clumsy', input: { to } });
    expect(await ref.ask({ type: 'everything', fail: false })).to.equal('done');
    await system.advance(10_000);
    expect(await to.ask({ type: 'read' })).to.deep.equal(['sent', 'sent later']);
    expect(await contextOf<Seen>(system, '/clumsy')).to.include({ seen: 1, later: 1, soon: 1 });
    expect((await system.actors()).map(({ path }) => path)).to.deep.equal(['/book', '/clumsy', '/clumsy/child']);
    expect(world.runs).to.have.length(1);
    world.runs[0]?.finish(5);
    await system.settle();
    expect((await contextOf<Seen>(system, '/clumsy')).results).to.deep.equal([5]);
  });

  it('a message that keeps failing leaves nothing, however often it was tried', async () => {
    const system = await systems.oneThread();
    const to = await system.spawn(book, { id: 'book' });
    const ref = await system.spawn(stubborn, { id: 'stubborn', input: { to } });
    await ref.tell({ type: 'spoil' });
    await ref.tell({ type: 'count', fail: false });
    await system.settle();
    expect(systems.heard('actorFailed').map(({ attempts }) => attempts)).to.deep.equal([1, 2, 3]);
    expect(await contextOf<Seen>(system, '/stubborn')).to.include({ seen: 1 });
  });

  it('an action that changes the context in place and then throws changes nothing', async () => {
    const system = await systems.oneThread();
    const to = await system.spawn(book, { id: 'book' });
    const ref = await system.spawn(clumsy, { id: 'clumsy', input: { to } });
    await ref.tell({ type: 'count', fail: false });
    await system.settle();
    await ref.tell({ type: 'spoil' });
    await system.settle();
    const context = await contextOf<Seen>(system, '/clumsy');
    expect(context.list).to.deep.equal([]);
    expect([...context.map]).to.deep.equal([]);
    expect(context.seen).to.equal(1);
    await ref.tell({ type: 'count', fail: false });
    await system.settle();
    expect((await contextOf<Seen>(system, '/clumsy')).seen).to.equal(2);
  });

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`of two messages of one turn the second fails and the first stays (seed ${seed})`, async () => {
      const system = await systems.oneThread({ seed, hosts: 1 });
      const to = await system.spawn(book, { id: 'book' });
      const ref = await system.spawn(clumsy, { id: 'clumsy', input: { to } });
      await system.settle();
      // Told in one go, they come in one frame and run in one turn.
      const good = ref.tell({ type: 'count', fail: false });
      const bad = ref.tell({ type: 'spoil' });
      const last = ref.tell({ type: 'count', fail: false });
      await Promise.all([good, bad, last]);
      await system.settle();
      const context = await contextOf<Seen>(system, '/clumsy');
      expect(context.list).to.deep.equal([]);
      expect(context.seen).to.equal(2);
      expect((await system.deadLetters()).map(({ event }) => event)).to.deep.equal([{ type: 'spoil' }]);
    });

    it(`a first message that fails in the turn of the start does not block the actor (seed ${seed})`, async () => {
      const system = await systems.oneThread({ seed, hosts: 1 });
      const to = system.get('/book');
      const spawned = system.spawn(clumsy, { id: 'clumsy', input: { to } });
      const ref: ActorRef = system.get('/clumsy');
      await Promise.all([spawned, ref.tell({ type: 'spoil' }), ref.tell({ type: 'count', fail: false })]);
      await system.settle();
      const state = await system.state('/clumsy');
      expect(state).to.include({ status: 'running', mail: 0 });
      expect(state?.context).to.include({ seen: 1 });
    });
  }

  it('a failed message does not undo the cancelling and setting of timers by others', async () => {
    const system = await systems.oneThread();
    const to = await system.spawn(book, { id: 'book' });
    const ref = await system.spawn(clumsy, { id: 'clumsy', input: { to } });
    await ref.ask({ type: 'everything', fail: false });
    await system.settle();
    await ref.tell({ type: 'unsetTimer', fail: true });
    await system.advance(10_000);
    expect((await contextOf<Seen>(system, '/clumsy')).later, 'the cancelling failed: the timer fires').to.equal(1);
  });

  it('a cancelled timer does not fire', async () => {
    const system = await systems.oneThread();
    const to = await system.spawn(book, { id: 'book' });
    const ref = await system.spawn(clumsy, { id: 'clumsy', input: { to } });
    await ref.ask({ type: 'everything', fail: false });
    await ref.tell({ type: 'unsetTimer', fail: false });
    await system.advance(10_000);
    expect((await contextOf<Seen>(system, '/clumsy')).later).to.equal(0);
  });

  it('an unjournaled actor sends nothing with a failed message, everything with a good one', async () => {
    const system = await systems.oneThread({ hosts: 1 });
    const near = await system.spawn(slate, { id: 'near' });
    const far = await system.spawn(book, { id: 'far' });
    const ref = await system.spawn(courier, { id: 'courier' });
    for (const fail of [true, false, true]) await ref.tell({ type: 'deliver', to: [near, far], text: `${fail}`, fail });
    await system.settle();
    expect(await near.ask({ type: 'read' })).to.deep.equal(['false']);
    expect(await far.ask({ type: 'read' })).to.deep.equal(['false']);
    expect(await system.deadLetters()).to.have.length(2);
  });

  it('on threads: nothing of a failed message, everything of a good one', async () => {
    const system = await systems.threads();
    const to = await system.spawn(book, { id: 'book' });
    const ref = await system.spawn(clumsy, { id: 'clumsy', input: { to } });
    await rejection(ref.ask({ type: 'everything', fail: true }));
    expect(await to.ask({ type: 'read' })).to.deep.equal([]);
    expect(await ref.ask({ type: 'everything', fail: false })).to.equal('done');
    expect(await to.ask({ type: 'read' })).to.deep.equal(['sent']);
    expect((await system.actors()).map(({ path }) => path)).to.deep.equal(['/book', '/clumsy', '/clumsy/child']);
  });
});
