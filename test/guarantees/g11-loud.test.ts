import { expect } from 'chai';
import type { ActorRef } from '../../src/index.js';
import { eventually } from '../../src/testing/index.js';
import { anyRef, contextOf, rejection, useSystems } from '../helpers/with-system.js';
import { responder } from './fixtures/asked.js';
import { book, slate } from './fixtures/book.js';
import { deploy } from './fixtures/deploy.js';
import { mortal, watcher } from './fixtures/family.js';

describe('G11: whatever nobody handles is heard of', () => {
  const systems = useSystems();
  afterEach(() => deploy('first'));

  describe('messages', () => {
    it('of a program to an unknown or stopped actor are refused to its face', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(book, { id: 'book' });
      await ref.stop();
      await system.settle();
      expect(await rejection(anyRef(system, '/nobody').tell({ type: 'x' }))).to.include({ code: 'ACTOR_UNKNOWN' });
      expect(await rejection(ref.tell({ type: 'note', text: 'x' }))).to.include({ code: 'ACTOR_STOPPED' });
      expect(await rejection(anyRef(system, '/nobody').stop())).to.include({ code: 'ACTOR_UNKNOWN' });
    });

    it('of an actor to an unknown or stopped one become dead letters, on the channel too', async () => {
      const system = await systems.oneThread();
      const gone = await system.spawn(book, { id: 'gone' });
      const ref = await system.spawn(responder, { id: 'r' });
      await gone.stop();
      await system.settle();
      await ref.tell({ type: 'forward', to: anyRef(system, '/nobody'), text: 'a' });
      await ref.tell({ type: 'forward', to: gone as ActorRef, text: 'b' });
      await system.settle();
      const letters = (await system.deadLetters()).map(({ code, path, event }) => [code, path, event]);
      expect(letters).to.deep.equal([
        ['ACTOR_UNKNOWN', '/nobody', { type: 'note', text: 'a' }],
        ['ACTOR_STOPPED', '/gone', { type: 'note', text: 'b' }],
      ]);
      expect(systems.heard('deadLetter').map(({ code }) => code)).to.deep.equal(['ACTOR_UNKNOWN', 'ACTOR_STOPPED']);
    });

    it('that wait for an actor when it stops become dead letters', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(mortal, { id: 'm' });
      await system.settle();
      const told = [ref.tell({ type: 'finish', value: 1 }), ref.tell({ type: 'break' }), ref.tell({ type: 'quit' })];
      await Promise.all(told.map((each) => each.catch(() => {})));
      await system.settle();
      expect((await system.deadLetters()).map(({ code }) => code)).to.deep.equal(['ACTOR_STOPPED', 'ACTOR_STOPPED']);
      expect(systems.heard('actorEnded').map(({ path, how }) => `${path} ${how}`)).to.deep.equal(['/m done']);
    });

    it('that fail in an actor without a journal become dead letters', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(slate, { id: 'slate' });
      await ref.tell({ type: 'fail', text: 'x' });
      await system.settle();
      expect((await system.deadLetters()).map(({ code, event }) => [code, event])).to.deep.equal([
        ['MESSAGE_FAILED', { type: 'fail', text: 'x' }],
      ]);
    });

    const shapeless: [string, unknown, string][] = [
      ['no object', 7, 'EVENT_SHAPE'],
      ['null', null, 'EVENT_SHAPE'],
      ['no type', { text: 'x' }, 'EVENT_SHAPE'],
      ['an empty type', { type: '' }, 'EVENT_SHAPE'],
      ['a type of the kernel', { type: 'troupe.terminated' }, 'EVENT_SHAPE'],
      ['a type of XState', { type: 'xstate.init' }, 'EVENT_SHAPE'],
      ['a function inside', { type: 'note', a: [{ b: () => 1 }] }, 'PAYLOAD_NOT_CARRIABLE'],
    ];
    for (const [what, event, code] of shapeless) {
      it(`with ${what} are refused at the sender's door`, async () => {
        const system = await systems.oneThread();
        await system.spawn(book, { id: 'book' });
        const error = await rejection(anyRef(system, '/book').tell(event as { type: string }));
        expect(error.code).to.equal(code);
        if (code === 'PAYLOAD_NOT_CARRIABLE') expect(error.message).to.include('a[0].b');
      });
    }
  });

  describe('spawns', () => {
    it('of another definition at a taken path are refused: to a program, and on the channel for an actor', async () => {
      const system = await systems.oneThread();
      await system.spawn(book, { id: 'taken' });
      expect(await rejection(system.spawn(mortal, { id: 'taken' }))).to.include({
        code: 'SPAWN_CONFLICT',
        field: 'id',
        value: 'taken',
      });
      const ref = await system.spawn(watcher, { id: 'w' });
      await ref.tell({ type: 'mismatch' });
      await system.settle();
      expect(systems.heard('refused').map(({ path, code }) => `${code} ${path}`)).to.deep.equal([
        'SPAWN_CONFLICT /w/same',
      ]);
    });
  });

  describe('a state that fits no definition', () => {
    it('quarantines the actor and keeps its mail; a fitting definition goes on where it was', async () => {
      let system = await systems.oneThread();
      const ref = await system.spawn(await deploy('first'), { id: 't' });
      await ref.tell({ type: 'note', text: 'at home' });
      await ref.tell({ type: 'move' });
      await system.settle();
      const { clock } = system;
      await deploy('without');
      system = await systems.oneThread({ store: system.crash('powerCut'), clock });
      await anyRef(system, '/t').tell({ type: 'note', text: 'kept 1' });
      await anyRef(system, '/t').tell({ type: 'note', text: 'kept 2' });
      await system.settle();
      const state = await system.state('/t');
      expect(state).to.include({ status: 'quarantined', mail: 2 });
      expect((state?.error as { code?: string } | undefined)?.code).to.equal('STATE_UNKNOWN');
      const [heard] = systems.heard('actorQuarantined');
      expect(heard).to.include({ path: '/t', definition: 'g.traveller' });
      expect(await system.deadLetters()).to.deep.equal([]);
      await deploy('first');
      system = await systems.oneThread({ store: system.crash('kill'), clock });
      await system.settle();
      expect(await system.state('/t')).to.include({ status: 'running', mail: 0, value: 'abroad' });
      expect(await contextOf(system, '/t')).to.deep.equal({ entries: ['at home', 'kept 1', 'kept 2'] });
    });

    it('spawning it again with a fitting definition ends the quarantine of a running system', async () => {
      let system = await systems.oneThread();
      const ref = await system.spawn(await deploy('first'), { id: 't' });
      await ref.tell({ type: 'move' });
      await system.settle();
      const { clock } = system;
      await deploy('without');
      system = await systems.oneThread({ store: system.crash('kill'), clock });
      await anyRef(system, '/t').tell({ type: 'note', text: 'kept' });
      await system.settle();
      expect((await system.state('/t'))?.status).to.equal('quarantined');
      await system.spawn(await deploy('first'), { id: 't' });
      await system.settle();
      expect(await system.state('/t')).to.include({ status: 'running', mail: 0 });
      expect(await contextOf(system, '/t')).to.deep.equal({ entries: ['kept'] });
    });

    it('another version without a migration quarantines, one with a migration goes on', async () => {
      let system = await systems.oneThread();
      const ref = await system.spawn(await deploy('first'), { id: 't' });
      await ref.tell({ type: 'note', text: 'old' });
      await system.settle();
      const { clock } = system;
      await deploy('second');
      system = await systems.oneThread({ store: system.crash('kill'), clock });
      await anyRef(system, '/t').tell({ type: 'note', text: 'kept' });
      await system.settle();
      expect(await system.state('/t')).to.include({ status: 'quarantined', mail: 1 });
      await deploy('migrated');
      system = await systems.oneThread({ store: system.crash('kill'), clock });
      await system.settle();
      expect(await system.state('/t')).to.include({ status: 'running', mail: 0 });
      expect(await contextOf(system, '/t')).to.deep.equal({ entries: ['old', 'migrated from 1', 'kept'] });
    });

    it('on threads', async () => {
      let system = await systems.threads({ hosts: 1 });
      const ref = await system.spawn(await deploy('first'), { id: 't' });
      await ref.tell({ type: 'move' });
      await ref.ask({ type: 'read' });
      await deploy('without');
      system = await systems.restart(system, { hosts: 2 });
      await anyRef(system, '/t').tell({ type: 'note', text: 'kept' });
      await eventually(async () => (await system.state('/t'))?.status === 'quarantined', 'it is quarantined');
      await deploy('first');
      system = await systems.restart(system);
      expect(await anyRef(system, '/t').ask({ type: 'read' }, { timeoutMs: 15_000 })).to.deep.equal(['kept']);
    });
  });
});
