import { expect } from 'chai';
import { worker } from '../fixtures/workers.js';
import { declare, useTrees } from './tree.js';

const intensity = { restarts: 10, periodMs: 1_000 };

describe("OTP's supervisor: significant children and automatic shutdown", () => {
  const { tree } = useTrees();

  it('never: nobody is significant, and a supervisor without children goes on', async () => {
    const t = await tree({ children: 'a:transient', intensity });
    await t.tell('a', 'leave');
    expect(await t.status()).to.equal('running');
  });

  it('any: the first significant child that ends by itself stops all', async () => {
    const t = await tree({ children: 'a b:transient! c:transient!', autoShutdown: 'any', intensity });
    t.log();
    await t.tell('b', 'leave');
    expect(t.log()).to.equal('stop b, stop c, stop a');
    await t.expectOver();
    expect(await t.failure(), 'it ends as one that has nothing more to do').to.equal('undefined');
  });

  it('any: a child that is not significant stops nothing', async () => {
    const t = await tree({ children: 'a:transient b:transient!', autoShutdown: 'any', intensity });
    await t.tell('a', 'leave');
    expect(await t.status()).to.equal('running');
  });

  it('any: a transient child that fails is restarted, which is no end', async () => {
    const t = await tree({ children: 'a b:transient!', autoShutdown: 'any', intensity });
    t.log();
    await t.crash('b');
    expect(t.log()).to.equal('start b');
    expect(await t.status()).to.equal('running');
  });

  it('any: a temporary child that fails has ended', async () => {
    const t = await tree({ children: 'a b:temporary!', autoShutdown: 'any', intensity });
    await t.crash('b');
    await t.expectOver();
  });

  it('all: only the last significant child stops all', async () => {
    const t = await tree({ children: 'a b:transient! c:temporary!', autoShutdown: 'all', intensity });
    t.log();
    await t.tell('b', 'leave');
    expect(await t.status()).to.equal('running');
    await t.tell('c', 'leave');
    expect(t.log()).to.equal('stop b, stop c, stop a');
    await t.expectOver();
  });

  it('a significant child that is stopped on request stops nothing', async () => {
    const t = await tree({ children: 'a b:transient!', autoShutdown: 'any', intensity });
    await t.ask('stopChild', 'b');
    expect(await t.status()).to.equal('running');
  });

  it('a significant child that is stopped with its siblings stops nothing', async () => {
    const t = await tree({ strategy: 'one-for-all', children: 'a b:temporary!', autoShutdown: 'any', intensity });
    await t.crash('a');
    expect(await t.status()).to.equal('running');
    expect(await t.children()).to.equal('a running');
  });

  it('children added later may be significant', async () => {
    const t = await tree({ children: 'a', autoShutdown: 'any', intensity });
    await t.ask('startChild', 'b:temporary!');
    await t.tell('b', 'leave');
    await t.expectOver();
  });

  it('the one above sees a normal end: a transient supervisor is not restarted', async () => {
    const inner = declare({ children: 'x:transient!', autoShutdown: 'any', intensity });
    const t = await tree({
      children: [
        { id: 'a', actor: worker },
        { id: 's', actor: inner, restart: 'transient' },
      ],
      intensity,
    });
    await t.tell('s/x', 'leave');
    expect(await t.children()).to.equal('a running, s stopped');
  });

  it('a permanent one is', async () => {
    const inner = declare({ children: 'x:transient!', autoShutdown: 'any', intensity });
    const t = await tree({ children: [{ id: 's', actor: inner }], intensity });
    t.log();
    await t.tell('s/x', 'leave');
    expect(t.log()).to.equal('stop x, start x');
  });
});
