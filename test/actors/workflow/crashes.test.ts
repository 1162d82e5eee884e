/** Workflows and crashes: at every commit of a run, and where people of other engines were let down. */
import { expect } from 'chai';
import fc from 'fast-check';
import { startRun, type WorkflowDefinition, WorkflowRun } from '../../../actors/index.js';
import { armFailpoint, disarmFailpoint, type MemoryStore, type TestSystem } from '../../../src/testing/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { adding, everything, gates, gatesOf, office, planB, trip, world } from './fixtures/flows.js';

const day = 86_400_000;
const commitsMax = 200;

describe('workflow, killed', () => {
  const systems = useSystems();
  beforeEach(() => world.reset());
  afterEach(() => disarmFailpoint());

  interface Crash<O> {
    outcome: O | Error;
    /** What had been done outside when it crashed, and after. */
    before: string[];
    after: string[];
    ids: string[];
    view: Awaited<ReturnType<WorkflowRun<O>['view']>>;
  }

  /** Run it, and again from what a kill at its nth commit leaves. Undefined when there are fewer. */
  async function killedAt<I, O>(
    count: number,
    where: 'journal.beforeCommit' | 'journal.afterCommitBeforeRoute',
    workflow: WorkflowDefinition<I, O>,
    input: I,
    prepare: () => void,
    meanwhile: (system: TestSystem) => Promise<void> = async () => {},
  ): Promise<Crash<O> | undefined> {
    world.reset();
    prepare();
    const first = await systems.oneThread({ seed: count });
    // As before anybody was told of it: the spawn itself is to survive.
    const run = await startRun(first, workflow, { id: 'run', input });
    let left: MemoryStore | undefined;
    let before: string[] = [];
    armFailpoint(where, count, () => {
      left = first.store.fork('kill');
      before = [...world.did];
    });
    const asked = run.result();
    asked.catch(() => {});
    await first.settle();
    await meanwhile(first);
    await first.advance(day);
    disarmFailpoint();
    if (left === undefined) return undefined;
    const { clock } = first;
    first.crash('kill');
    // What the dead process did after its death has not happened.
    world.did = [...before];
    prepare();
    const second = await systems.oneThread({ store: left, clock, seed: count });
    await second.settle();
    await meanwhile(second);
    await second.advance(day);
    const again = new WorkflowRun<O>(second.get('/run'));
    const outcome = await again.result().catch((error: Error) => error);
    const view = await again.view();
    const after = world.did.slice(before.length);
    await second.stop();
    return { outcome, before, after, ids: [...world.effectIds], view };
  }

  async function everywhere<I, O>(
    workflow: WorkflowDefinition<I, O>,
    input: I,
    check: (crash: Crash<O>, at: string) => void,
    prepare: () => void = () => {},
    meanwhile?: (system: TestSystem) => Promise<void>,
  ): Promise<number> {
    let crashes = 0;
    for (const where of ['journal.beforeCommit', 'journal.afterCommitBeforeRoute'] as const) {
      for (let count = 1; count < commitsMax; count += 1) {
        const crash = await killedAt(count, where, workflow, input, prepare, meanwhile);
        if (crash === undefined) break;
        crashes += 1;
        check(crash, `${where} ${count}`);
      }
    }
    return crashes;
  }

  it('at any commit goes on where it was, with at most the one step again whose result was not recorded', async () => {
    const crashes = await everywhere(adding, 10, ({ outcome, before, after, ids }, at) => {
      expect(outcome, at).to.equal(16);
      const again = after.filter((step) => before.includes(step));
      expect(again.length, `${at}: ${before.join()} then ${after.join()}`).to.be.at.most(1);
      if (again.length > 0) expect(again[0], at).to.equal(before.at(-1));
      // A step that is run again has the effect id it had.
      expect(new Set(ids).size, at).to.equal(3);
    });
    // Of each of three steps, the start and the result, before the commit and after it.
    expect(crashes).to.be.at.least(8);
  });

  it('at any commit of parts within parts gives what it gives without', async () => {
    await everywhere(everything, 1, ({ outcome }, at) => expect(outcome, at).to.deep.equal([1_110, 1_111, 1_112]));
  });

  it('at any commit while it undoes: everything is undone, last done first', async () => {
    const crashes = await everywhere(
      trip,
      [],
      ({ outcome, before, after, view }, at) => {
        expect(outcome, at).to.include({ code: 'WORKFLOW_FAILED' });
        expect(view.undone, at).to.deep.equal([
          { at: 'trip/hotel', ok: true, attempts: 1 },
          { at: 'trip/flight', ok: true, attempts: 1 },
        ]);
        const undone = [...before, ...after].filter((what) => what.startsWith('undo'));
        expect([...new Set(undone)], at).to.deep.equal(['undo hotel (flight hotel)', 'undo flight (flight)']);
        expect(undone.length, at).to.be.at.most(3);
      },
      () => void world.failures.set('car', 99),
    );
    expect(crashes).to.be.above(10);
  });

  it('at any commit of an attempt takes the fallback, once', async () => {
    await everywhere(
      planB,
      [],
      ({ outcome }, at) => expect(outcome, at).to.deep.equal(['first', 'other after third failed', 'last']),
      () => void world.failures.set('third', 99),
    );
  });

  it('Mastra #24588: never left asleep by a child that has ended, whenever it was killed', async () => {
    await everywhere(
      office,
      'Ada',
      ({ outcome }, at) => expect(outcome, at).to.equal('signed by Ada'.length + 6),
      undefined,
      async (system) => {
        const [active] = (await new WorkflowRun(system.get('/run')).view()).active;
        if (active?.kind !== 'actor' || active.at !== 'office/clerk') return;
        await (await system.get(active.path as string)).tell({ type: 'sign' });
        await system.settle();
      },
    );
  });

  it('Mastra #5650, #6065, #9288, LangGraph.js #1552, #1141: waits in waits, any order, each step once', async () => {
    const gate = fc.constantFrom(...gatesOf.flat());
    const act = fc.oneof(
      { weight: 8, arbitrary: gate.map((name) => ({ do: 'signal' as const, name })) },
      { weight: 3, arbitrary: fc.constant({ do: 'kill' as const }) },
      { weight: 1, arbitrary: fc.constant({ do: 'suspend' as const }) },
      { weight: 2, arbitrary: fc.constant({ do: 'resume' as const }) },
      { weight: 1, arbitrary: fc.constant({ do: 'cancel' as const }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 24 }), fc.integer({ min: 1, max: 99 }), async (acts, seed) => {
        world.reset();
        let system = await systems.oneThread({ seed });
        let run = await startRun(system, gates, { id: 'run', input: null });
        const model = new GatesModel();
        for (const each of acts) {
          if (each.do === 'kill') {
            const { clock } = system;
            system = await systems.oneThread({ seed, store: system.crash('kill'), clock });
            run = new WorkflowRun(system.get('/run'));
          } else {
            const refused = await order(run, each).catch((error: { code?: string }) => error.code);
            expect(refused, JSON.stringify(each)).to.equal(model.isOver ? 'WORKFLOW_OVER' : undefined);
            model.take(each);
          }
          await system.settle();
          expect(world.did.toSorted(), JSON.stringify(acts)).to.deep.equal(model.did.toSorted());
        }
        const { status } = await run.view();
        expect(status).to.equal(model.status);
        if (model.status === 'done') expect(await run.result()).to.deep.equal({ a: 2, b: 2, c: 2 });
        await system.stop();
      }),
      { numRuns: 120 },
    );
  });

  function order(run: WorkflowRun<unknown>, each: { do: string; name?: string }): Promise<void> {
    if (each.do === 'signal') return run.signal(each.name as string);
    if (each.do === 'suspend') return run.suspend();
    return each.do === 'resume' ? run.resume() : run.cancel('by the test');
  }

  it('cancel is not undone by a kill: what was cancelled stays so', async () => {
    const system = await systems.oneThread();
    const run = await startRun(system, gates, { id: 'run', input: null });
    await run.signal('a1');
    await run.cancel('enough');
    const store = system.crash('kill');
    const later = await systems.oneThread({ store, clock: system.clock });
    const again = new WorkflowRun(later.get('/run'));
    await later.settle();
    expect(await rejection(again.result())).to.include({ code: 'WORKFLOW_CANCELLED' });
    expect(await rejection(again.signal('a2'))).to.include({ code: 'WORKFLOW_OVER' });
  });
});

/** What is to be seen of `gates`: each branch takes its steps one by one, as its signals come. */
class GatesModel {
  did: string[] = [];
  private readonly came = new Map<string, number>();
  private readonly passed = gatesOf.map(() => 0);
  private isSuspended = false;
  private isCancelled = false;

  get isOver(): boolean {
    return this.isCancelled || this.isDone;
  }

  get status(): string {
    if (this.isCancelled) return 'cancelled';
    if (this.isDone) return 'done';
    return this.isSuspended ? 'suspended' : 'waiting';
  }

  private get isDone(): boolean {
    return gatesOf.every((gates) => gates.every((gate) => this.did.includes(gate)));
  }

  take(act: { do: string; name?: string }): void {
    if (this.isOver) return;
    if (act.do === 'cancel') this.isCancelled = true;
    if (act.do === 'suspend') this.isSuspended = true;
    if (act.do === 'resume') this.isSuspended = false;
    if (act.do === 'signal') this.came.set(act.name as string, (this.came.get(act.name as string) ?? 0) + 1);
    if (!this.isOver) this.settle();
  }

  /** A step behind a gate runs when its signal has come, and nobody has said that nothing may begin. */
  private settle(): void {
    if (this.isSuspended) return;
    gatesOf.forEach((gates, branch) => {
      for (let at = this.passed[branch] as number; at < gates.length; at += 1) {
        if ((this.came.get(gates[at] as string) ?? 0) === 0) break;
        this.did.push(gates[at] as string);
        this.passed[branch] = at + 1;
      }
    });
  }
}
