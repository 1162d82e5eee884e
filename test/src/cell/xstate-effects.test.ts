import { expect } from 'chai';
import {
  type AnyActorLogic,
  type AnyActorRef,
  assign,
  fromCallback,
  fromEventObservable,
  fromObservable,
  fromPromise,
  type PromiseActorLogic,
  sendTo,
  setup,
} from 'xstate';
import { effectIdOf } from '../../../src/cell/xstate-effects.js';
import { xstateLogic } from '../../../src/cell/xstate-logic.js';
import { deferred, FakeCell, FakePort, thrownBy } from '../../helpers/fake-port.js';

/** A machine that invokes `work` while it is working, and notes the outcome. */
function worker(logic: AnyActorLogic) {
  const work = logic as PromiseActorLogic<unknown>;
  return setup({ types: { context: {} as { result: unknown } }, actors: { work } }).createMachine({
    context: { result: null },
    initial: 'idle',
    states: {
      idle: { on: { go: 'working' } },
      working: {
        invoke: {
          src: 'work',
          id: 'work',
          onDone: { target: 'idle', actions: assign({ result: ({ event }) => event.output }) },
          onError: { target: 'idle', actions: assign({ result: ({ event }) => (event.error as Error).message }) },
        },
        on: { again: { target: 'working', reenter: true }, stop: 'idle', poke: {} },
      },
    },
  });
}

describe('xstate effects: promises', () => {
  it('start only after the commit, and report by a message', async () => {
    let started = 0;
    const cell = new FakeCell(xstateLogic(worker(fromPromise(async () => (started += 1))))).start();
    cell.commitsAtOnce = false;
    cell.tell({ type: 'go' });
    expect(started).to.equal(0);
    expect(cell.instance.isBusy()).to.equal(true);
    cell.commitNow();
    expect(started).to.equal(1);
    expect(cell.view.value).to.equal('working');
    await cell.settleNext();
    expect(cell.view)
      .to.include({ value: 'idle' })
      .and.deep.include({ context: { result: 1 } });
    expect(cell.instance.isBusy()).to.equal(false);
  });

  it('never start when the turn fails, or leaves the state again', () => {
    let started = 0;
    const work = fromPromise(async () => (started += 1));
    const machine = setup({ actors: { work } }).createMachine({
      initial: 'idle',
      states: {
        idle: { on: { fail: 'failing', pass: 'passing' } },
        failing: {
          invoke: { src: 'work' },
          entry: () => {
            throw new Error('entry');
          },
        },
        passing: { invoke: { src: 'work' }, on: { next: 'idle' }, entry: ({ self }) => self.send({ type: 'next' }) },
      },
    });
    const cell = new FakeCell(xstateLogic(machine)).start();
    expect(thrownBy(() => cell.tell({ type: 'fail' })).message).to.equal('entry');
    cell.tell({ type: 'pass' });
    expect(cell.view.value).to.equal('idle');
    expect(started).to.equal(0);
    expect(cell.port.effectErrors).to.deep.equal([]);
  });

  it('that were stopped by a later turn before their commit do not start', () => {
    let started = 0;
    const cell = new FakeCell(xstateLogic(worker(fromPromise(async () => (started += 1))))).start();
    cell.commitsAtOnce = false;
    cell.tell({ type: 'go' }).tell({ type: 'stop' }).commitNow();
    expect(started).to.equal(0);
  });

  it('have an id that stays over a crash and changes with a new start', () => {
    const ids: (string | undefined)[] = [];
    const work = fromPromise(({ self }) => {
      ids.push(effectIdOf(self));
      return new Promise(() => undefined);
    });
    const cell = new FakeCell(xstateLogic(worker(work)), undefined, new FakePort('/w/1')).start();
    cell.tell({ type: 'go' }).crash().tell({ type: 'poke' }).crash().tell({ type: 'again' }).crash();
    expect(ids).to.have.length(5);
    expect(ids[0]).to.match(/^\/w\/1#work#1\.\d+$/);
    expect(ids[1]).to.equal(ids[0]);
    expect(ids[2]).to.equal(ids[0]);
    expect(ids[3]).to.not.equal(ids[0]);
    expect(ids[4]).to.equal(ids[3]);
    expect(effectIdOf({})).to.equal(undefined);
  });

  it('ignore a result that was meant for an earlier start at the same address', async () => {
    const calls: ReturnType<typeof deferred<string>>[] = [];
    const work = fromPromise(() => {
      const call = deferred<string>();
      calls.push(call);
      return call.promise;
    });
    const cell = new FakeCell(xstateLogic(worker(work))).start().tell({ type: 'go' });
    calls[0]!.resolve('old');
    await cell.untilPosted(1);
    cell.tell({ type: 'again' });
    cell.settle();
    expect(cell.view).to.deep.include({ value: 'working', context: { result: null } });
    calls[1]!.resolve('new');
    await cell.settleNext();
    expect(cell.view).to.deep.include({ value: 'idle', context: { result: 'new' } });
  });

  it('are not run again once their result is recorded', async () => {
    let started = 0;
    const cell = new FakeCell(xstateLogic(worker(fromPromise(async () => (started += 1))))).start();
    cell.tell({ type: 'go' });
    await cell.untilPosted(1);
    cell.crash();
    expect(started).to.equal(1);
    cell.settle();
    expect(cell.view).to.deep.include({ value: 'idle', context: { result: 1 } });
    cell.tell({ type: 'go' }).crash();
    expect(started).to.equal(3);
  });

  it('report what they reject with, what they throw at once, and what cannot be carried', async () => {
    const works = [
      fromPromise(async () => Promise.reject(new Error('rejected'))),
      fromPromise(() => {
        throw new Error('thrown');
      }),
      fromPromise(async () => () => 'a function'),
    ];
    const results: string[] = [];
    for (const work of works) {
      const cell = new FakeCell(xstateLogic(worker(work))).start().tell({ type: 'go' });
      await cell.settleNext();
      expect(cell.view.value).to.equal('idle');
      results.push((cell.view.context as { result: string }).result);
      expect(cell.port.effectErrors).to.deep.equal([]);
    }
    expect(results.slice(0, 2)).to.deep.equal(['rejected', 'thrown']);
    expect(results[2]).to.match(/is a function/);
  });

  it('are aborted after the commit of the turn that stops them, and by dispose', () => {
    const signals: AbortSignal[] = [];
    const work = fromPromise(({ signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    const cell = new FakeCell(xstateLogic(worker(work))).start().tell({ type: 'go' });
    cell.commitsAtOnce = false;
    cell.tell({ type: 'again' });
    expect(signals.map((signal) => signal.aborted)).to.deep.equal([false]);
    cell.commitNow();
    expect(signals.map((signal) => signal.aborted)).to.deep.equal([true, false]);
    cell.instance.dispose();
    expect(signals.map((signal) => signal.aborted)).to.deep.equal([true, true]);
    cell.instance.dispose();
  });

  it('report nothing from a cell that is gone', async () => {
    const call = deferred<string>();
    let sender: AnyActorRef | undefined;
    const work = fromPromise(({ self }) => {
      sender = self._parent;
      return call.promise;
    });
    const cell = new FakeCell(xstateLogic(worker(work))).start().tell({ type: 'go' });
    cell.instance.dispose();
    sender!.send({ type: 'late' });
    call.resolve('late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(cell.port.posted).to.deep.equal([]);
  });

  it('that reject without onError fail the message, and are not run again once it is given up', async () => {
    let started = 0;
    const work = fromPromise(async () => {
      started += 1;
      throw new Error('refused');
    });
    const machine = setup({ actors: { work } }).createMachine({
      initial: 'idle',
      states: { idle: { on: { go: 'working' } }, working: { invoke: { src: 'work' }, on: { back: 'idle' } } },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().tell({ type: 'go' });
    await cell.untilPosted(1);
    const report = cell.port.posted[0]!;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const settle = () => cell.instance.settle(report.address, report.effectId, report.event);
      expect(thrownBy(() => cell.turn(settle)).message).to.equal('refused');
    }
    expect(started).to.equal(1);
    cell.port.posted.shift();
    cell.turn(() => cell.instance.abandon(report.effectId));
    cell.crash();
    expect(started).to.equal(1);
    expect(cell.view.value).to.equal('working');
    expect(cell.instance.isBusy()).to.equal(false);
    cell.tell({ type: 'back' });
    expect(cell.view.value).to.equal('idle');
  });

  it('may send to themselves and their parent from outside a turn, by a journaled message', async () => {
    const work = fromPromise(async ({ self, system }) => {
      self._parent?.send({ type: 'note' });
      (system.get('boss') as unknown as typeof self | undefined)?.send({ type: 'note' } as never);
      return new Promise(() => undefined);
    });
    const machine = setup({ types: { context: {} as { notes: number } }, actors: { work } }).createMachine({
      context: { notes: 0 },
      invoke: { src: 'work' },
      on: { note: { actions: assign({ notes: ({ context }) => context.notes + 1 }) } },
    });
    const cell = new FakeCell(xstateLogic(machine)).start();
    await cell.settleNext();
    expect(cell.view.context).to.deep.equal({ notes: 1 });
  });
});

/** A hand-driven event source that counts its subscribers. */
class Source<T> {
  readonly log: string[] = [];
  private readonly observers = new Set<{ next(value: T): void; error(e: unknown): void; complete(): void }>();

  subscribe(observer: object): { unsubscribe(): void } {
    this.observers.add(observer as never);
    this.log.push('on');
    return {
      unsubscribe: () => {
        this.observers.delete(observer as never);
        this.log.push('off');
      },
    };
  }

  each(act: (observer: { next(value: T): void; error(e: unknown): void; complete(): void }) => void): void {
    for (const observer of [...this.observers]) act(observer);
  }
}

describe('xstate effects: callbacks', () => {
  /** Echoes what it hears, and logs what happens to it. */
  function echo(log: string[]) {
    return fromCallback<{ type: string; bad?: boolean }>(({ sendBack, receive }) => {
      log.push('started');
      receive((event) => {
        log.push(event.type);
        if (event.bad) throw new Error('bad ears');
        sendBack({ type: `echo.${event.type}` });
      });
      return () => void log.push('stopped');
    });
  }

  function echoing(log: string[]) {
    return setup({ types: { context: {} as { heard: string[] } }, actors: { echo: echo(log) } }).createMachine({
      context: { heard: [] },
      initial: 'on',
      states: {
        on: { invoke: { src: 'echo', id: 'echo', onError: 'deaf' }, on: { off: 'silent' } },
        silent: {},
        deaf: {},
      },
      on: {
        say: { actions: sendTo('echo', { type: 'word' }) },
        shout: { actions: sendTo('echo', { type: 'noise', bad: true }) },
        'echo.*': { actions: assign({ heard: ({ context, event }) => [...context.heard, event.type] }) },
      },
    });
  }

  it('start and hear after the commit, in order, and answer by messages', () => {
    const log: string[] = [];
    const cell = new FakeCell(
      xstateLogic(
        setup({ actors: { echo: echo(log) } }).createMachine({
          invoke: { src: 'echo', id: 'echo' },
          on: { say: { actions: sendTo('echo', { type: 'word' }) } },
        }),
      ),
    );
    cell.commitsAtOnce = false;
    cell.start().tell({ type: 'say' });
    expect(log).to.deep.equal([]);
    cell.commitNow();
    expect(log).to.deep.equal(['started', 'word']);
    expect(cell.port.posted.map((report) => report.event.type)).to.deep.equal(['echo.word']);
  });

  it('bring their events to the parent, and are cleaned up after the commit', () => {
    const log: string[] = [];
    const cell = new FakeCell(xstateLogic(echoing(log))).start().tell({ type: 'say' }).settle();
    expect(cell.view.context).to.deep.equal({ heard: ['echo.word'] });
    cell.commitsAtOnce = false;
    cell.tell({ type: 'off' });
    expect(log).to.deep.equal(['started', 'word']);
    cell.commitNow();
    expect(log).to.deep.equal(['started', 'word', 'stopped']);
  });

  it('start again after a crash although their reports wait, and stop counting once stopped', () => {
    const log: string[] = [];
    const cell = new FakeCell(xstateLogic(echoing(log))).start().tell({ type: 'say' }).crash();
    expect(log).to.deep.equal(['started', 'word', 'started']);
    expect(cell.port.posted).to.have.length(1);
    cell.tell({ type: 'off' });
    cell.settle();
    expect(cell.view.context).to.deep.equal({ heard: [] });
  });

  it('that were stopped by a later turn before their commit neither start nor hear', () => {
    const log: string[] = [];
    const cell = new FakeCell(xstateLogic(echoing(log)));
    cell.commitsAtOnce = false;
    cell.start().tell({ type: 'say' }).tell({ type: 'off' }).commitNow();
    expect(log).to.deep.equal([]);
    const running = new FakeCell(xstateLogic(echoing(log))).start();
    running.commitsAtOnce = false;
    running.tell({ type: 'say' }).tell({ type: 'off' }).commitNow();
    expect(log).to.deep.equal(['started', 'stopped']);
  });

  it('that send what cannot be carried fail themselves, and not their parent', () => {
    const bad = fromCallback(({ sendBack }) => sendBack({ type: 'x', of: () => 1 }));
    const machine = setup({ actors: { bad } }).createMachine({
      initial: 'on',
      states: { on: { invoke: { src: 'bad', onError: 'failed' } }, failed: {} },
    });
    expect(new FakeCell(xstateLogic(machine)).start().settle().view.value).to.equal('failed');
  });

  it("that throw while listening end as the child's error, and are cleaned up", () => {
    const log: string[] = [];
    const cell = new FakeCell(xstateLogic(echoing(log))).start().tell({ type: 'shout' });
    expect(cell.view.value).to.equal('on');
    cell.settle();
    expect(cell.view.value).to.equal('deaf');
    expect(log).to.deep.equal(['started', 'noise', 'stopped']);
  });

  it('whose failure is given up are cleaned up, and do not come back', () => {
    const log: string[] = [];
    const machine = setup({ actors: { echo: echo(log) } }).createMachine({
      invoke: { src: 'echo', id: 'echo' },
      on: { shout: { actions: sendTo('echo', { type: 'noise', bad: true }) } },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().tell({ type: 'shout' });
    const { effectId } = cell.port.posted.shift()!;
    cell.turn(() => cell.instance.abandon(`${effectId}+`));
    expect(log).to.deep.equal(['started', 'noise']);
    cell.turn(() => cell.instance.abandon(effectId));
    cell.crash().tell({ type: 'shout' });
    expect(log).to.deep.equal(['started', 'noise', 'stopped']);
  });

  it('as roots report to the troupe parent', () => {
    const log: string[] = [];
    const cell = new FakeCell(xstateLogic(echo(log)), undefined, new FakePort('/a/echo', '/a')).start();
    cell.tell({ type: 'word' });
    cell.settle();
    expect(cell.port.sent).to.deep.equal([{ to: '/a', event: { type: 'echo.word' } }]);
    const orphan = new FakeCell(xstateLogic(echo(log))).start().tell({ type: 'word' });
    expect(thrownBy(() => orphan.settle()).code).to.equal('NO_PARENT');
  });

  it('whose clean-up throws tell the host, and never dispose', () => {
    const bad = fromCallback(() => () => {
      throw new Error('stuck');
    });
    const machine = setup({ actors: { bad } }).createMachine({
      initial: 'on',
      states: { on: { invoke: { src: 'bad' }, on: { off: 'silent' } }, silent: {} },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().tell({ type: 'off' });
    expect(cell.port.effectErrors).to.have.length(1);
    expect(cell.port.effectErrors[0]).to.include({ code: 'EFFECT_FAILED' });
    const other = new FakeCell(xstateLogic(machine)).start();
    other.instance.dispose();
  });
});

describe('xstate effects: observables', () => {
  function watching(kind: 'values' | 'events', source: Source<unknown>) {
    const make = () => source as never;
    const feed = kind === 'values' ? fromObservable(make) : fromEventObservable(make);
    return setup({ types: { context: {} as { seen: unknown[] } }, actors: { feed: feed as never } }).createMachine({
      context: { seen: [] },
      initial: 'on',
      states: {
        on: {
          invoke: {
            src: 'feed' as never,
            id: 'feed',
            onSnapshot: {
              actions: assign({
                seen: ({ context, event }) => [...context.seen, (event.snapshot as { context?: unknown }).context],
              }),
            },
            onDone: 'done',
            onError: 'failed',
          },
          on: { off: 'idle' },
        },
        idle: {},
        done: {},
        failed: {},
      },
      on: { tick: { actions: assign({ seen: ({ context }) => [...context.seen, 'tick'] }) } },
    } as never);
  }

  it('bring values as snapshots, complete once, and are subscribed again after a crash', () => {
    const source = new Source<unknown>();
    const cell = new FakeCell(xstateLogic(watching('values', source))).start();
    source.each((observer) => observer.next(1));
    cell.settle();
    source.each((observer) => observer.next(2));
    expect(cell.view.context).to.deep.equal({ seen: [undefined, 1] });
    cell.crash();
    expect(source.log).to.deep.equal(['on', 'on']);
    cell.settle();
    expect(cell.view.context).to.deep.equal({ seen: [undefined, 1, 2] });
    const later = cell.port.posted;
    source.each((observer) => observer.complete());
    expect(later).to.have.length(1);
    cell.crash();
    expect(source.log).to.deep.equal(['on', 'on']);
    cell.settle();
    expect(cell.view.value).to.equal('done');
  });

  it("that cannot be made, or bring nothing after they were stopped, are the child's error and silent", () => {
    const broken = new Source<unknown>();
    broken.subscribe = () => {
      throw new Error('no source');
    };
    const cell = new FakeCell(xstateLogic(watching('values', broken))).start().settle();
    expect(cell.view.value).to.equal('failed');
    expect(cell.port.effectErrors).to.deep.equal([]);
    const source = new Source<unknown>();
    const stopped = new FakeCell(xstateLogic(watching('values', source))).start();
    stopped.commitsAtOnce = false;
    stopped.tell({ type: 'off' });
    source.each((observer) => observer.next(1));
    expect(stopped.port.posted).to.deep.equal([]);
  });

  it('of events send them to the parent; errors and stops arrive', () => {
    const source = new Source<unknown>();
    const cell = new FakeCell(xstateLogic(watching('events', source))).start();
    source.each((observer) => observer.next({ type: 'tick' }));
    cell.settle();
    expect(cell.view.context).to.deep.equal({ seen: [undefined, 'tick'] });
    cell.tell({ type: 'off' });
    expect(source.log).to.deep.equal(['on', 'off']);
    const failing = new Source<unknown>();
    const other = new FakeCell(xstateLogic(watching('events', failing))).start();
    failing.each((observer) => observer.error(new Error('cut')));
    other.settle();
    expect(other.view.value).to.equal('failed');
  });
});
