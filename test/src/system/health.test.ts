import { expect } from 'chai';
import { type HealthChanged, TroupeError } from '../../../src/index.js';
import { limits } from '../../../src/core/limits.js';
import { Health } from '../../../src/system/health.js';
import { resolveOptions } from '../../../src/system/options.js';
import { System } from '../../../src/system/system.js';
import { eventually, type TestSystem, waitFor } from '../../../src/testing/index.js';
import { book } from '../../guarantees/fixtures/book.js';
import { deploy } from '../../guarantees/fixtures/deploy.js';
import { supervisor } from '../../../supervisors/index.js';
import { worker } from '../../supervisors/fixtures/workers.js';
import { anyRef, rejection, useSystems } from '../../helpers/with-system.js';

describe('the health of a system', () => {
  const systems = useSystems();
  afterEach(() => deploy('first'));
  /** What has been told, as `was -> status`. */
  const notices = (): string[] => systems.heard('healthChanged').map(({ was, status }) => `${was} -> ${status}`);
  const bad = (system: System): string[] =>
    system.health().checks.flatMap(({ name, isGood, why }) => (isGood ? [] : [`${name}: ${why}`]));
  const full = new TroupeError('JOURNAL_FULL', 'the disk is full');

  it('is ready when it has started, and nothing is told while nothing changes', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(book, { id: 'book' });
    for (let n = 0; n < 10; n += 1) await ref.tell({ type: 'note', text: 'x' });
    await system.killHost(0);
    await system.settle();
    const checks = ['journal', 'hosts', 'eventLoop', 'quarantine'].map((name) => ({ name, isGood: true }));
    expect(system.health()).to.deep.equal({ isLive: true, isReady: true, status: 'ready', checks });
    expect(notices()).to.deep.equal(['starting -> ready']);
    const [told] = systems.heard('healthChanged');
    expect(told).to.deep.include({ system: 'memory', isLive: true, isReady: true, checks });
  });

  it('is live and not ready while it starts; when it cannot, it has stopped', async () => {
    const system = new System(resolveOptions({ journal: 'memory', hosts: 2, logger: false }));
    const before = system.health();
    expect([before.isLive, before.isReady, before.status]).to.deep.equal([true, false, 'starting']);
    expect(bad(system)).to.deep.equal(['journal: it is not open yet', 'hosts: 0 of 2 run']);
    const started = system.start(async (_, events) => {
      events.onHealth();
      expect(system.health()).to.deep.equal(before);
      throw new Error('no machine');
    });
    expect((await rejection(started)).message).to.equal('no machine');
    expect(system.health()).to.include({ isLive: false, isReady: false, status: 'stopped' });
    expect(notices()).to.deep.equal(['starting -> stopped']);
  });

  it('is not ready while the disk is full, and told of once, however often something is refused', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(book, { id: 'book' });
    system.store.failCommits(full);
    for (let n = 0; n < 3; n += 1) {
      expect(await rejection(ref.tell({ type: 'note', text: 'x' }))).to.have.property('code', 'JOURNAL_FULL');
      await system.advance(limits.storeRetryMs);
    }
    expect(system.health()).to.include({ isLive: true, isReady: false, status: 'degraded' });
    expect(bad(system)).to.deep.equal(['journal: the disk is full']);
    expect(notices()).to.deep.equal(['starting -> ready', 'ready -> degraded']);
    system.store.failCommits(undefined);
    await system.advance(limits.storeRetryMs);
    expect(system.health(), 'nobody had to write anything').to.include({ isReady: true, status: 'ready' });
    await ref.tell({ type: 'note', text: 'y' });
    expect(notices()).to.deep.equal(['starting -> ready', 'ready -> degraded', 'degraded -> ready']);
  });

  it('is not live when the journal is gone', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(book, { id: 'book' });
    system.store.failNextCommit(new TroupeError('JOURNAL_CORRUPT', 'a record is wrong'));
    await rejection(ref.tell({ type: 'note', text: 'x' }));
    expect(system.health()).to.include({ isLive: false, isReady: false, status: 'degraded' });
    expect(bad(system)).to.deep.equal(['journal: a record is wrong']);
    expect(notices()).to.deep.equal(['starting -> ready', 'ready -> degraded']);
  });

  it('tells of each check that changes while it is degraded', async () => {
    let system = await withTraveller();
    await quarantine(system);
    system.store.failCommits(full);
    await rejection(anyRef(system, '/t').tell({ type: 'note', text: 'x' }));
    expect(bad(system)).to.deep.equal(['journal: the disk is full', 'quarantine: 1 actor is quarantined']);
    system.store.failCommits(undefined);
    await system.advance(limits.storeRetryMs);
    const told = systems.heard('healthChanged').slice(-3);
    expect(told.map(({ status, isReady }) => `${status} ${isReady}`)).to.deep.equal([
      'degraded true',
      'degraded false',
      'degraded true',
    ]);
    await deploy('first');
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    await system.settle();
    expect(system.health().status, 'restored at the next start').to.equal('ready');
  });

  /** A system whose actor no definition fits any more, when it is next told something. */
  async function withTraveller(): Promise<TestSystem> {
    const system = await systems.oneThread();
    const ref = await system.spawn(await deploy('first'), { id: 't' });
    await ref.tell({ type: 'move' });
    await system.settle();
    await deploy('without');
    return systems.oneThread({ store: system.crash('kill'), clock: system.clock });
  }

  async function quarantine(system: TestSystem): Promise<void> {
    await anyRef(system, '/t').tell({ type: 'note', text: 'kept' });
    await system.settle();
    expect(bad(system)).to.deep.equal(['quarantine: 1 actor is quarantined']);
    expect(system.health()).to.include({ isLive: true, isReady: true, status: 'degraded' });
  }

  it('is degraded, and ready, while an actor is quarantined: until it is stopped', async () => {
    const system = await withTraveller();
    await quarantine(system);
    await anyRef(system, '/t').stop();
    expect(system.health().status).to.equal('ready');
    expect(notices().slice(-3)).to.deep.equal(['starting -> ready', 'ready -> degraded', 'degraded -> ready']);
  });

  it('or until its supervisor has restarted it with what fits', async () => {
    const children = [
      { id: 't', actor: await deploy('first') },
      { id: 'w', actor: worker },
    ];
    const pair = supervisor(import.meta, 'health.pair', { strategy: 'one-for-all', children });
    let system = await systems.oneThread();
    await system.spawn(pair, { id: 'pair' });
    await anyRef(system, '/pair/t').tell({ type: 'move' });
    await system.settle();
    await deploy('without');
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    await anyRef(system, '/pair/t').tell({ type: 'note', text: 'kept' });
    await system.settle();
    expect(bad(system)).to.deep.equal(['quarantine: 1 actor is quarantined']);
    await deploy('first');
    await anyRef(system, '/pair/w').tell({ type: 'stumble' });
    await system.settle();
    expect((await system.state('/pair/t'))?.status).to.equal('running');
    expect(system.health().status).to.equal('ready');
  });

  it('or until it is spawned again with what fits', async () => {
    const system = await withTraveller();
    await quarantine(system);
    await system.spawn(await deploy('first'), { id: 't' });
    await system.settle();
    expect(system.health().status).to.equal('ready');
  });
});

describe('the notices of health', () => {
  it('are one for each check that changes, and none for another reason', () => {
    const told: string[] = [];
    const machine = { hostsAlive: 2, loopLateMs: 0 };
    const health = new Health(
      2,
      () => 'running',
      () => machine,
      (_, news) => void told.push((news as HealthChanged).checks.map(({ isGood }) => (isGood ? '+' : '-')).join('')),
    );
    const quarantined = (aid: number): void =>
      health.hear({ kind: 'quarantined', aid, path: `/${aid}`, name: 'd', report: Buffer.alloc(0) });
    const changed = (more: Partial<typeof machine>): void => {
      Object.assign(machine, more);
      health.look();
    };
    quarantined(1);
    quarantined(2);
    changed({ hostsAlive: 1 });
    changed({ loopLateMs: 2_000 });
    changed({ loopLateMs: 3_000 });
    changed({ hostsAlive: 2, loopLateMs: 0 });
    health.hear({ kind: 'unquarantined', aid: 1 });
    health.hear({ kind: 'unquarantined', aid: 2 });
    health.hear({ kind: 'unquarantined', aid: 2 });
    expect(told).to.deep.equal(['+++-', '+-+-', '+---', '+++-', '++++']);
  });
});

describe('the health of a system on threads', function () {
  this.timeout(60_000);
  const systems = useSystems();
  /** What has been told, as if a busy machine never held up the main thread. */
  const told = (): string[] =>
    systems
      .heard('healthChanged')
      .map(({ status, isReady, checks }) => {
        const reasons = checks.flatMap(({ name, why }) => (name === 'eventLoop' ? [] : (why ?? [])));
        const isHeldUpOnly = status === 'degraded' && reasons.length === 0;
        return [isHeldUpOnly ? 'ready' : status, isReady, ...reasons].join(' ');
      })
      .filter((text, index, all) => text !== all[index - 1]);

  it('knows that a host is being replaced, and is ready as long as there is another one', async () => {
    const system = await systems.threads({ hosts: 2 });
    const degraded = waitFor('healthChanged', ({ checks }) =>
      checks.some(({ name, isGood }) => name === 'hosts' && !isGood),
    );
    await system.killHost(0);
    expect(await degraded).to.include({ isLive: true, isReady: true, status: 'degraded' });
    await eventually(() => system.health().status === 'ready', 'it is replaced', 30_000);
    expect(told()).to.deep.equal(['ready true', 'degraded true 1 of 2 run', 'ready true']);
  });

  it('is not ready while its only host is replaced', async () => {
    const system = await systems.threads({ hosts: 1 });
    await system.killHost(0);
    await eventually(() => told().length >= 3, 'it is replaced', 30_000);
    expect(told()).to.deep.equal(['ready true', 'degraded false 0 of 1 run', 'ready true']);
  });

  it('is not ready while it drains, nor live when it has stopped', async () => {
    const system = await systems.threads({ hosts: 1 });
    const stopped = system.stop();
    expect(system.health()).to.include({ isLive: true, isReady: false, status: 'draining' });
    await stopped;
    expect(system.health()).to.include({ isLive: false, isReady: false, status: 'stopped' });
    expect(told()).to.deep.equal(['ready true', 'draining false', 'stopped false it is closed 0 of 1 run']);
  });

  it('knows that the main thread was held up, when it is not any more', async () => {
    const system = await systems.threads({ hosts: 1 });
    await eventually(() => system.health().status === 'ready', 'it is not held up', 30_000);
    const degraded = waitFor('healthChanged', ({ status }) => status === 'degraded');
    const heldMs = limits.loopLookMs + limits.loopLateMsMax + 500;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, heldMs);
    expect((await degraded).checks.find(({ isGood }) => !isGood)?.why).to.match(/main thread was held up for \d+ ms/);
    await eventually(() => system.health().status === 'ready', 'it goes on', 30_000);
  });
});
