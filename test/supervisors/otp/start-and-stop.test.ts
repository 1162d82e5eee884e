import { expect } from 'chai';
import type { ChildSpec } from '../../../supervisors/index.js';
import { armFailpoint, disarmFailpoint, type MemoryStore } from '../../../src/testing/index.js';
import { diary, weak, worker } from '../fixtures/workers.js';
import { declare, useTrees } from './tree.js';

const intensity = { restarts: 2, periodMs: 1_000 };

describe("OTP's supervisor: start and stop", () => {
  const { tree, systems } = useTrees();

  describe('starting', () => {
    it('children start in the order of the list, each when the one before is up', async () => {
      const t = await tree({ children: 'd a c b' });
      expect(t.log()).to.equal('start d, start a, start c, start b');
    });

    it('a child that fails to start: those started before are terminated, the last first, and it fails', async () => {
      weak.set('c', 1);
      const t = await tree({ children: 'a b c d' });
      expect(t.log()).to.equal('start a, start b, stop b, stop a');
      await t.expectOver('SUPERVISOR_START');
      const { error } = (await t.system.state(t.ref)) as { error: Error };
      expect(error.message).to.contain('c could not start: c cannot start');
      expect((error.cause as Error).message, 'the original cause').to.equal('c cannot start');
      const refused = await t.spawned?.catch((reason: unknown) => reason);
      expect(refused, 'whoever spawned it is told').to.have.property('code', 'SUPERVISOR_START');
    });

    it('a child that has nothing to do but to start has started', async () => {
      const t = await tree({ children: 'a b' });
      expect(await t.children()).to.equal('a running, b running');
    });

    it('a supervisor without children is fine', async () => {
      const t = await tree({});
      expect(await t.status()).to.equal('running');
    });

    it('a nested supervisor starts its own, in its turn', async () => {
      const inner = declare({ children: 'x y' });
      const t = await tree({
        children: [
          { id: 'a', actor: worker },
          { id: 's', actor: inner },
        ],
      });
      expect(t.log()).to.equal('start a, start x, start y');
      expect(await t.status('/top/s/y')).to.equal('running');
    });
  });

  describe('stopping', () => {
    it('children stop in the reverse order of their start', async () => {
      const t = await tree({ children: 'a b c' });
      t.log();
      await t.ref.stop();
      await t.system.settle();
      expect(t.log()).to.equal('stop c, stop b, stop a');
      await t.expectOver();
    });

    it('stops after a restart keep that order', async () => {
      const t = await tree({ children: 'a b c', intensity });
      await t.crash('a');
      t.log();
      await t.ref.stop();
      await t.system.settle();
      expect(t.log()).to.equal('stop c, stop b, stop a');
    });

    it('a nested supervisor stops its own before itself', async () => {
      const inner = declare({ children: 'x y' });
      const t = await tree({
        children: [
          { id: 'a', actor: worker },
          { id: 's', actor: inner },
          { id: 'b', actor: worker },
        ],
      });
      t.log();
      await t.ref.stop();
      await t.system.settle();
      expect(t.log()).to.equal('stop b, stop y, stop x, stop a');
      expect(await t.status('/top/s')).to.equal('ended');
    });

    it('a child that ends by itself during the stop keeps its own reason', async () => {
      const t = await tree({ children: 'a b' });
      const watched = t.system.watch(t.at('a'));
      await Promise.all([t.at('a').tell({ type: 'giveUp' }), t.ref.stop()]);
      await t.system.settle();
      expect((await watched).how).to.equal('failed');
    });

    it('a stop during a backoff leaves nothing behind', async () => {
      const t = await tree({ children: 'a b', intensity, backoff: { minMs: 500, maxMs: 500 } });
      await t.crash('a');
      await t.ref.stop();
      await t.system.advance(1_000);
      await t.expectOver();
      expect(await t.status('/top/a')).to.equal('ended');
    });

    it('its mail and that of its children become dead letters', async () => {
      const t = await tree({ children: 'a', intensity, backoff: { minMs: 500, maxMs: 500 } });
      await t.crash('a');
      await t.at('a').tell({ type: 'note', text: 'x' });
      await t.ref.stop();
      await t.system.settle();
      expect((await t.system.deadLetters()).length).to.be.at.least(1);
    });
  });

  describe('escalation', () => {
    const nested = (inner: ReturnType<typeof declare>, rest: Partial<ChildSpec> = {}) => [
      { id: 'a', actor: worker, onFailure: 'reset' as const },
      { id: 's', actor: inner, ...rest },
      { id: 'b', actor: worker, onFailure: 'reset' as const },
    ];

    it('a supervisor that gives up is restarted by its own, children and all', async () => {
      const inner = declare({ children: 'x y', intensity: { restarts: 1, periodMs: 1_000 } });
      const t = await tree({ children: nested(inner), intensity });
      t.log();
      await t.crash('s/x', 's/x');
      expect(t.log()).to.equal('start x, stop y, start x, start y');
      expect(await t.children()).to.equal('a running, s running, b running');
      expect(await t.status('/top/s/x')).to.equal('running');
    });

    it('its budget is fresh then', async () => {
      const inner = declare({ children: 'x', intensity: { restarts: 1, periodMs: 1_000 } });
      const t = await tree({ children: nested(inner), intensity });
      await t.crash('s/x', 's/x');
      t.log();
      await t.crash('s/x');
      expect(t.log()).to.equal('start x');
    });

    it('by the strategy of the one above', async () => {
      const inner = declare({ children: 'x', intensity: { restarts: 0, periodMs: 1_000 } });
      const t = await tree({ strategy: 'rest-for-one', children: nested(inner), intensity });
      t.log();
      await t.crash('s/x');
      expect(t.log()).to.equal('stop b, start x, start b');
    });

    it('goes up to the top when it does not help', async () => {
      const inner = declare({ children: 'x', intensity: { restarts: 0, periodMs: 1_000 } });
      const t = await tree({ children: nested(inner), intensity: { restarts: 2, periodMs: 1_000 } });
      await t.crash('s/x', 's/x');
      expect(await t.status()).to.equal('running');
      t.log();
      await t.crash('s/x');
      expect(t.log()).to.equal('stop b, stop a');
      await t.expectOver('SUPERVISOR_GAVE_UP');
      for (const path of ['/top/a', '/top/s', '/top/s/x', '/top/b'])
        expect(await t.status(path), path).to.equal('ended');
    });

    it('a temporary supervisor that gives up is gone, with its children', async () => {
      const inner = declare({ children: 'x y', intensity: { restarts: 0, periodMs: 1_000 } });
      const t = await tree({ children: nested(inner, { restart: 'temporary' }), intensity });
      await t.crash('s/x');
      expect(await t.children()).to.equal('a running, b running');
      for (const path of ['/top/s', '/top/s/x', '/top/s/y']) expect(await t.status(path), path).to.equal('ended');
    });

    it('children that are restored keep their state and their mail through it', async () => {
      const kept = [
        { id: 'x', actor: worker },
        { id: 'y', actor: worker },
      ];
      const inner = declare({ children: kept, intensity: { restarts: 0, periodMs: 1_000 } });
      const t = await tree({ children: nested(inner), intensity });
      await t.at('s/y').tell({ type: 'note', text: 'kept' });
      await Promise.all([
        t.at('s/x').tell({ type: 'note', text: '1' }),
        t.at('s/x').tell({ type: 'crash' }),
        t.at('s/x').tell({ type: 'note', text: '2' }),
      ]);
      await t.system.settle();
      expect(await t.at('s/y').ask({ type: 'read' })).to.deep.equal(['kept']);
      await t.system.advance(2_000);
      await t.system.settle();
      expect(await t.at('s/x').ask({ type: 'read' })).to.deep.equal(['1', '2']);
    });
  });

  it('every step of a start, a restart and a stop may be where the process dies', async () => {
    for (let crashAt = 1; crashAt <= 40; crashAt += 1) {
      const definition = declare({
        strategy: 'one-for-all',
        children: 'a b c',
        intensity: { restarts: 5, periodMs: 60_000 },
      });
      const first = await systems.oneThread({ seed: crashAt });
      await first.spawn(definition, { id: 'top' });
      let store: MemoryStore | undefined;
      armFailpoint('journal.afterCommitBeforeRoute', crashAt, () => {
        store = first.crash('kill');
      });
      await first.settle();
      const told = first.get('/top/b').tell({ type: 'crash' });
      told.catch(() => {});
      await first.settle();
      disarmFailpoint();
      // It has done everything before it came to that place.
      if (store === undefined) {
        expect(crashAt).to.be.above(10);
        return;
      }
      diary.length = 0;
      const second = await systems.oneThread({ seed: crashAt, store });
      await second.settle();
      const ref = second.get('/top');
      const views = (await ref.ask({ type: 'children' } as never)) as { id: string; standing: string }[];
      expect(
        views.map(({ id, standing }) => `${id} ${standing}`),
        `after group ${crashAt}`,
      ).to.deep.equal(['a running', 'b running', 'c running']);
    }
  });
});
