import { expect } from 'chai';
import { fromTransition, raise, setup } from 'xstate';
import {
  type ActorRef,
  actorContext,
  type ChildWord,
  type DecisionView,
  defineActor,
  type SupervisorBegins,
} from '../../../src/index.js';
import { eventually } from '../../../src/testing/index.js';
import { supervisor } from '../../../supervisors/index.js';
import { deadly } from '../../guarantees/fixtures/deadly.js';
import { stillborn } from '../../guarantees/fixtures/family.js';
import { rejection } from '../../helpers/with-system.js';
import { company } from '../../supervisors/fixtures/company.js';
import { type WorkerEvents, worker } from '../../supervisors/fixtures/workers.js';
import { useTrees } from '../../supervisors/otp/tree.js';
import { clockwork, diarist } from '../journal/fixtures/diary.js';
import { stir } from '../journal/fixtures/traffic.js';

const intensity = { restarts: 100, periodMs: 1_000 };

/** Falls a second after it was told to wait. */
const late = defineActor(
  import.meta,
  'decisions.late',
  setup({ types: { events: {} as { type: 'wait' } | { type: 'fall' } } }).createMachine({
    on: {
      wait: { actions: raise({ type: 'fall' }, { delay: 1_000 }) },
      fall: {
        actions: () => {
          throw new Error('fallen');
        },
      },
    },
  }),
);

type ConfusedEvents = ChildWord | SupervisorBegins | { type: 'replace' };

/** Decides about every failure three times, twice of them in error, and about no exit. */
const confused = defineActor(
  import.meta,
  'decisions.confused',
  fromTransition<number, ConfusedEvents, never, undefined, ConfusedEvents>((count, event) => {
    const { supervision } = actorContext();
    if (event.type === 'troupe.begin') supervision.up();
    if (event.type === 'troupe.begin') supervision.start(worker, { id: 'w' });
    else if (event.type === 'replace') supervision.start(diarist, { id: 'w' });
    else if (event.what === 'failed') {
      supervision.decide(event.child, event.seq + 1, 'stop', 'about another one');
      supervision.decide(event.child, event.seq, 'resume', 'right');
      supervision.decide(event.child, event.seq, 'stop', 'late');
    }
    return count;
  }, 0),
  { supervises: 'in-order' },
);

/** One decision as a line. */
function briefly({ path, by, cause, how, attempts, decision, why }: DecisionView): string {
  const what = [cause, how, attempts].filter((part) => part !== undefined).join(' ');
  return `${path} ${what}: ${decision} by ${by ?? 'the guardian'} (${why})`;
}

describe('system.decisions', () => {
  const { systems, tree } = useTrees();

  describe("the guardian's", () => {
    it('names the message, the error, the rule, and what was done, as often as it was tried', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(diarist, { id: 'a' });
      await ref.tell({ type: 'say', id: '1' });
      await ref.tell({ type: 'poison', id: '2' });
      await system.settle();
      const decisions = await system.decisions();
      expect(decisions.map(briefly)).to.deep.equal([
        '/a message 1: restore by the guardian (attempt 1 of 2)',
        '/a message 2: resume by the guardian (attempt 2 of 2 was the last)',
      ]);
      for (const { message, error, at, failedAt, position } of decisions) {
        expect(message?.event).to.deep.equal({ type: 'poison', id: '2' });
        expect(error?.message).to.equal('2 cannot be borne');
        expect(at.getTime()).to.be.at.least(failedAt!.getTime());
        expect(position).to.be.greaterThan(0);
      }
      expect(decisions[0]!.message!.seq).to.equal(decisions[1]!.message!.seq);
      expect(decisions[0]!.position).to.be.lessThan(decisions[1]!.position);
    });

    it('a message that has been handled starts the count anew', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(worker, { id: 'w' });
      for (let round = 0; round < 2; round += 1) {
        await ref.tell({ type: 'stumble' });
        await system.settle();
      }
      const decisions = await system.decisions();
      expect(decisions.map(briefly)).to.deep.equal([
        '/w message 1: restore by the guardian (attempt 1 of 2)',
        '/w message 1: restore by the guardian (attempt 1 of 2)',
      ]);
      for (const { message } of decisions) expect(message?.event).to.deep.equal({ type: 'stumble' });
    });

    it('a start, a policy of its own, and its words', async () => {
      const system = await systems.oneThread({
        supervision: ({ during }) => ({
          decision: during === 'start' ? 'stop' : 'reset',
          why: `house rule: ${during}`,
        }),
      });
      await system.spawn(stillborn, { id: 's' });
      const ref = await system.spawn(diarist, { id: 'a' });
      await ref.tell({ type: 'poison', id: '1' });
      await system.settle();
      const [start, message] = (await system.decisions()).toSorted((a, b) => b.path.localeCompare(a.path));
      expect(briefly(start!)).to.equal('/s start 1: stop by the guardian (house rule: start)');
      expect(start).to.not.have.property('message');
      expect(briefly(message!)).to.equal('/a message 1: reset by the guardian (house rule: message)');
    });

    it('a message that a timer brought is named, although no frame holds it', async () => {
      const system = await systems.oneThread({ supervision: () => ({ decision: 'resume', why: 'test' }) });
      const ref = await system.spawn(late, { id: 'late' });
      await ref.tell({ type: 'wait' });
      await system.settle();
      await system.advance(1_000);
      const [decision] = await system.decisions();
      expect(decision?.message).to.deep.include({ kind: 'timer', event: { type: 'fall' } });
    });

    it('also while it waits to be tried again', async () => {
      const backoff = { minMs: 100_000, maxMs: 100_000, jitter: 0 };
      const t = await tree({ children: [{ id: 'late', actor: late }], intensity, backoff });
      await (t.system.get('/top/late') as ActorRef<{ type: 'wait' }>).tell({ type: 'wait' });
      await t.system.settle();
      await t.system.advance(150_000);
      const [decision, ...others] = await t.system.decisions();
      expect([decision?.decision, others.length, await t.system.deadLetters()]).to.deep.equal(['restore', 0, []]);
      expect(decision?.message).to.deep.include({ kind: 'timer', event: { type: 'fall' } });
    });

    it('a thread that died, charged to who was at work; its neighbours are not named', async function () {
      this.timeout(60_000);
      const system = await systems.threads({ hosts: 1 });
      const [victim, other] = [
        await system.spawn(deadly, { id: 'victim' }),
        await system.spawn(diarist, { id: 'other' }),
      ];
      await other.tell({ type: 'say', id: '1' });
      await victim.tell({ type: 'exit' });
      await eventually(async () => (await system.decisions()).length === 2, 'both deaths are decided about', 30_000);
      const decisions = await system.decisions();
      expect(decisions.map(({ path, cause, decision, attempts }) => [path, cause, decision, attempts])).to.deep.equal([
        ['/victim', 'thread', 'restore', 1],
        ['/victim', 'thread', 'resume', 2],
      ]);
      expect(decisions[0]!.message?.event).to.deep.equal({ type: 'exit' });
      expect(decisions[0]!.error).to.have.property('code', 'THREAD_LOST');
    });
  });

  describe("a supervisor's", () => {
    it('restarts: who failed, who decided, and by which rule', async () => {
      const t = await tree({
        children: [
          { id: 'a', actor: worker },
          { id: 'b', actor: worker, onFailure: 'reset' },
        ],
        intensity,
      });
      await t.crash('a', 'b');
      const decisions = await t.system.decisions();
      expect(decisions.map(briefly)).to.deep.equal([
        '/top/a message 1: restore by /top (a failed; restart 1 of 100 in 1000 ms)',
        '/top/a message 2: resume by /top (a failed; restart 2 of 100 in 1000 ms)',
        '/top/b message 1: reset by /top (b failed; restart 3 of 100 in 1000 ms)',
      ]);
      expect(decisions[2]!.error?.message).to.equal('b crashed');
      expect(decisions[2]!.message?.event).to.deep.equal({ type: 'crash' });
    });

    it('exits: how, and whether it was started again', async () => {
      const t = await tree({ children: 'a b:transient c:temporary', intensity });
      await t.tell('a', 'leave');
      await t.tell('b', 'leave');
      await t.tell('c', 'giveUp');
      const decisions = await t.system.decisions();
      expect(decisions.map(briefly)).to.deep.equal([
        '/top/a exit stopped: reset by /top (a ended; restart 1 of 100 in 1000 ms)',
        '/top/b exit stopped: stop by /top (transient: not restarted when stopped)',
        '/top/c exit failed: stop by /top (temporary: not restarted when failed)',
      ]);
      expect(decisions.map(({ error }) => error?.message)).to.deep.equal([undefined, undefined, 'c gave up']);
    });

    it('of a group: those who were stopped with the one that failed, too', async () => {
      const t = await tree({ strategy: 'one-for-all', children: 'a b', intensity });
      await t.crash('a');
      expect((await t.system.decisions()).map(briefly)).to.deep.equal([
        '/top/a message 1: reset by /top (one-for-all: a failed; restart 1 of 100 in 1000 ms)',
        '/top/b exit stopped: reset by /top (one-for-all: a failed; restart 1 of 100 in 1000 ms)',
      ]);
    });

    it('a start that fails is counted as often as it does', async () => {
      const { weak } = await import('../../supervisors/fixtures/workers.js');
      const t = await tree({ children: 'a b', intensity });
      weak.set('a', 2);
      await t.crash('a');
      expect((await t.system.decisions()).map(briefly)).to.deep.equal([
        '/top/a message 1: reset by /top (a failed; restart 1 of 100 in 1000 ms)',
        '/top/a start 1: reset by /top (a could not be restarted (a cannot start); restart 2 of 100 in 1000 ms)',
        '/top/a start 1: reset by /top (a could not be restarted (a cannot start); restart 3 of 100 in 1000 ms)',
      ]);
    });

    it('with a backoff: when it failed, and when it was decided', async () => {
      const t = await tree({ children: 'a', intensity, backoff: { minMs: 100, maxMs: 100, jitter: 0 } });
      await t.crash('a');
      expect(await t.system.decisions(), 'not yet').to.deep.equal([]);
      await t.system.advance(100);
      const [{ at, failedAt } = {} as DecisionView] = await t.system.decisions();
      expect(at.getTime() - failedAt!.getTime()).to.be.within(100, 110);
    });

    it('one that gives up, and that nobody supervises, has ended with it', async () => {
      const t = await tree({ children: 'a', intensity: { restarts: 0, periodMs: 1_000 } });
      await t.crash('a');
      const decisions = await t.system.decisions();
      expect(decisions.map(briefly)).to.deep.equal([
        '/top exit failed: stop by the guardian (nobody supervises this supervisor)',
      ]);
      expect(decisions[0]!.error).to.have.property('code', 'SUPERVISOR_GAVE_UP');
    });

    it('one that gives up below another: its exit, and how its children come back', async () => {
      const inner = supervisor(import.meta, 'decisions.inner', {
        intensity: { restarts: 0, periodMs: 1_000 },
        children: [
          { id: 'x', actor: worker, onFailure: 'reset' },
          { id: 'y', actor: worker },
        ],
      });
      const t = await tree({ children: [{ id: 'inner', actor: inner }], intensity });
      await (t.system.get('/top/inner/x') as ActorRef<WorkerEvents>).tell({ type: 'crash' });
      await t.system.settle();
      const decisions = await t.system.decisions();
      const again = 'started again by its supervisor';
      expect(decisions.map(briefly)).to.deep.equal([
        '/top/inner exit failed: reset by /top (inner failed; restart 1 of 100 in 1000 ms)',
        `/top/inner/x exit stopped 1: reset by /top/inner (${again})`,
        `/top/inner/y exit stopped: restore by /top/inner (${again})`,
      ]);
      expect(decisions[0]!.error).to.have.property('code', 'SUPERVISOR_GAVE_UP');
      expect(decisions[1]!.error?.message, 'why it was stopped').to.equal('x crashed');
      expect(decisions[1]!.message?.event).to.deep.equal({ type: 'crash' });
    });

    it('that is about another failure, or comes late, has changed nothing and is not told', async () => {
      const system = await systems.oneThread();
      await system.spawn(confused, { id: 'top' });
      await system.settle();
      await system.get<WorkerEvents>('/top/w').tell({ type: 'crash' });
      await system.settle();
      expect((await system.decisions()).map(({ decision, why }) => [decision, why])).to.deep.equal([
        ['resume', 'right'],
      ]);
    });

    it('to start another one where a child is held ends that for good', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(confused, { id: 'top' });
      await system.settle();
      await system.get('/top/w').stop();
      await system.settle();
      await ref.tell({ type: 'replace' });
      await system.settle();
      expect((await system.decisions()).map(briefly)).to.deep.equal([
        '/top/w exit stopped: stop by /top (another one is started in its place)',
      ]);
      expect((await system.state('/top/w'))?.definition).to.equal('t.diarist');
    });

    it('says nothing of a worker that ends by itself where nobody decides', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(worker, { id: 'w' });
      await ref.tell({ type: 'giveUp' });
      await system.settle();
      expect((await system.state('/w'))?.status).to.equal('ended');
      expect(await system.decisions()).to.deep.equal([]);
    });
  });

  it('agrees with the histories of the actors, over crashes and gifts of trouble', async () => {
    const t = await tree({ strategy: 'rest-for-one', children: 'a b:transient c', intensity });
    const troubles = ['crash', 'stumble', 'leave', 'giveUp'] as const;
    for (let round = 0; round < 24; round += 1) {
      await t.tell(['a', 'b', 'c'][round % 3]!, troubles[Math.floor(round / 3) % 4]!).catch(() => {});
      if ((await t.children()).includes('b stopped')) await t.ask('restartChild', 'b');
    }
    let compared = 0;
    for (const id of ['a', 'b', 'c']) {
      const { entries } = await t.system.history(`/top/${id}`, { limit: 10_000 });
      const inHistory = entries.flatMap((entry) =>
        entry.kind === 'decided' ? [[entry.position, entry.decision]] : [],
      );
      // A history is of the last one that was spawned at the path.
      const decisions = await t.system.decisions({ path: `/top/${id}` });
      const ofIt = decisions.filter(({ position }) => position > entries[0]!.position);
      const found = ofIt.map((each) => [each.position, each.decision]);
      expect(found, id).to.deep.equal(inHistory);
      compared += found.length;
    }
    expect(compared).to.be.greaterThan(15);
  });

  it('are chosen by path, by what is below one, and from the end', async () => {
    const system = await systems.oneThread();
    const refs = await Promise.all(['a', 'ab'].map((id) => system.spawn(diarist, { id })));
    await refs[0]!.tell({ type: 'spawn', id: '1', child: 'kid' });
    await system.settle();
    for (const ref of [...refs, system.get('/a/kid')]) await ref.tell({ type: 'poison', id: 'x' });
    await system.settle();
    const pathsOf = async (options?: object): Promise<string[]> =>
      (await system.decisions(options)).map(({ path }) => path);
    expect((await pathsOf()).toSorted()).to.deep.equal(['/a', '/a', '/a/kid', '/a/kid', '/ab', '/ab']);
    expect(await pathsOf({ path: '/a' })).to.deep.equal(['/a', '/a']);
    expect((await pathsOf({ under: '/a' })).toSorted()).to.deep.equal(['/a', '/a', '/a/kid', '/a/kid']);
    expect(await pathsOf({ under: '/' })).to.have.length(6);
    expect(await pathsOf({ path: '/nobody' })).to.deep.equal([]);
    const all = await system.decisions();
    expect(await system.decisions({ last: 2 })).to.deep.equal(all.slice(-2));
  });

  it('refuses what is no option', async () => {
    const system = await systems.oneThread();
    const cases: [object, string][] = [
      [{ lasst: 1 }, 'OPTION_UNKNOWN'],
      [{ last: 0 }, 'OPTION_RANGE'],
      [{ last: 10_001 }, 'OPTION_RANGE'],
      [{ path: 1 }, 'OPTION_TYPE'],
      [{ path: 'no path' }, 'PATH_ILLEGAL'],
      [{ under: '/a//b' }, 'PATH_ILLEGAL'],
    ];
    for (const [options, code] of cases) {
      expect(await rejection(system.decisions(options)), JSON.stringify(options)).to.have.property('code', code);
    }
    await system.stop();
    expect(await rejection(system.decisions())).to.have.property('code', 'SYSTEM_STOPPED');
  });

  it('go with the history', async () => {
    const system = await systems.oneThread({ retentionBytes: 0, checkpointBytes: 65_536 });
    const [ref, clock] = [await system.spawn(diarist, { id: 'a' }), await system.spawn(clockwork, { id: 'clock' })];
    await ref.tell({ type: 'poison', id: 'old' });
    for (let round = 0; round < 300; round += 1) {
      await ref.tell({ type: 'say', id: String(round), pad: 'x'.repeat(9_000) });
      await clock.ask({ type: 'laps' });
    }
    await ref.tell({ type: 'poison', id: 'new' });
    await system.settle();
    const decisions = await system.decisions();
    expect(decisions.map(({ message }) => (message?.event as { id?: string } | undefined)?.id)).to.deep.equal([
      'new',
      'new',
    ]);
  });

  it('of a failure that is older than the history only the decision, and the dead letter, are left', async () => {
    const t = await tree(
      { children: 'a b', intensity, backoff: { minMs: 600_000, maxMs: 600_000, jitter: 0 } },
      { retentionBytes: 0, checkpointBytes: 65_536 },
    );
    await t.crash('a');
    for (let round = 0; round < 300; round += 1) await t.at('b').tell({ type: 'note', text: 'x'.repeat(9_000) });
    await t.system.settle();
    await t.system.advance(600_000);
    const [decision, ...others] = await t.system.decisions();
    expect(others).to.deep.equal([]);
    expect(briefly(decision!)).to.equal('/top/a : reset by /top (a failed; restart 1 of 100 in 1000 ms)');
    expect(decision).to.not.have.any.keys('error', 'attempts', 'failedAt', 'how');
    expect(decision!.message?.event).to.deep.equal({ type: 'crash' });
  });

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`tell of each failure what the guardian said of it, and nothing else (seed ${seed})`, async () => {
      const system = await systems.oneThread({ seed, hosts: 3 });
      await stir(system, seed, 250);
      await system.settle();
      const heard = systems
        .heard('actorFailed')
        .map(({ path, attempts, decision }) => `${path} ${attempts} ${decision}`);
      const told = (await system.decisions({ last: 10_000 })).map(
        ({ path, attempts, decision, why }) => `${path} ${attempts} ${decision}: ${why}`,
      );
      expect(told.toSorted()).to.deep.equal(heard.toSorted());
      expect(told.length).to.be.greaterThan(5);
    });
  }

  it('are answered on a thread of their own, also after a restart', async function () {
    this.timeout(60_000);
    const first = await systems.threads();
    await first.spawn(company, { id: 'co' });
    const a = first.get<WorkerEvents>('/co/crew/a');
    const status = async () => (await first.state('/co/crew/a'))?.status;
    await eventually(async () => (await status()) === 'running', 'it has started', 30_000);
    await a.tell({ type: 'crash' });
    await eventually(async () => (await first.deadLetters()).length === 1, 'it was given up', 30_000);
    const before = await first.decisions();
    const system = await systems.restart(first);
    expect(await system.decisions()).to.deep.equal(before);
    expect(before.map(briefly)).to.deep.equal([
      '/co/crew/a message 1: restore by /co/crew (a failed; restart 1 of 2 in 600000 ms)',
      '/co/crew/a message 2: resume by /co/crew (a failed; restart 2 of 2 in 600000 ms)',
    ]);
  });
});
