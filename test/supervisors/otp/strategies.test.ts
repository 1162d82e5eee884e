import { expect } from 'chai';
import { useTrees } from './tree.js';

const intensity = { restarts: 10, periodMs: 1_000 };

describe("OTP's supervisor: strategies", () => {
  const { tree } = useTrees();

  describe('one-for-one', () => {
    it('is the default', async () => {
      const t = await tree({ children: 'a b c' });
      t.log();
      await t.crash('b');
      expect(t.log()).to.equal('start b');
    });

    it('a child that terminates and is to be restarted: only it is affected', async () => {
      const t = await tree({ strategy: 'one-for-one', children: 'a b c', intensity });
      t.log();
      await t.crash('a', 'c');
      expect(t.log()).to.equal('start a, start c');
      expect(await t.children()).to.equal('a running, b running, c running');
    });
  });

  describe('one-for-all', () => {
    it('all others are terminated, the last first, and then all are restarted, in order', async () => {
      const t = await tree({ strategy: 'one-for-all', children: 'a b c d', intensity });
      t.log();
      await t.crash('b');
      expect(t.log()).to.equal('stop d, stop c, stop a, start a, start b, start c, start d');
    });

    it('a child that is not to be restarted affects nobody', async () => {
      const t = await tree({ strategy: 'one-for-all', children: 'a b:temporary c:transient', intensity });
      t.log();
      await t.crash('b');
      await t.tell('c', 'leave');
      expect(t.log()).to.equal('stop c');
      expect(await t.children()).to.equal('a running, c stopped');
    });

    it('temporary children are terminated with the others and not restarted', async () => {
      const t = await tree({ strategy: 'one-for-all', children: 'a b:temporary c', intensity });
      t.log();
      await t.crash('a');
      expect(t.log()).to.equal('stop c, stop b, start a, start c');
      expect(await t.children()).to.equal('a running, c running');
      expect(await t.status('/top/b')).to.equal('ended');
    });

    it('transient children are restarted with the others', async () => {
      const t = await tree({ strategy: 'one-for-all', children: 'a b:transient', intensity });
      t.log();
      await t.crash('a');
      expect(t.log()).to.equal('stop b, start a, start b');
    });

    it('a child that was stopped on request is started with the others', async () => {
      const t = await tree({ strategy: 'one-for-all', children: 'a b c', intensity });
      await t.ask('stopChild', 'b');
      t.log();
      await t.crash('c');
      expect(t.log()).to.equal('stop a, start a, start b, start c');
    });

    it('two that fail at once are one restart', async () => {
      const t = await tree({ strategy: 'one-for-all', children: 'a b c', intensity: { restarts: 1, periodMs: 1_000 } });
      t.log();
      await Promise.all([t.at('a').tell({ type: 'crash' }), t.at('c').tell({ type: 'crash' })]);
      await t.system.settle();
      expect(t.log()).to.equal('stop b, start a, start b, start c');
      expect(await t.children()).to.equal('a running, b running, c running');
    });

    it('one that cannot be restarted: those restarted before it are terminated, and all is tried again', async () => {
      const t = await tree({ strategy: 'one-for-all', children: 'a b c', intensity });
      t.log();
      const { weak } = await import('../fixtures/workers.js');
      weak.set('b', 2);
      await t.crash('c');
      const attempt = 'start a, ';
      expect(t.log()).to.equal(`stop b, stop a, ${attempt}stop a, ${attempt}stop a, start a, start b, start c`);
    });
  });

  describe('rest-for-one', () => {
    it('those started after it are terminated, the last first, then it and they are restarted, in order', async () => {
      const t = await tree({ strategy: 'rest-for-one', children: 'a b c d', intensity });
      t.log();
      await t.crash('b');
      expect(t.log()).to.equal('stop d, stop c, start b, start c, start d');
    });

    it('the last one concerns only itself', async () => {
      const t = await tree({ strategy: 'rest-for-one', children: 'a b c', intensity });
      t.log();
      await t.crash('c');
      expect(t.log()).to.equal('start c');
    });

    it('the first one concerns all', async () => {
      const t = await tree({ strategy: 'rest-for-one', children: 'a b c', intensity });
      t.log();
      await t.crash('a');
      expect(t.log()).to.equal('stop c, stop b, start a, start b, start c');
    });

    it('temporary ones behind it are terminated and not restarted', async () => {
      const t = await tree({ strategy: 'rest-for-one', children: 'a b:temporary c', intensity });
      t.log();
      await t.crash('a');
      expect(t.log()).to.equal('stop c, stop b, start a, start c');
    });

    it('temporary ones before it are left alone', async () => {
      const t = await tree({ strategy: 'rest-for-one', children: 'a:temporary b c', intensity });
      t.log();
      await t.crash('b');
      expect(t.log()).to.equal('stop c, start b, start c');
      expect(await t.children()).to.equal('a running, b running, c running');
    });

    it('children that were started later count as behind it', async () => {
      const t = await tree({ strategy: 'rest-for-one', children: 'a b', intensity });
      await t.ask('startChild', 'z');
      t.log();
      await t.crash('b');
      expect(t.log()).to.equal('stop z, start b, start z');
    });

    it('an earlier one that fails during the restart is restarted after it, with all behind it', async () => {
      const t = await tree({ strategy: 'rest-for-one', children: 'a b c', intensity });
      t.log();
      await Promise.all([t.at('b').tell({ type: 'crash' }), t.at('a').tell({ type: 'crash' })]);
      await t.system.settle();
      expect(await t.children()).to.equal('a running, b running, c running');
      expect(t.log()).to.match(/start a, start b, start c$/);
    });
  });
});
