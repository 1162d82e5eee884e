/** Workflows on the real runtime, on one thread and in virtual time. */
import { expect } from 'chai';
import { startRun, WorkflowRun, type WorkflowDefinition } from '../../../actors/index.js';
import type { TroupeError } from '../../../src/index.js';
import type { TestSystem } from '../../../src/testing/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import {
  adding,
  approval,
  everything,
  odd,
  office,
  patience,
  planB,
  slow,
  trip,
  twoHeld,
  world,
} from './fixtures/flows.js';

const day = 86_400_000;

describe('workflow', () => {
  const systems = useSystems();
  beforeEach(() => world.reset());

  async function start<I, O>(workflow: WorkflowDefinition<I, O>, input: I): Promise<[WorkflowRun<O>, TestSystem]> {
    const system = await systems.oneThread();
    const run = await startRun(system, workflow, { id: 'run', input });
    await system.settle();
    return [run, system];
  }

  /** Its result, while time passes. */
  async function result<O>(run: WorkflowRun<O>, system: TestSystem, ms = day): Promise<O> {
    const asked = run.result();
    asked.catch(() => {});
    await system.advance(ms);
    return asked;
  }

  it('takes steps one after the other, each with what the one before gave', async () => {
    const [run, system] = await start(adding, 10);
    expect(await result(run, system)).to.equal(16);
    expect(world.did).to.deep.equal(['one', 'two', 'three']);
    expect(new Set(world.effectIds).size).to.equal(3);
    expect((await run.view()).status).to.equal('done');
    expect(await run.query('done')).to.equal(4);
  });

  it('nests every kind of part in every other', async () => {
    const [run, system] = await start(everything, 1);
    // a: 2, b: 31, sum 33: big; halves: 35 - 33 = 2; until ten: 10; then the line.
    expect(await result(run, system)).to.deep.equal([1_110, 1_111, 1_112]);
    const { counts } = await run.view();
    expect(counts['everything/until-ten/more']).to.include({ started: 8, done: 8 });
    expect(counts['everything/size/big/half']).to.include({ started: 2, done: 2 });
    expect(counts['everything/size/small']).to.equal(undefined);
  });

  it('tries a step again, after waits that grow, and then goes on', async () => {
    world.failures.set('two', 2);
    const [run, system] = await start(adding, 0);
    expect(world.did).to.deep.equal(['one']);
    await system.advance(99);
    expect((await run.view()).active).to.deep.include.members([
      { at: 'adding/two', kind: 'step', attempt: 2, since: (await run.view()).startedAt },
    ]);
    await system.advance(1);
    await system.advance(199);
    expect(world.did).to.deep.equal(['one']);
    await system.advance(1);
    expect(await result(run, system)).to.equal(6);
    expect((await run.view()).counts['adding/two']).to.include({ retries: 2, done: 1, failed: 0 });
  });

  it('undoes in reverse what was done when a step fails for good', async () => {
    world.failures.set('car', 1);
    const [run, system] = await start(trip, []);
    const error = (await rejection(result(run, system))) as TroupeError;
    expect(error).to.include({ code: 'WORKFLOW_FAILED' });
    expect(error.cause).to.include({ message: 'car failed' });
    expect(world.did).to.deep.equal(['flight', 'hotel', 'undo hotel (flight hotel)', 'undo flight (flight)']);
    const view = await run.view();
    expect(view.status).to.equal('failed');
    expect(view.undone).to.deep.equal([
      { at: 'trip/hotel', ok: true, attempts: 1 },
      { at: 'trip/flight', ok: true, attempts: 1 },
    ]);
  });

  it('records a compensation that cannot be done, and does the others', async () => {
    world.failures.set('car', 1).set('undo hotel (flight hotel)', 5);
    const [run, system] = await start(trip, []);
    await rejection(result(run, system));
    expect(world.did).to.deep.equal(['flight', 'hotel', 'undo flight (flight)']);
    const [hotel, flight] = (await run.view()).undone;
    expect(hotel).to.include({ at: 'trip/hotel', ok: false, attempts: 2 });
    expect(hotel?.error).to.include({ message: 'undo hotel (flight hotel) failed' });
    expect(flight).to.deep.equal({ at: 'trip/flight', ok: true, attempts: 1 });
  });

  it('takes the fallback of an attempt, when what was done in it is undone, and only that', async () => {
    world.failures.set('third', 1);
    const [run, system] = await start(planB, []);
    expect(await result(run, system)).to.deep.equal(['first', 'other after third failed', 'last']);
    expect(world.did).to.deep.equal(['first', 'second', 'undo second (first second)', 'other', 'last']);
  });

  it('waits for a signal without a thread or memory, also when it came before', async () => {
    const [run, system] = await start(approval, 'Ada');
    await system.passivate();
    await system.settle();
    expect((await system.stats()).hosts.map(({ cells }) => cells)).to.deep.equal([0, 0]);
    expect((await run.view()).active).to.have.length(1);
    await run.signal('approved', { by: 'Grace' });
    expect(await result(run, system, 0)).to.equal('Grace');
    const other = await startRun(system, approval, { id: 'other', input: 'Bob' });
    await other.signal('approved', { by: 'Linus' });
    await system.settle();
    expect(await result(other, system, 0)).to.equal('Linus');
    expect(world.did).to.deep.equal(['asked Ada', 'done for Grace', 'asked Bob', 'done for Linus']);
  });

  it('sleeps for forty days over a restart, and gives a wait up in time', async () => {
    const [run, system] = await start(patience, 'zzz');
    expect((await run.view()).status).to.equal('waiting');
    await system.advance(39 * day);
    const store = system.crash('kill');
    const later = await systems.oneThread({ store, clock: system.clock });
    const again = new WorkflowRun<string>(await later.get('/run'));
    await later.advance(day + 999);
    expect((await again.view()).active[0]).to.include({ at: 'patience/wait/word', signal: 'word' });
    await later.advance(1);
    expect(await result(again, later, 0)).to.equal('gave up: WORKFLOW_TIMEOUT');
  });

  it('cancel reaches every running effect', async () => {
    const [run, system] = await start(twoHeld, 'x');
    await run.cancel('no longer wanted');
    await system.settle();
    expect(world.aborted.toSorted()).to.deep.equal(['left', 'right']);
    const error = await rejection(result(run, system));
    expect(error).to.include({ code: 'WORKFLOW_CANCELLED', value: 'no longer wanted' });
    expect(await rejection(run.cancel())).to.include({ code: 'WORKFLOW_OVER' });
  });

  it('begins nothing while it is suspended, and keeps what comes in meanwhile', async () => {
    const [run, system] = await start(twoHeld, 'x');
    await run.suspend();
    world.let('left');
    await system.settle();
    expect((await run.view()).status).to.equal('suspended');
    world.let('right');
    await system.settle();
    expect(await result(run, system)).to.deep.equal({ left: 'x', right: 'x' });
  });

  it('ends an attempt that takes too long, and tries again', async () => {
    const [run, system] = await start(slow, null);
    expect(await result(run, system)).to.equal('in time');
    expect(world.aborted).to.deep.equal(['attempt 1', 'attempt 2']);
  });

  it('has actors and workflows as steps; their end wakes it', async () => {
    const [run, system] = await start(office, 'Ada');
    const [{ path = '' } = {}] = (await run.view()).active;
    expect(path).to.match(/^\/run\/office\.clerk\.\d+$/);
    await (await system.get(path)).tell({ type: 'sign' });
    expect(await result(run, system)).to.equal('signed by Ada'.length + 6);
  });

  it('fails by the rules of the flow, and not as an actor', async () => {
    const codes: unknown[] = [];
    const system = await systems.oneThread();
    for (const kind of ['throws', 'endless', 'items', 'nowhere', 'uncarriable']) {
      const run = await startRun(system, odd, { id: kind, input: { kind, n: 1 } });
      const { cause } = (await rejection(result(run, system, 1_000))) as { cause: { code?: string; name: string } };
      codes.push(cause.code ?? cause.name);
    }
    expect(codes).to.deep.equal([
      'RangeError',
      'WORKFLOW_LOOP_LIMIT',
      'WORKFLOW_ITEMS',
      'WORKFLOW_NO_CASE',
      'PAYLOAD_NOT_CARRIABLE',
    ]);
    expect(systems.heard('actorFailed')).to.deep.equal([]);
  });

  it('refuses signals, queries and orders that mean nothing, with a code', async () => {
    const [run, system] = await start(approval, 'Ada');
    const code = async (asked: Promise<unknown>) => ((await rejection(asked)) as TroupeError).code;
    expect(await code(run.signal('aproved'))).to.equal('WORKFLOW_SIGNAL_UNKNOWN');
    expect(await code(run.query('toString'))).to.equal('WORKFLOW_QUERY_UNKNOWN');
    await run.signal('approved', { by: 'Grace' });
    await result(run, system, 0);
    expect(await code(run.signal('approved', { by: 'Eve' }))).to.equal('WORKFLOW_OVER');
    expect(await code(run.suspend())).to.equal('WORKFLOW_OVER');
  });

  it('is there to be asked for as long as it is kept, and then ends', async () => {
    const [run, system] = await start(approval, 'Ada');
    await run.signal('approved', { by: 'Grace' });
    await system.advance(day - 1);
    expect(await run.result()).to.equal('Grace');
    await system.advance(1);
    expect(await rejection(run.result())).to.include({ code: 'ACTOR_STOPPED' });
  });
});
