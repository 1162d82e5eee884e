/** A dynamic supervisor over partitions: asked as one, and only a part of it falls. */
import { expect } from 'chai';
import type { ActorRef, TroupeError } from '../../src/index.js';
import { eventually, type TestSystem } from '../../src/testing/index.js';
import { type DynamicEvents, type DynamicSpec, dynamicSupervisor, supervisor } from '../../supervisors/index.js';
import { useSystems } from '../helpers/with-system.js';
import { partitionedPool } from './fixtures/trees.js';
import { diary, weak, worker } from './fixtures/workers.js';

type Hub = ActorRef<DynamicEvents>;

/** Where a child lives, by what its start answered. */
const pathOf = (answer: unknown): string => (answer as { path: string }).path;

describe('a dynamic supervisor over partitions', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: Hub;
  const start = (id: string, timeoutMs = 5_000) => ref.ask({ type: 'startChild', id }, { timeoutMs });
  const stop = (id: string) => ref.ask({ type: 'stopChild', id });
  const count = async (): Promise<number> => (await ref.ask({ type: 'count' })).active;
  const log = (): string => diary.splice(0).join(', ');
  const spec = (more: Partial<DynamicSpec> = {}): DynamicSpec => ({
    child: { actor: worker, onFailure: 'reset' },
    intensity: { restarts: 1, periodMs: 1_000 },
    partitions: 4,
    ...more,
  });
  const begin = async (more: Partial<DynamicSpec> = {}): Promise<void> => {
    system = await systems.oneThread();
    ref = await system.spawn(dynamicSupervisor(import.meta, 'partitions.pool', spec(more)), { id: 'pool' });
  };
  const ids = (number: number): string[] => Array.from({ length: number }, (_, n) => `w${n}`);
  const startAll = (of: readonly string[]): Promise<unknown[]> => Promise.all(of.map((id) => start(id, 60_000)));
  const crash = async (path: string): Promise<void> => {
    await system.get(path).tell({ type: 'crash' });
    await system.settle();
  };
  beforeEach(() => {
    diary.length = 0;
    weak.clear();
  });

  it('starts and stops children by their id; the answer says where they live', async () => {
    await begin();
    const path = pathOf(await start('anna'));
    expect(path).to.match(/^\/pool\/[0-3]\/anna$/);
    expect(log()).to.equal('start anna');
    expect(await start('anna')).to.include({ ok: false, reason: 'already-started' });
    expect(await count()).to.equal(1);
    expect(await stop('nobody')).to.deep.equal({ ok: false, reason: 'not-found' });
    expect(await stop('anna')).to.deep.equal({ ok: true });
    expect(await count()).to.equal(0);
    expect(await start('a/b')).to.include({ ok: false, reason: 'refused' });
    expect(await start(7 as never)).to.include({ ok: false, reason: 'refused' });
    weak.set('bert', 1);
    expect(await start('bert')).to.include({ ok: false, reason: 'start-failed' });
    expect(pathOf(await start('anna')), 'the same place again').to.equal(path);
  });

  it('spreads them', async () => {
    await begin();
    await startAll(ids(400));
    const sizes = await Promise.all(
      [0, 1, 2, 3].map(async (n) => (await system.actors({ parent: `/pool/${n}` })).length),
    );
    expect(sizes.reduce((sum, size) => sum + size)).to.equal(400);
    for (const size of sizes) expect(size, sizes.join()).to.be.within(70, 130);
    expect(await count()).to.equal(400);
  });

  it('maxChildren is that of the whole', async () => {
    await begin({ maxChildren: 10 });
    const answers = (await startAll(ids(30))) as { ok: boolean; error?: TroupeError }[];
    expect(answers.filter(({ ok }) => ok)).to.have.length(10);
    const refused = answers.filter(({ ok }) => !ok);
    for (const answer of refused) {
      expect(answer).to.include({ reason: 'max-children' });
      expect([answer.error?.code, answer.error?.message]).to.deep.equal([
        'CHILDREN_MAX',
        '/pool has 10 children already',
      ]);
    }
    const started = ids(30).filter((_, n) => answers[n]?.ok);
    await stop(started[0] as string);
    expect(await start('more')).to.include({ ok: true });
    expect(await count()).to.equal(10);
  });

  it('a partition that has spent its budget takes its own children along, and begins empty', async () => {
    await begin();
    const paths = (await startAll(ids(40))).map(pathOf);
    const inOne = paths.filter((path) => path.startsWith('/pool/1/'));
    const others = paths.filter((path) => !inOne.includes(path));
    log();
    await crash(others[0] as string);
    await crash(inOne[0] as string);
    expect(await count(), 'each has its own budget').to.equal(40);
    await crash(inOne[1] as string);
    expect(await count()).to.equal(others.length);
    expect((await system.state('/pool'))?.status).to.equal('running');
    expect((await system.state(inOne[2] as string))?.status).to.equal('ended');
    expect((await system.state(others[1] as string))?.status).to.equal('running');
    const gone = (inOne[0] as string).split('/').at(-1) as string;
    expect(await start(gone)).to.deep.equal({ ok: true, path: inOne[0] });
    expect(await count()).to.equal(others.length + 1);
  });

  it('when partitions give up more often than the hub may restart them, all is over', async () => {
    await begin();
    const paths = (await startAll(ids(40))).map(pathOf);
    for (const partition of ['/pool/0/', '/pool/2/']) {
      const [one, two] = paths.filter((path) => path.startsWith(partition));
      await crash(one as string);
      await crash(two as string);
    }
    const state = await system.state('/pool');
    expect(state?.status).to.equal('ended');
    expect(state?.error).to.have.property('code', 'SUPERVISOR_GAVE_UP');
    for (const path of paths) expect((await system.state(path))?.status, path).to.equal('ended');
  });

  it('another number of partitions, deployed, leaves everybody in place', async () => {
    await begin();
    const paths = (await startAll(ids(20))).map(pathOf);
    const wider = dynamicSupervisor(import.meta, 'partitions.pool', spec({ partitions: 7 }));
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    ref = await system.spawn(wider, { id: 'pool' });
    await system.settle();
    expect(await count()).to.equal(20);
    expect(await start('w3')).to.include({ ok: false, reason: 'already-started' });
    for (const id of ids(20)) expect(await stop(id), id).to.deep.equal({ ok: true });
    expect(await count()).to.equal(0);
    expect((await system.actors({ parent: '/pool' })).length).to.equal(4);
    expect(paths.every((path) => /^\/pool\/[0-3]\//.test(path))).to.equal(true);
    await ref.stop();
    ref = await system.spawn(wider, { id: 'pool' });
    expect((await system.actors({ parent: '/pool' })).length, 'begun anew').to.equal(7);
  });

  it('requests that come while it starts, and while a partition is restarted, are answered', async () => {
    system = await systems.oneThread({ roundsPerTurn: 1 });
    const definition = dynamicSupervisor(import.meta, 'partitions.early', spec());
    const spawned = system.spawn(definition, { id: 'pool' });
    ref = system.get('/pool');
    const early = [start('a'), start('b'), ref.ask({ type: 'count' })];
    expect((await Promise.all(early)).map((answer) => (answer as { ok?: true }).ok)).to.deep.equal([
      true,
      true,
      undefined,
    ]);
    await spawned;
    const path = pathOf(await start('c'));
    for (let n = 0; n < 2; n += 1) await system.get(path).tell({ type: 'crash' });
    const late = await Promise.all([start('d'), start('e'), start('f')]);
    expect(late.map(({ ok }) => ok)).to.deep.equal([true, true, true]);
    await system.settle();
    expect((await system.state('/pool'))?.status).to.equal('running');
    for (const each of late) expect((await system.state(pathOf(each)))?.status, pathOf(each)).to.equal('running');
  });

  it('10,000 children over 16 partitions: started, crashed, killed and recovered, stopped whole', async function () {
    this.timeout(60_000);
    system = await systems.oneThread();
    ref = await system.spawn(partitionedPool, { id: 'pool' });
    const all = ids(10_000);
    const paths = (await startAll(all)).map(pathOf);
    expect(await count()).to.equal(10_000);
    expect(await start('one-more')).to.include({ ok: false, reason: 'max-children' });
    log();
    await crash(paths[17] as string);
    expect(log()).to.equal('start w17');
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    ref = system.get('/pool') as Hub;
    expect(await count()).to.equal(10_000);
    expect(await start('w5000')).to.include({ ok: false, reason: 'already-started' });
    await crash(paths[17] as string);
    await crash(paths[17] as string);
    const left = await count();
    expect(left, 'the budget is that from before').to.be.within(9_200, 9_550);
    log();
    await ref.stop();
    expect(log().split(', ')).to.have.length(left);
    expect((await system.stats()).journal.actors).to.equal(0);
  });

  for (const [partitions, message] of [
    [0, /partitions must be a whole number from 1, and is 0/],
    [1.5, /partitions must be a whole number from 1/],
    [1_001, /partitions must be at most 1000, and is 1001/],
  ] as const) {
    it(`is not declared with ${partitions} of them`, () => {
      expect(() => dynamicSupervisor(import.meta, 'partitions.bad', spec({ partitions })))
        .to.throw(message)
        .with.property('code', 'SUPERVISOR_SPEC');
    });
  }

  it('questions that are told, or make no sense, are nobody’s failure', async () => {
    await begin();
    for (const type of ['startChild', 'stopChild', 'count', 'countOn', 'nonsense']) await ref.tell({ type } as never);
    for (const others of [undefined, 7, [7]]) {
      const partition = system.get('/pool/0');
      await partition.tell({ type: 'countOn', before: 0, others });
      void partition.ask({ type: 'countOn', before: 0, others }, { timeoutMs: 1 }).catch(() => {});
    }
    await system.advance(10);
    expect(systems.heard('actorFailed')).to.deep.equal([]);
    expect(systems.heard('deadLetter')).to.deep.equal([]);
    expect(await count()).to.equal(0);
  });
});

describe('a dynamic supervisor that is restarted by another one', () => {
  const systems = useSystems();

  it('answers who asked for a stop in its former life, and is not confused by it later', async () => {
    const inner = dynamicSupervisor(import.meta, 'partitions.inner', {
      child: { actor: worker, onFailure: 'reset' },
      intensity: { restarts: 1, periodMs: 1_000 },
    });
    const outer = supervisor(import.meta, 'partitions.outer', {
      backoff: { minMs: 1_000, maxMs: 1_000, jitter: 0 },
      children: [{ id: 'pool', actor: inner }],
    });
    const system = await systems.oneThread();
    await system.spawn(outer, { id: 'top' });
    const ref = system.get('/top/pool') as Hub;
    for (const id of ['a', 'b']) await ref.ask({ type: 'startChild', id });
    for (let n = 0; n < 2; n += 1) await system.get('/top/pool/a').tell({ type: 'crash' });
    await system.settle();
    const stopped = ref.ask({ type: 'stopChild', id: 'b' });
    await system.settle();
    await system.advance(1_000);
    expect(await stopped).to.deep.equal({ ok: false, reason: 'ending' });
    await ref.ask({ type: 'startChild', id: 'b' });
    await system.get('/top/pool/b').tell({ type: 'crash' });
    await system.settle();
    expect((await system.state('/top/pool/b'))?.status, 'it is restarted').to.equal('running');
    expect(await ref.ask({ type: 'count' })).to.deep.equal({ active: 1 });
  });
});

describe('a dynamic supervisor over partitions, on threads', function () {
  this.timeout(60_000);
  const systems = useSystems();

  it('goes on when threads die', async () => {
    let system = await systems.threads({ hosts: 2 });
    let ref: Hub = await system.spawn(partitionedPool, { id: 'pool' });
    const start = (n: number) => ref.ask({ type: 'startChild', id: `w${n}` }, { timeoutMs: 30_000 });
    const started = Array.from({ length: 300 }, (_, n) => start(n));
    await started[50];
    await system.killHost(0);
    await started[150];
    await system.killHost(1);
    const answers = await Promise.all(started);
    // Whoever is starting on a thread that is killed is charged with it: that start has failed.
    const up = answers.filter(({ ok }) => ok).map(pathOf);
    expect(up.length).to.be.within(298, 300);
    expect(new Set(up).size).to.equal(up.length);
    system = await systems.restart(system, { hosts: 1 });
    ref = await system.spawn(partitionedPool, { id: 'pool' });
    await eventually(async () => (await ref.ask({ type: 'count' })).active === up.length, 'all are there', 30_000);
  });
});
