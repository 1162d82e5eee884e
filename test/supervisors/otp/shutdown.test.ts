/**
 * How long a child may take to stop, under a virtual clock. A child is stuck when its host hangs at it; every actor has
 * a host of its own here, so that nobody else is stuck with it.
 */
import { expect } from 'chai';
import type { ActorRef } from '../../../src/index.js';
import { type ChildSpec, type DynamicEvents, dynamicSupervisor } from '../../../supervisors/index.js';
import { pool } from '../fixtures/trees.js';
import { diary, type WorkerEvents, worker } from '../fixtures/workers.js';
import { declare, type Tree, useTrees } from './tree.js';

const day = 86_400_000;

describe("OTP's supervisor: shutdown", () => {
  const { tree, systems } = useTrees();

  const stuck = async (t: Tree, ...ids: string[]): Promise<void> => {
    for (const id of ids) await t.system.injectFailure(t.at(id), 'hang');
    t.log();
  };

  /** Ask for the stop of the tree, and let happen what can. */
  const stop = async (t: Tree): Promise<void> => {
    // Some systems of this suite end before the tree does.
    t.ref.stop().catch(() => {});
    await t.system.settle();
  };

  /** What an actor ended with: a code or a message; undefined: nothing, or it has not ended. */
  const reason = async (t: Tree, path: string): Promise<string | undefined> => {
    const error = (await t.system.state(`/top/${path}`))?.error as (Error & { code?: string }) | undefined;
    return error?.code ?? error?.message;
  };

  it('a worker has 5,000 ms unless it says otherwise: then it is killed, and that is what it ended with', async () => {
    const t = await tree({ children: [{ id: 'a', actor: worker }] }, { hosts: 2 });
    await stuck(t, 'a');
    await stop(t);
    await t.system.advance(4_999);
    expect(await t.status('/top/a')).to.equal('stopping');
    expect(systems.heard('journalWarned')).to.deep.equal([]);
    await t.system.advance(1);
    expect(await t.status('/top/a')).to.equal('ended');
    expect(await reason(t, 'a')).to.equal('SHUTDOWN_TIMEOUT');
    expect((await t.system.state('/top/a'))?.error?.message).to.equal(
      '/top/a had not stopped after 5000 ms and was killed',
    );
    expect(t.log(), 'without its stop hook').to.equal('');
    expect(systems.heard('journalWarned').map(({ code }) => code)).to.deep.equal(['SHUTDOWN_TIMEOUT']);
    await t.expectOver();
  });

  it('a child that says otherwise has that', async () => {
    const t = await tree({ children: [{ id: 'a', actor: worker, shutdownMs: 70_000 }] }, { hosts: 2 });
    await stuck(t, 'a');
    await stop(t);
    await t.system.advance(69_999);
    expect(await t.status('/top/a')).to.equal('stopping');
    await t.system.advance(1);
    expect(await t.status('/top/a')).to.equal('ended');
  });

  it('a child that stops in its time was not killed', async () => {
    const t = await tree({ children: 'a b' }, { hosts: 3 });
    await stop(t);
    expect(await reason(t, 'a')).to.equal(undefined);
    expect(await reason(t, 'b')).to.equal(undefined);
    await t.system.advance(day);
    expect(systems.heard('journalWarned')).to.deep.equal([]);
  });

  it('a supervisor has as long as it takes', async () => {
    const patient = { id: 'x', actor: worker, shutdownMs: Number.POSITIVE_INFINITY };
    const inner = declare({ children: [patient] });
    const t = await tree({ children: [{ id: 's', actor: inner }] }, { hosts: 3 });
    await stuck(t, 's/x');
    await stop(t);
    await t.system.advance(day);
    expect(await t.status('/top/s/x')).to.equal('stopping');
    expect(await t.status('/top/s')).to.equal('stopping');
    expect(await t.status()).to.equal('stopping');
    expect(systems.heard('journalWarned')).to.deep.equal([]);
  });

  it('one after the other in reverse order, each with a time of its own that begins when its turn comes', async () => {
    const spec = (id: string) => ({ id, actor: worker, shutdownMs: 1_000 });
    const t = await tree({ children: ['a', 'b', 'c', 'd'].map(spec) }, { hosts: 5 });
    await stuck(t, 'b', 'c');
    await stop(t);
    expect(t.log()).to.equal('stop d');
    await t.system.advance(999);
    expect(await t.status('/top/c')).to.equal('stopping');
    expect(await t.status('/top/b'), 'its turn has not come').to.equal('running');
    await t.system.advance(1);
    expect(await t.status('/top/c')).to.equal('ended');
    expect(await t.status('/top/b')).to.equal('stopping');
    await t.system.advance(999);
    expect(await t.status('/top/a'), 'its turn has not come').to.equal('running');
    expect(t.log()).to.equal('');
    await t.system.advance(1);
    expect(t.log()).to.equal('stop a');
    await t.expectOver();
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((id) => reason(t, id)))).to.deep.equal([
      undefined,
      'SHUTDOWN_TIMEOUT',
      'SHUTDOWN_TIMEOUT',
      undefined,
    ]);
  });

  it('the children of a dynamic supervisor all at once, under one timer', async () => {
    const system = await systems.oneThread({ hosts: 6 });
    const ref = (await system.spawn(pool, { id: 'pool' })) as ActorRef<DynamicEvents>;
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const id of ids) await ref.ask({ type: 'startChild', id });
    await system.injectFailure('/pool/b', 'hang');
    await system.injectFailure('/pool/d', 'hang');
    diary.length = 0;
    void ref.stop();
    await system.settle();
    const statuses = () => Promise.all(ids.map(async (id) => (await system.state(`/pool/${id}`))?.status));
    expect([...diary].sort(), 'the others do not wait').to.deep.equal(['stop a', 'stop c', 'stop e']);
    await system.advance(4_999);
    expect(await statuses()).to.deep.equal(['ended', 'stopping', 'ended', 'stopping', 'ended']);
    await system.advance(1);
    expect(await statuses()).to.deep.equal(Array(5).fill('ended'));
    expect((await system.state('/pool'))?.status).to.equal('ended');
    for (const [id, code] of [
      ['a', undefined],
      ['b', 'SHUTDOWN_TIMEOUT'],
      ['d', 'SHUTDOWN_TIMEOUT'],
    ] as const) {
      const { error } = (await system.state(`/pool/${id}`)) as { error?: { code?: string } };
      expect(error?.code, id).to.equal(code);
    }
  });

  for (const [deed, how, error] of [
    ['giveUp', 'failed', 'a gave up'],
    ['leave', 'stopped', undefined],
  ] as const) {
    it(`a child that ends by itself meanwhile keeps its own reason: ${deed}`, async () => {
      const t = await tree(
        {
          children: [
            { id: 'a', actor: worker },
            { id: 'b', actor: worker },
          ],
        },
        { hosts: 3 },
      );
      await stuck(t, 'b');
      await stop(t);
      const watched = t.system.watch(t.at('a'));
      await t.tell('a', deed);
      await t.system.advance(5_000);
      const end = await watched;
      expect(end.how).to.equal(how);
      expect(end.error?.message).to.equal(error);
      expect(await reason(t, 'a')).to.equal(error);
      expect(await reason(t, 'b')).to.equal('SHUTDOWN_TIMEOUT');
    });
  }

  it('a child that is restarted with the others is killed too, and runs again', async () => {
    const spec = (id: string) => ({ id, actor: worker, shutdownMs: 1_000 });
    const intensity = { restarts: 1, periodMs: 60_000 };
    const t = await tree({ strategy: 'one-for-all', intensity, children: ['a', 'b'].map(spec) }, { hosts: 3 });
    await t.at('b').tell({ type: 'note', text: 'kept' });
    await t.system.settle();
    await stuck(t, 'b');
    await t.tell('a', 'stumble');
    expect(await t.children()).to.equal('a restarting, b restarting');
    await t.system.advance(1_000);
    expect(await t.children()).to.equal('a running, b running');
    expect(await (t.at('b') as ActorRef<WorkerEvents>).ask({ type: 'read' })).to.deep.equal(['kept']);
    expect(await reason(t, 'b'), 'of an earlier life').to.equal(undefined);
  });

  it('what was killed is remembered by the next process; who was stuck stops there as it should', async () => {
    const t = await tree(
      {
        children: [
          { id: 'a', actor: worker },
          { id: 'b', actor: worker },
        ],
      },
      { hosts: 3 },
    );
    await stuck(t, 'a', 'b');
    await stop(t);
    await t.system.advance(6_000);
    expect(await t.status('/top/a')).to.equal('stopping');
    const { clock } = t.system;
    const next = await systems.oneThread({ store: t.system.crash('kill'), clock });
    await next.settle();
    expect((await next.state('/top/b'))?.error).to.have.property('code', 'SHUTDOWN_TIMEOUT');
    expect((await next.state('/top/a'))?.status).to.equal('ended');
    expect((await next.state('/top/a'))?.error).to.equal(undefined);
  });

  describe("'kill'", () => {
    const brutal = (id: string): ChildSpec => ({ id, actor: worker, shutdownMs: 'kill' });

    it('a child is killed at once, without being asked: it has no stop hook, and nothing is warned of', async () => {
      const t = await tree({ children: [{ id: 'a', actor: worker }, brutal('b')] }, { hosts: 3 });
      t.log();
      await stop(t);
      expect(t.log()).to.equal('stop a');
      await t.expectOver();
      expect(await reason(t, 'a')).to.equal(undefined);
      expect(await reason(t, 'b')).to.equal('SHUTDOWN_KILL');
      expect(systems.heard('journalWarned')).to.deep.equal([]);
    });

    it('a child that is stuck too: no time passes', async () => {
      const t = await tree({ children: ['a', 'b'].map(brutal) }, { hosts: 3 });
      await stuck(t, 'b');
      await stop(t);
      await t.expectOver();
      expect(await reason(t, 'a')).to.equal('SHUTDOWN_KILL');
      expect(await reason(t, 'b')).to.equal('SHUTDOWN_KILL');
    });

    it('0 is the same', async () => {
      const t = await tree({ children: [{ id: 'a', actor: worker, shutdownMs: 0 }] });
      t.log();
      await stop(t);
      expect(t.log()).to.equal('');
      expect(await reason(t, 'a')).to.equal('SHUTDOWN_KILL');
    });

    it('a child that ends by itself, or that a program stops by name, is not killed', async () => {
      const temporary = (id: string): ChildSpec => ({ ...brutal(id), restart: 'temporary' });
      const t = await tree({ children: ['a', 'b', 'c'].map(temporary) });
      t.log();
      await t.tell('a', 'leave');
      await t.tell('b', 'giveUp');
      await t.at('c').stop();
      await t.system.settle();
      expect(t.log()).to.equal('stop a, stop c');
      expect(await reason(t, 'a')).to.equal(undefined);
      expect(await reason(t, 'b')).to.equal('b gave up');
      expect(await reason(t, 'c')).to.equal(undefined);
    });

    it('a child that is down already is not killed', async () => {
      const backoff = { minMs: 60_000, maxMs: 60_000 };
      const t = await tree({ backoff, children: [{ ...brutal('a'), onFailure: 'resume' }] });
      await t.crash('a');
      expect(await t.children()).to.equal('a restarting');
      await stop(t);
      await t.expectOver();
      expect(await reason(t, 'a')).to.equal(undefined);
    });

    it('a child that a program stops by name while it waits for its restart stops in its own way', async () => {
      const backoff = { minMs: 60_000, maxMs: 60_000, jitter: 0 };
      const child: ChildSpec = { ...brutal('a'), restart: 'transient', onFailure: 'resume' };
      const t = await tree({ backoff, children: [child] });
      await t.crash('a');
      expect(await t.children()).to.equal('a restarting');
      t.log();
      const stopped = t.at('a').stop();
      await t.system.advance(60_000);
      await stopped;
      expect(t.log()).to.equal('stop a');
      expect(await reason(t, 'a')).to.equal(undefined);
    });

    it('one that is asked by a program and does not come to an end is killed when its supervisor stops', async () => {
      const t = await tree({ children: [brutal('a')] }, { hosts: 2 });
      await stuck(t, 'a');
      t.at('a')
        .stop()
        .catch(() => {});
      await t.system.advance(day);
      expect(await t.status('/top/a')).to.equal('stopping');
      await stop(t);
      expect(await reason(t, 'a')).to.equal('SHUTDOWN_KILL');
      await t.expectOver();
    });

    it('a child that is started by a message; the decision to start it again tells that it was killed', async () => {
      const t = await tree({ strategy: 'one-for-all', intensity: { restarts: 1, periodMs: 60_000 }, children: 'a' });
      expect(await t.ask('startChild', { ...brutal('b'), onFailure: 'reset' })).to.include({ ok: true });
      const again = await systems.oneThread({ store: t.system.crash('kill'), clock: t.system.clock });
      await again.settle();
      t.log();
      await again.get('/top/a').tell({ type: 'crash' });
      await again.settle();
      expect(t.log()).to.equal('start a, start b');
      const decided = await again.decisions({ path: '/top/b' });
      expect(decided.map(({ how, error }) => [how, (error as { code?: string })?.code])).to.deep.equal([
        ['stopped', 'SHUTDOWN_KILL'],
      ]);
    });

    it('all children of a dynamic supervisor', async () => {
      const brutalPool = dynamicSupervisor(import.meta, 'otp.brutal-pool', {
        child: { actor: worker, shutdownMs: 'kill' },
      });
      const system = await systems.oneThread({ hosts: 3 });
      const ref = await system.spawn(brutalPool, { id: 'pool' });
      for (const id of ['a', 'b']) await ref.ask({ type: 'startChild', id });
      await system.injectFailure('/pool/b', 'hang');
      diary.length = 0;
      expect(await ref.ask({ type: 'stopChild', id: 'b' })).to.deep.equal({ ok: true });
      await ref.stop();
      expect(diary).to.deep.equal([]);
      for (const id of ['a', 'b']) {
        expect((await system.state(`/pool/${id}`))?.error, id).to.have.property('code', 'SHUTDOWN_KILL');
      }
    });
  });
});
