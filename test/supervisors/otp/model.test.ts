/** Random trees, random failures: ours does what the model of OTP does, step by step. */
import { expect } from 'chai';
import fc from 'fast-check';
import { lookupDefinition } from '../../../src/cell/define.js';
import { verifyHistory } from '../../../src/host/verify.js';
import { checkJournal } from '../../../src/journal/check.js';
import { historyOf } from '../../../src/journal/history.js';
import { Standing } from '../../../src/journal/standing.js';
import type { MemoryStore, TestSystem } from '../../../src/testing/index.js';
import type { ChildSpec, ChildView } from '../../../supervisors/index.js';
import { diary, weak, worker } from '../fixtures/workers.js';
import { type ModelChild, type ModelSpec, type ModelWorld, OtpModel } from './model.js';
import { declare, Tree, useTrees } from './tree.js';

const runs = Number(process.env.TROUPE_MODEL_RUNS ?? 150);

type Deed =
  | { do: 'crash' | 'giveUp' | 'leave'; who: number }
  | { do: 'weaken'; who: number; times: number }
  | { do: 'advance'; ms: number };

const strategy = fc.constantFrom('one-for-one', 'one-for-all', 'rest-for-one' as const);
const restart = fc.constantFrom('permanent', 'transient', 'temporary' as const);
const budget = fc.record({ restarts: fc.integer({ min: 0, max: 3 }), periodMs: fc.constantFrom(100, 1_000) });
const autoShutdown = fc.constantFrom('never', 'any', 'all' as const);

/** A supervisor with up to four children; `depth` more levels below. Ids are set afterwards. */
function supervisorArb(depth: number): fc.Arbitrary<ModelSpec> {
  const below = depth === 0 ? fc.constant(undefined) : fc.option(supervisorArb(depth - 1), { nil: undefined, freq: 3 });
  const child = fc
    .record({ restart, wantsSignificance: fc.boolean(), below })
    .map(({ wantsSignificance, ...rest }) => ({ ...rest, id: '', significant: wantsSignificance }) as ModelChild);
  return fc
    .record({ strategy, intensity: budget, autoShutdown, children: fc.array(child, { minLength: 1, maxLength: 4 }) })
    .map((spec) => spec as ModelSpec);
}

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('crash' as const), who: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('giveUp', 'leave' as const), who: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('weaken' as const),
      who: fc.nat(20),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(50, 101, 1_001) }) },
);

/** Give every child a name, and significance only where it is legal. */
function named(spec: ModelSpec, next = { n: 0 }): ModelSpec {
  const children = spec.children.map((child): ModelChild => {
    next.n += 1;
    const id = `${child.below === undefined ? 'w' : 's'}${next.n}`;
    const significant = child.significant === true && child.restart !== 'permanent' && spec.autoShutdown !== 'never';
    return { ...child, id, significant, ...(child.below === undefined ? {} : { below: named(child.below, next) }) };
  });
  return { ...spec, children };
}

/** The same, declared. @param paths gets the path of every worker and supervisor */
function declared(spec: ModelSpec, path: string, paths: Map<string, string>) {
  const children = spec.children.map((child): ChildSpec => {
    const own = `${path}/${child.id}`;
    paths.set(child.id, own);
    const actor = child.below === undefined ? worker : declared(child.below, own, paths);
    const { id, restart: type = 'permanent', significant = false } = child;
    return { id, actor, restart: type, significant, onFailure: 'reset' };
  });
  return declare({ ...spec, children });
}

describe('a supervisor and the model of OTP', () => {
  const { systems } = useTrees();

  it(`do the same with random trees and failures (${runs} runs)`, async function () {
    this.timeout(600_000);
    let failures = 0;
    await fc.assert(
      fc.asyncProperty(
        supervisorArb(2),
        fc.array(deed, { minLength: 1, maxLength: 12 }),
        fc.nat(),
        async (arb, deeds, seed) => {
          diary.length = 0;
          weak.clear();
          const spec = named(arb);
          const world: ModelWorld = { now: 0, log: [], weak: new Map() };
          const model = new OtpModel(spec, world);
          model.start();
          const paths = new Map<string, string>();
          const definition = declared(spec, '/top', paths);
          const system = await systems.oneThread({ seed, hosts: 2 });
          const tree = new Tree(system, await system.spawn(definition, { id: 'top' }));
          await system.settle();
          expect(diary.join(), 'the start').to.equal(world.log.join());
          const workers = [...paths.keys()].filter((id) => id.startsWith('w'));
          for (const [index, each] of deeds.entries()) {
            if (!model.isUp) break;
            const id = 'who' in each ? (workers[each.who % workers.length] as string) : '';
            const found = model.find(id);
            if (each.do === 'advance') {
              world.now += each.ms;
              await system.advance(each.ms);
            } else if (each.do === 'weaken') {
              world.weak.set(id, each.times);
              weak.set(id, each.times);
            } else if (found?.place.up === true) {
              failures += 1;
              if (each.do === 'leave') world.log.push(`stop ${id}`);
              await system.get(paths.get(id) as string).tell({ type: each.do });
              found.owner.exit(found.place, each.do === 'leave' ? 'normal' : 'failed');
              await system.settle();
            }
            expect(diary.join(', '), `after ${index}: ${JSON.stringify(each)} of ${id}`).to.equal(world.log.join(', '));
          }
          expect(await tree.status()).to.equal(model.isUp ? 'running' : 'ended');
          await system.stop();
        },
      ),
      { numRuns: runs },
    );
    expect(failures, 'failures').to.be.above(runs / 2);
  });

  it(`come to rest whatever happens at once (${runs} runs)`, async function () {
    this.timeout(600_000);
    const mishap = fc.oneof(
      { weight: 8, arbitrary: deed },
      { weight: 2, arbitrary: fc.constant({ do: 'settle' as const }) },
      // Some rounds, so that the next thing happens between two commits.
      { weight: 4, arbitrary: fc.record({ do: fc.constant('turn' as const), times: fc.integer({ min: 1, max: 20 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('killHost' as const), who: fc.nat(1) }) },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant('die' as const), how: fc.constantFrom('kill', 'powerCut' as const) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), who: fc.nat(20) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        supervisorArb(1),
        fc.array(mishap, { minLength: 1, maxLength: 20 }),
        fc.nat(),
        async (arb, mishaps, seed) => {
          weak.clear();
          const paths = new Map<string, string>();
          const definition = declared({ ...named(arb), intensity: { restarts: 6, periodMs: 1_000 } }, '/top', paths);
          const roundsPerTurn = seed % 2 === 0 ? 1 : 64;
          let system = await systems.oneThread({ seed, hosts: 2, roundsPerTurn });
          await system.spawn(definition, { id: 'top' });
          const workers = [...paths.keys()].filter((id) => id.startsWith('w'));
          for (const each of mishaps) {
            const id = workers[('who' in each ? each.who : 0) % workers.length] as string;
            const ref = system.get(paths.get(id) as string);
            if (each.do === 'settle') await system.settle();
            else if (each.do === 'turn') await turns(each.times);
            else if (each.do === 'advance') await system.advance(each.ms);
            else if (each.do === 'weaken') weak.set(id, each.times);
            else if (each.do === 'killHost') await system.killHost(each.who);
            else if (each.do === 'stop') ref.stop().catch(() => {});
            else if (each.do === 'die') {
              const { clock } = system;
              const store = system.crash(each.how);
              system = await systems.oneThread({ seed, hosts: 2, roundsPerTurn, store, clock });
            } else ref.tell({ type: each.do }).catch(() => {});
          }
          weak.clear();
          await system.settle();
          await expectRest(system, '/top');
          expect(checkJournal(system.store).problems).to.deep.equal([]);
          expectSameAgain(system.store, '/top');
          await system.stop();
        },
      ),
      { numRuns: runs },
    );
  });
});

/** Turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Its history, run again, leads to the same states. */
function expectSameAgain(store: MemoryStore, path: string): void {
  const standing = new Standing(store);
  const history = historyOf(standing, path);
  const definition = lookupDefinition(history.subject.name);
  if (definition === undefined) throw new Error('its definition is not known');
  expect(verifyHistory(history, definition, undefined).difference, `${path} run again`).to.equal(undefined);
}

/** Nobody is on the way to anything: supervisors run or have ended, children run or do not. */
async function expectRest(system: TestSystem, path: string): Promise<void> {
  const status = (await system.state(path))?.status;
  if (status === 'ended' || status === undefined) return;
  expect(status, path).to.equal('running');
  const views = (await system.get(path).ask({ type: 'children' } as never)) as unknown as ChildView[];
  for (const { id, standing, isSupervisor } of views) {
    expect(standing, `${path}/${id}`).to.be.oneOf(['running', 'stopped']);
    const real = (await system.state(`${path}/${id}`))?.status;
    expect(real === 'running', `${path}/${id} is ${standing}, and really ${real}`).to.equal(standing === 'running');
    if (isSupervisor) await expectRest(system, `${path}/${id}`);
  }
}
