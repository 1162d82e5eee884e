/** What is asked of supervisors and their children at moments that do not suit. */
import { expect } from 'chai';
import type { ActorRef } from '../../../src/index.js';
import { childOf, type DynamicEvents, dynamicSupervisor, type ManagementAnswer } from '../../../supervisors/index.js';
import { pool, smallPool } from '../fixtures/trees.js';
import { weak, worker } from '../fixtures/workers.js';
import { declare, useTrees } from './tree.js';

const sturdyPool = dynamicSupervisor(import.meta, 'otp.sturdy-pool', {
  child: { actor: worker, onFailure: 'reset' },
  intensity: { restarts: 1_000, periodMs: 1_000 },
});
const intensity = { restarts: 5, periodMs: 60_000 };
const backoff = { minMs: 500, maxMs: 500, jitter: 0 };

describe('a supervisor at odd moments', () => {
  const { tree, systems } = useTrees();

  it('a stop of a child that waits for its restart is settled', async () => {
    const t = await tree({ children: 'a b', intensity, backoff });
    await t.tell('a', 'giveUp');
    await t.at('a').stop();
    await t.system.advance(1_000);
    expect(await t.children()).to.equal('a running, b running');
  });

  it('a stop of a child whose failure is not decided yet comes after the decision', async () => {
    for (const strategy of ['one-for-one', 'one-for-all', 'rest-for-one'] as const) {
      const t = await tree({ strategy, children: 'a b', intensity });
      await Promise.all([t.at('a').tell({ type: 'crash' }), t.at('a').stop()]);
      await t.system.settle();
      expect(await t.children(), strategy).to.equal('a running, b running');
    }
  });

  it('a stop of the one that waits for its restart lets the others of its group start again', async () => {
    for (const strategy of ['one-for-all', 'rest-for-one'] as const) {
      const t = await tree({ strategy, children: 'a b c', intensity, backoff });
      weak.set('a', 1);
      await t.crash('a');
      await t.system.advance(500);
      expect(await t.children(), strategy).to.equal('a restarting, b restarting, c restarting');
      expect(await t.ask('stopChild', 'a')).to.deep.equal({ ok: true });
      expect(await t.children(), strategy).to.equal('a stopped, b running, c running');
    }
  });

  it('requests that wait in a supervisor which gives up are answered', async () => {
    const t = await tree({ children: 'a b', intensity: { restarts: 1, periodMs: 60_000 }, backoff });
    weak.set('a', 1);
    await t.crash('a');
    const start = t.ref.ask({ type: 'startChild', child: childOf({ id: 'slow', actor: worker }) });
    const answers = [start, t.ref.ask({ type: 'restartChild', id: 'b' })];
    await t.system.settle();
    await t.system.advance(500);
    await t.expectOver('SUPERVISOR_GAVE_UP');
    for (const answer of await Promise.all(answers)) expect(answer).to.have.property('ok');
  });

  it('nobody can end a backoff by telling the supervisor that it is over', async () => {
    const t = await tree({ children: 'a', intensity, backoff });
    await t.tell('a', 'crash');
    for (const type of ['again', 'troupe.again']) {
      await t.ref.tell({ type, id: 'a' } as never).catch(() => {});
    }
    await t.system.settle();
    expect(await t.children()).to.equal('a restarting');
  });

  it('requests that make no sense are refused, and are nobody’s failure', async () => {
    const t = await tree({
      children: [
        { id: 'd', actor: pool },
        { id: 'w', actor: worker },
      ],
      intensity,
    });
    const dynamic = t.system.get('/top/d') as ActorRef<DynamicEvents>;
    for (const id of ['a/b', '..', '', 'x'.repeat(300), 7 as never]) {
      const declared = t.ref.ask({ type: 'startChild', child: { ...childOf({ id: 'x', actor: worker }), id } });
      for (const answer of [await dynamic.ask({ type: 'startChild', id }), await declared]) {
        expect((answer as ManagementAnswer & { reason: string }).reason, String(id)).to.equal('refused');
      }
    }
    expect(await t.ref.ask({ type: 'startChild', child: undefined as never })).to.include({ reason: 'refused' });
    expect(await t.children()).to.equal('d running, w running');
  });

  it('questions that are told, and events it does not know, are nobody’s failure', async () => {
    const t = await tree({ children: [{ id: 'd', actor: pool }], intensity: { restarts: 0, periodMs: 1_000 } });
    for (const ref of [t.ref, t.system.get('/top/d')]) {
      for (const type of ['children', 'count', 'startChild', 'stopChild', 'deleteChild', 'nonsense']) {
        await ref.tell({ type } as never);
      }
    }
    await t.system.settle();
    expect(await t.children()).to.equal('d running');
    expect(await t.system.deadLetters()).to.deep.equal([]);
    expect(systems.heard('actorFailed')).to.deep.equal([]);
  });

  it('two that stop the same child are both answered', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(pool, { id: 'pool' });
    await ref.ask({ type: 'startChild', id: 'a' });
    const stop = () => ref.ask({ type: 'stopChild', id: 'a' });
    expect(await Promise.all([stop(), stop()])).to.deep.equal([{ ok: true }, { ok: true }]);
    expect(await ref.ask({ type: 'count' })).to.deep.equal({ active: 0 });
  });

  it('a child that starts and fails within one turn has started, and is restarted', async () => {
    const system = await systems.oneThread({ hosts: 1, roundsPerTurn: 1 });
    const ref = await system.spawn(sturdyPool, { id: 'pool' });
    const lost: string[] = [];
    for (let turns = 0; turns < 30; turns += 1) {
      const started = ref.ask({ type: 'startChild', id: `c${turns}` });
      for (let n = 0; n < turns; n += 1) await new Promise((resolve) => setImmediate(resolve));
      await system
        .get(`/pool/c${turns}`)
        .tell({ type: 'crash' })
        .catch(() => {});
      await system.settle();
      const { status } = (await system.state(`/pool/c${turns}`)) ?? {};
      if ((await started).ok && status !== 'running') lost.push(`told after ${turns} turns: ${status}`);
    }
    expect(lost).to.deep.equal([]);
    expect(await ref.ask({ type: 'count' })).to.deep.equal({ active: 30 });
  });

  it('the name of a child that waits for its restart is taken', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(smallPool, { id: 'pool' });
    await ref.ask({ type: 'startChild', id: 'a' });
    await system.get('/pool/a').tell({ type: 'crash' } as never);
    await system.settle();
    expect(await ref.ask({ type: 'startChild', id: 'a' })).to.include({ ok: false, reason: 'already-started' });
    expect(await ref.ask({ type: 'count' })).to.deep.equal({ active: 1 });
    expect(await ref.ask({ type: 'stopChild', id: 'a' })).to.deep.equal({ ok: true });
    expect(await ref.ask({ type: 'count' })).to.deep.equal({ active: 0 });
  });

  it('children of an earlier life that the new one does not start again have ended', async () => {
    const inner = declare({ children: 'w', intensity: { restarts: 0, periodMs: 1_000 } });
    const t = await tree({
      children: [
        { id: 's', actor: inner },
        { id: 'd', actor: pool },
      ],
      intensity,
    });
    await t.system.get('/top/s').ask({ type: 'startChild', child: childOf({ id: 'x', actor: worker }) } as never);
    await t.system.get('/top/d').ask({ type: 'startChild', id: 'y' } as never);
    await t.crash('s/w');
    await t.system.get('/top/d').stop();
    await t.system.settle();
    expect(await t.children()).to.equal('s running, d running');
    expect(await t.status('/top/s/x')).to.equal('ended');
    expect(await t.status('/top/d/y')).to.equal('ended');
    const dynamic = t.system.get('/top/d') as ActorRef<DynamicEvents>;
    expect(await dynamic.ask({ type: 'count' })).to.deep.equal({ active: 0 });
    expect(await dynamic.ask({ type: 'startChild', id: 'y' })).to.include({ ok: true });
  });
});
