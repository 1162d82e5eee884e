import { expect } from 'chai';
import { weak, worker } from '../fixtures/workers.js';
import { declare, useTrees } from './tree.js';

const intensity = { restarts: 10, periodMs: 1_000 };

describe("OTP's supervisor: management", () => {
  const { tree } = useTrees();

  describe('startChild', () => {
    it('adds the specification and starts the child, last of all', async () => {
      const t = await tree({ children: 'a', intensity });
      t.log();
      expect(await t.ask('startChild', 'b')).to.deep.equal({ ok: true, path: '/top/b' });
      expect(t.log()).to.equal('start b');
      expect(await t.children()).to.equal('a running, b running');
    });

    it('of a running child: already started', async () => {
      const t = await tree({ children: 'a', intensity });
      expect(await t.ask('startChild', 'a')).to.deep.equal({ ok: false, reason: 'already-started' });
    });

    it('of a child that is present and does not run: already present', async () => {
      const t = await tree({ children: 'a', intensity });
      await t.ask('stopChild', 'a');
      expect(await t.ask('startChild', 'a')).to.deep.equal({ ok: false, reason: 'already-present' });
    });

    it('that fails: the specification is discarded, and the error is told', async () => {
      const t = await tree({ children: 'a', intensity });
      weak.set('b', 1);
      const answer = await t.ask('startChild', 'b');
      expect(answer).to.include({ ok: false, reason: 'start-failed' });
      expect((answer as { error: Error }).error.message).to.equal('b cannot start');
      expect(await t.children()).to.equal('a running');
      expect(await t.status('/top/b')).to.equal('ended');
      expect(await t.ask('startChild', 'b')).to.deep.equal({ ok: true, path: '/top/b' });
    });

    it('a child that was added is restarted like the others', async () => {
      const t = await tree({ intensity });
      await t.ask('startChild', 'a');
      t.log();
      await t.crash('a');
      expect(t.log()).to.equal('start a');
    });

    it('beyond maxChildren is refused', async () => {
      const t = await tree({ children: 'a', maxChildren: 2, intensity });
      await t.ask('startChild', 'b');
      expect(await t.ask('startChild', 'c')).to.deep.equal({ ok: false, reason: 'max-children' });
      await t.ask('stopChild', 'b');
      await t.ask('deleteChild', 'b');
      expect(await t.ask('startChild', 'c')).to.include({ ok: true });
    });
  });

  describe('stopChild', () => {
    it('terminates the child; the specification is kept', async () => {
      const t = await tree({ children: 'a b', intensity });
      t.log();
      expect(await t.ask('stopChild', 'a')).to.deep.equal({ ok: true });
      expect(t.log()).to.equal('stop a');
      expect(await t.children()).to.equal('a stopped, b running');
      expect(await t.status('/top/a')).to.equal('ended');
    });

    it('of a child that does not run: ok', async () => {
      const t = await tree({ children: 'a', intensity });
      await t.ask('stopChild', 'a');
      expect(await t.ask('stopChild', 'a')).to.deep.equal({ ok: true });
    });

    it('of an unknown child: not found', async () => {
      const t = await tree({ children: 'a', intensity });
      expect(await t.ask('stopChild', 'x')).to.deep.equal({ ok: false, reason: 'not-found' });
    });

    it('of a temporary child: the specification goes too', async () => {
      const t = await tree({ children: 'a:temporary b', intensity });
      expect(await t.ask('stopChild', 'a')).to.deep.equal({ ok: true });
      expect(await t.children()).to.equal('b running');
    });

    it('a permanent child that was stopped on request is not restarted', async () => {
      const t = await tree({ children: 'a b', intensity });
      await t.ask('stopChild', 'a');
      t.log();
      await t.crash('b');
      expect(t.log()).to.equal('start b');
      expect(await t.children()).to.equal('a stopped, b running');
    });

    it('its mail becomes dead letters', async () => {
      const t = await tree({ children: 'a', intensity });
      await t.ask('stopChild', 'a');
      const refused = await t
        .at('a')
        .tell({ type: 'note', text: 'x' })
        .catch((error: { code: string }) => error.code);
      expect(refused).to.equal('ACTOR_STOPPED');
    });
  });

  describe('restartChild', () => {
    it('starts a child that was stopped, anew', async () => {
      const t = await tree({ children: 'a b', intensity });
      await t.at('a').tell({ type: 'note', text: 'x' });
      await t.ask('stopChild', 'a');
      t.log();
      expect(await t.ask('restartChild', 'a')).to.deep.equal({ ok: true, path: '/top/a' });
      expect(t.log()).to.equal('start a');
      expect(await t.at('a').ask({ type: 'read' })).to.deep.equal([]);
    });

    it('of a running child: running', async () => {
      const t = await tree({ children: 'a', intensity });
      expect(await t.ask('restartChild', 'a')).to.deep.equal({ ok: false, reason: 'running' });
    });

    it('of an unknown child: not found', async () => {
      const t = await tree({ children: 'a', intensity });
      expect(await t.ask('restartChild', 'x')).to.deep.equal({ ok: false, reason: 'not-found' });
    });

    it('of a child that waits to be restarted: restarting', async () => {
      const t = await tree({ children: 'a', intensity, backoff: { minMs: 500, maxMs: 500 } });
      await t.crash('a');
      expect(await t.ask('restartChild', 'a')).to.deep.equal({ ok: false, reason: 'restarting' });
    });

    it('of a transient child that has ended: starts it', async () => {
      const t = await tree({ children: 'a:transient b', intensity });
      await t.tell('a', 'leave');
      expect(await t.ask('restartChild', 'a')).to.include({ ok: true });
    });

    it('that fails: the specification is kept, and the error is told', async () => {
      const t = await tree({ children: 'a b', intensity });
      await t.ask('stopChild', 'a');
      weak.set('a', 1);
      expect(await t.ask('restartChild', 'a')).to.include({ ok: false, reason: 'start-failed' });
      expect(await t.children()).to.equal('a stopped, b running');
      expect(await t.ask('restartChild', 'a')).to.include({ ok: true });
    });
  });

  describe('deleteChild', () => {
    it('deletes the specification of a child that does not run', async () => {
      const t = await tree({ children: 'a b', intensity });
      await t.ask('stopChild', 'a');
      expect(await t.ask('deleteChild', 'a')).to.deep.equal({ ok: true });
      expect(await t.children()).to.equal('b running');
      expect(await t.ask('restartChild', 'a')).to.deep.equal({ ok: false, reason: 'not-found' });
    });

    it('of a running child: running', async () => {
      const t = await tree({ children: 'a', intensity });
      expect(await t.ask('deleteChild', 'a')).to.deep.equal({ ok: false, reason: 'running' });
    });

    it('of a child that waits to be restarted: restarting', async () => {
      const t = await tree({ children: 'a', intensity, backoff: { minMs: 500, maxMs: 500 } });
      await t.crash('a');
      expect(await t.ask('deleteChild', 'a')).to.deep.equal({ ok: false, reason: 'restarting' });
    });

    it('of an unknown child: not found', async () => {
      const t = await tree({ children: 'a', intensity });
      expect(await t.ask('deleteChild', 'x')).to.deep.equal({ ok: false, reason: 'not-found' });
    });
  });

  describe('children and count', () => {
    it('tell of every specification, in start order', async () => {
      const inner = declare({ children: 'x' });
      const children = [
        { id: 'a', actor: worker },
        { id: 's', actor: inner },
        { id: 'b', actor: worker, restart: 'transient' as const },
      ];
      const t = await tree({ children, intensity });
      await t.ask('stopChild', 'b');
      expect(await t.ref.ask({ type: 'children' })).to.deep.equal([
        {
          id: 'a',
          path: '/top/a',
          standing: 'running',
          definition: 's.worker',
          restart: 'permanent',
          isSupervisor: false,
          isDeclared: true,
          handles: [],
        },
        {
          id: 's',
          path: '/top/s',
          standing: 'running',
          definition: inner.name,
          restart: 'permanent',
          isSupervisor: true,
          isDeclared: true,
          handles: [],
        },
        {
          id: 'b',
          path: undefined,
          standing: 'stopped',
          definition: 's.worker',
          restart: 'transient',
          isSupervisor: false,
          isDeclared: true,
          handles: [],
        },
      ]);
      expect(await t.ref.ask({ type: 'count' })).to.deep.equal({ specs: 3, active: 2, supervisors: 1, workers: 2 });
    });

    it('of a supervisor without children: nothing', async () => {
      const t = await tree({});
      expect(await t.ref.ask({ type: 'children' })).to.deep.equal([]);
      expect(await t.ref.ask({ type: 'count' })).to.deep.equal({ specs: 0, active: 0, supervisors: 0, workers: 0 });
    });
  });

  it('requests at once are answered one after the other', async () => {
    const t = await tree({ children: 'a', intensity });
    const answers = await Promise.all([
      t.ask('startChild', 'b'),
      t.ask('startChild', 'b'),
      t.ask('stopChild', 'a'),
      t.ask('restartChild', 'a'),
      t.ask('deleteChild', 'b'),
    ]);
    expect(answers.map((answer) => (answer.ok ? 'ok' : answer.reason))).to.deep.equal([
      'ok',
      'already-started',
      'ok',
      'ok',
      'running',
    ]);
  });
});
