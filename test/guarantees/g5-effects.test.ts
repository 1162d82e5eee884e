import { expect } from 'chai';
import { armFailpoint, disarmFailpoint, type MemoryStore } from '../../src/testing/index.js';
import { contextOf, useSystems } from '../helpers/with-system.js';
import { runner, worker } from './fixtures/working.js';
import { world } from './fixtures/world.js';

interface Done {
  results: unknown[];
  errors: string[];
}

describe('G5: effects follow commits', () => {
  const systems = useSystems();
  beforeEach(() => world.clear());
  afterEach(() => disarmFailpoint());

  async function started() {
    const system = await systems.oneThread();
    const ref = await system.spawn(worker, { id: 'worker' });
    await ref.tell({ type: 'start' });
    await system.settle();
    return { system, ref };
  }

  it('an effect starts only after the turn that asked for it is committed', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(worker, { id: 'worker' });
    await system.settle();
    const seen: string[] = [];
    armFailpoint('turn.beforeCommit', 1, () => {
      seen.push(`written ${world.runs.length}`);
      armFailpoint('journal.beforeCommit', 1, () => {
        seen.push(`gathered ${world.runs.length}`);
        armFailpoint('journal.afterCommitBeforeRoute', 1, () => seen.push(`committed ${world.runs.length}`));
      });
    });
    await ref.tell({ type: 'start' });
    await system.settle();
    expect(seen).to.deep.equal(['written 0', 'gathered 0', 'committed 0']);
    expect(world.runs).to.have.length(1);
  });

  it('an effect whose turn could not be committed has not started, and starts once when it could', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(worker, { id: 'worker' });
    await system.settle();
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    armFailpoint('turn.beforeCommit', 1, () => system.store.failCommits(full));
    await ref.tell({ type: 'start' });
    await system.settle();
    expect(world.runs).to.have.length(0);
    system.store.failCommits(undefined);
    await system.advance(1_000);
    expect(world.runs).to.have.length(1);
  });

  it('its result is applied once and the effect not run again after it is recorded', async () => {
    const { system } = await started();
    world.runs[0]?.finish('fruit');
    await system.settle();
    expect(await contextOf<Done>(system, '/worker')).to.deep.equal({ results: ['fruit'], errors: [] });
    const next = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    expect(world.runs).to.have.length(1);
    expect(await contextOf<Done>(next, '/worker')).to.deep.equal({ results: ['fruit'], errors: [] });
  });

  it('it runs again under the same effectId after a crash before its result; the old run counts no more', async () => {
    const { system } = await started();
    const next = await systems.oneThread({ store: system.crash('powerCut'), clock: system.clock });
    expect(world.runs.map(({ effectId }) => effectId)).to.deep.equal(Array(2).fill(world.runs[0]?.effectId));
    expect(world.runs[0]?.effectId).to.match(/^\/worker#/);
    world.runs[0]?.finish('of the dead');
    await next.settle();
    expect((await contextOf<Done>(next, '/worker')).results).to.deep.equal([]);
    world.runs[1]?.finish('of the living');
    await next.settle();
    expect((await contextOf<Done>(next, '/worker')).results).to.deep.equal(['of the living']);
  });

  it('a result recorded and not applied at the crash is applied once, and not asked for again', async () => {
    const { system } = await started();
    let left: MemoryStore | undefined;
    // A result is recorded with the turn that applies it; here that turn fails first, and the result is kept.
    armFailpoint('host.beforeMessage', 1, () => {
      armFailpoint('host.beforeMessage', 1, () => {
        left = system.store.fork('powerCut');
      });
      throw new Error('not this time');
    });
    world.runs[0]?.finish('recorded');
    await system.settle();
    await system.stop();
    const next = await systems.oneThread({ store: left as MemoryStore, clock: system.clock });
    expect(world.runs).to.have.length(1);
    expect((await contextOf<Done>(next, '/worker')).results).to.deep.equal(['recorded']);
  });

  it('it runs again on another host when its own died', async () => {
    const { system } = await started();
    await system.killHost(0);
    await system.killHost(1);
    await system.settle();
    const ids = new Set(world.runs.map(({ effectId }) => effectId));
    expect(ids.size).to.equal(1);
    expect(world.runs).to.have.length.at.least(2);
    for (const run of world.runs) run.finish('x');
    await system.settle();
    expect((await contextOf<Done>(system, '/worker')).results).to.deep.equal(['x']);
  });

  it('leaving the state ends the effect; what it says later is ignored', async () => {
    const { system, ref } = await started();
    await ref.tell({ type: 'leave' });
    await system.settle();
    expect(world.runs[0]?.isAborted).to.equal(true);
    world.runs[0]?.finish('too late');
    await system.settle();
    expect((await contextOf<Done>(system, '/worker')).results).to.deep.equal([]);
    const next = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    await next.settle();
    expect(world.runs).to.have.length(1);
  });

  it('a state entered anew has an effect of another id, and the result of the old one is ignored', async () => {
    const { system, ref } = await started();
    await ref.tell({ type: 'start' });
    await system.settle();
    expect(world.runs).to.have.length(2);
    expect(world.runs[0]?.effectId).not.to.equal(world.runs[1]?.effectId);
    world.runs[0]?.finish('old');
    await system.settle();
    expect((await contextOf<Done>(system, '/worker')).results).to.deep.equal([]);
    world.runs[1]?.finish('new');
    await system.settle();
    expect((await contextOf<Done>(system, '/worker')).results).to.deep.equal(['new']);
  });

  it('a failing effect is a message like any other', async () => {
    const { system } = await started();
    world.runs[0]?.fail(new Error('rotten'));
    await system.settle();
    expect(await contextOf<Done>(system, '/worker')).to.deep.equal({ results: [], errors: ['Error: rotten'] });
  });

  it('a local child that ends while its parent is stored is neither lost nor counted twice', async () => {
    for (let crashAt = 1; crashAt <= 24; crashAt += 1) {
      const system = await systems.oneThread({ seed: crashAt });
      const ref = await system.spawn(runner, { id: 'runner' });
      await system.settle();
      let left: MemoryStore | undefined;
      let ackedThen = 0;
      let acked = 0;
      const point = (['turn.afterHandle', 'journal.beforeCommit', 'journal.afterCommitBeforeRoute'] as const)[
        crashAt % 3
      ];
      armFailpoint(point ?? 'turn.afterHandle', crashAt, () => {
        left = system.store.fork('kill');
        ackedThen = acked;
      });
      for (let step = 0; step < 9; step += 1) {
        await ref.tell({ type: 'step' });
        acked += 1;
      }
      await system.settle();
      disarmFailpoint();
      expect(await contextOf(system, '/runner')).to.deep.equal({ laps: 9, points: 56 });
      await system.stop();
      if (left === undefined) continue;
      const next = await systems.oneThread({ store: left, clock: system.clock });
      await next.settle();
      const { laps } = await contextOf<{ laps: number }>(next, '/runner');
      expect(laps, `crash ${crashAt}`).to.be.at.least(ackedThen);
      for (let step = laps; step < 9; step += 1) await next.get<{ type: 'step' }>('/runner').tell({ type: 'step' });
      await next.settle();
      expect(await contextOf(next, '/runner'), `crash ${crashAt}`).to.deep.equal({ laps: 9, points: 56 });
      expect((await next.state('/runner'))?.value).to.equal('home');
      await next.stop();
    }
  });
});
