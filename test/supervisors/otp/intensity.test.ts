import { expect } from 'chai';
import { useTrees } from './tree.js';
import { weak } from '../fixtures/workers.js';

describe("OTP's supervisor: restart intensity", () => {
  const { tree, systems } = useTrees();

  for (const restarts of [0, 1, 2, 5]) {
    it(`grants ${restarts} restarts; at the next one all children stop, the last first, and it fails`, async () => {
      const t = await tree({ children: 'a b c', intensity: { restarts, periodMs: 1_000 } });
      t.log();
      for (let count = 0; count < restarts; count += 1) await t.crash('b');
      expect(t.log()).to.equal(Array(restarts).fill('start b').join(', '));
      expect(await t.status()).to.equal('running');
      await t.crash('b');
      expect(t.log()).to.equal('stop c, stop a');
      await t.expectOver('SUPERVISOR_GAVE_UP');
    });
  }

  it('the default is 3 restarts in 60 s', async () => {
    const t = await tree({ children: 'a' });
    await t.crash('a', 'a', 'a');
    expect(await t.status()).to.equal('running');
    await t.system.advance(59_000);
    await t.crash('a');
    await t.expectOver('SUPERVISOR_GAVE_UP');
  });

  it('1 restart in 5 s is granted where that is asked for, as by default in OTP', async () => {
    const t = await tree({ children: 'a', intensity: { restarts: 1, periodMs: 5_000 } });
    await t.crash('a');
    expect(await t.status()).to.equal('running');
    await t.system.advance(5_001);
    await t.crash('a');
    expect(await t.status()).to.equal('running');
    await t.crash('a');
    await t.expectOver('SUPERVISOR_GAVE_UP');
  });

  it('the budget is shared by its children', async () => {
    const t = await tree({ children: 'a b c', intensity: { restarts: 2, periodMs: 1_000 } });
    await t.crash('a', 'b');
    expect(await t.status()).to.equal('running');
    await t.crash('c');
    await t.expectOver('SUPERVISOR_GAVE_UP');
  });

  it('the window slides: what is older does not count', async () => {
    const t = await tree({ children: 'a', intensity: { restarts: 2, periodMs: 1_000 } });
    for (let round = 0; round < 10; round += 1) {
      await t.crash('a');
      await t.system.advance(501);
    }
    expect(await t.status()).to.equal('running');
  });

  it('the window is inclusive: a restart exactly one period ago counts', async () => {
    const t = await tree({ children: 'a', intensity: { restarts: 1, periodMs: 1_000 } });
    await t.crash('a');
    await t.system.advance(1_000);
    await t.crash('a');
    await t.expectOver('SUPERVISOR_GAVE_UP');
  });

  it('one millisecond later it does not', async () => {
    const t = await tree({ children: 'a', intensity: { restarts: 1, periodMs: 1_000 } });
    await t.crash('a');
    await t.system.advance(1_001);
    await t.crash('a');
    expect(await t.status()).to.equal('running');
  });

  it('a group restart is one restart', async () => {
    const t = await tree({ strategy: 'one-for-all', children: 'a b c', intensity: { restarts: 1, periodMs: 1_000 } });
    await t.crash('a');
    expect(await t.children()).to.equal('a running, b running, c running');
  });

  it('a restart that fails counts as another one', async () => {
    const t = await tree({ children: 'a b', intensity: { restarts: 2, periodMs: 1_000 } });
    t.log();
    weak.set('a', 1);
    await t.crash('a');
    expect(t.log()).to.equal('start a');
    expect(await t.status()).to.equal('running');
    await t.crash('b');
    await t.expectOver('SUPERVISOR_GAVE_UP');
  });

  it('a child that cannot be restarted uses the budget up', async () => {
    const t = await tree({ children: 'a b', intensity: { restarts: 3, periodMs: 1_000 } });
    t.log();
    weak.set('a', 100);
    await t.crash('a');
    expect(t.log()).to.equal('stop b');
    expect(weak.get('a'), 'attempts').to.equal(97);
    await t.expectOver('SUPERVISOR_GAVE_UP');
  });

  it('the message of a crash that was one too many is not lost: it is a dead letter', async () => {
    const t = await tree({ children: 'a', intensity: { restarts: 0, periodMs: 1_000 } });
    await Promise.all([t.at('a').tell({ type: 'crash' }), t.at('a').tell({ type: 'note', text: 'behind it' })]);
    await t.system.settle();
    await t.expectOver('SUPERVISOR_GAVE_UP');
    expect((await t.system.deadLetters()).map(({ event }) => (event as { type: string }).type)).to.deep.equal([
      'crash',
      'note',
    ]);
  });

  it('survives the process: who crash-loops gets no fresh budget', async () => {
    const t = await tree({ children: 'a b', intensity: { restarts: 2, periodMs: 60_000 } });
    await t.crash('a', 'b');
    const { clock } = t.system;
    const again = await systems.oneThread({ store: t.system.crash('kill'), clock });
    await again.get('/top/a').tell({ type: 'crash' });
    await again.settle();
    expect((await again.state('/top'))?.status).to.equal('ended');
  });

  it('a backoff survives the process', async () => {
    const spec = {
      children: 'a b',
      intensity: { restarts: 9, periodMs: 1_000 },
      backoff: { minMs: 500, maxMs: 500, jitter: 0 },
    };
    const t = await tree(spec);
    await t.crash('a');
    t.log();
    const { clock } = t.system;
    const again = await systems.oneThread({ store: t.system.crash('kill'), clock });
    await again.advance(499);
    expect(t.log()).to.not.contain('start a');
    await again.advance(1);
    expect(t.log()).to.contain('start a');
  });

  describe('and backoff', () => {
    const backoff = { minMs: 100, maxMs: 1_000, jitter: 0 };
    const intensity = { restarts: 100, periodMs: 1_000 };

    it('the restart waits; mail waits too, and the supervisor answers', async () => {
      const t = await tree({ children: 'a b', intensity, backoff });
      t.log();
      await t.crash('a');
      await t.at('a').tell({ type: 'note', text: 'meanwhile' });
      expect(await t.children()).to.equal('a restarting, b running');
      await t.system.advance(99);
      expect(t.log()).to.equal('');
      await t.system.advance(1);
      expect(t.log()).to.equal('start a');
      expect(await t.at('a').ask({ type: 'read' })).to.deep.equal(['meanwhile']);
    });

    it('each wait is twice the one before, up to the cap', async () => {
      const t = await tree({ children: 'a', intensity, backoff });
      for (const ms of [100, 200, 400, 800, 1_000, 1_000]) {
        t.log();
        await t.crash('a');
        await t.system.advance(ms - 1);
        expect(t.log(), `before ${ms} ms`).to.equal('');
        await t.system.advance(1);
        expect(t.log(), `after ${ms} ms`).to.equal('start a');
      }
    });

    it('after a time without failures the waits begin at the first again', async () => {
      const t = await tree({ children: 'a', intensity, backoff: { ...backoff, resetAfterMs: 3_000 } });
      await t.crash('a');
      await t.system.advance(100);
      await t.crash('a');
      await t.system.advance(200 + 3_000);
      t.log();
      await t.crash('a');
      await t.system.advance(100);
      expect(t.log()).to.equal('start a');
    });

    it('a stop during the wait is a stop', async () => {
      const t = await tree({ children: 'a b', intensity, backoff });
      await t.crash('a');
      t.log();
      expect(await t.ask('stopChild', 'a')).to.deep.equal({ ok: true });
      await t.system.advance(5_000);
      expect(t.log()).to.equal('');
      expect(await t.children()).to.equal('a stopped, b running');
    });
  });
});
