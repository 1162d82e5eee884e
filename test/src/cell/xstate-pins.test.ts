/**
 * What the adapter relies on inside XState 5.33, one test each. When one fails after an update of XState, read the
 * files `src/cell/xstate-*.ts` that are named beside it before anything else.
 */
import { expect } from 'chai';
import {
  Actor,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyStateMachine,
  assign,
  createActor,
  createEmptyActor,
  fromCallback,
  fromEventObservable,
  fromObservable,
  fromPromise,
  fromTransition,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import {
  hasEffect,
  isCallback,
  isLastReport,
  isMachine,
  isTransition,
  type LocalActor,
  type MachineInsides,
  processing,
  type RealActor,
} from '../../../src/cell/xstate-internals.js';
import { RootActor } from '../../../src/cell/xstate-root.js';
import { SnapshotShapes } from '../../../src/cell/xstate-shapes.js';
import { pinRoot, pinSystem } from '../../helpers/pin-system.js';

const boom = new Error('boom');
const thrower = () => {
  throw boom;
};

/** A pin system, as our roots want it. */
function ourSystem() {
  const port = { self: { path: 'root' } };
  return Object.assign(pinSystem(), { port }) as never;
}

describe('xstate pins', () => {
  it("a root with a parent uses the parent's system, and books its id there (xstate-system.ts)", () => {
    const system = pinSystem();
    const root = pinRoot(setup({}).createMachine({}), system);
    expect(root.system).to.equal(system);
    expect(root.sessionId).to.equal('pin:1');
    expect(root._parent).to.equal(system);
    expect(root.id).to.equal('root');
  });

  it("a child's session id is its id when it is spawned without one in an assign", () => {
    const leaf = fromTransition((n: number) => n, 0);
    const machine = setup({ actors: { leaf } }).createMachine({ context: ({ spawn }) => ({ ref: spawn('leaf') }) });
    const root = pinRoot(machine, pinSystem());
    expect(Object.keys(root.getSnapshot().children ?? {})).to.deep.equal(['pin:2']);
  });

  it('spawnChild without an id stores the child under the key undefined', () => {
    const leaf = fromTransition((n: number) => n, 0);
    const root = pinRoot(setup({ actors: { leaf } }).createMachine({ entry: spawnChild('leaf') }), pinSystem());
    const { children = {} } = root.getSnapshot();
    expect(Object.entries(children).map(([key, child]) => [key, child?.id])).to.deep.equal([['undefined', 'pin:2']]);
  });

  it('registers an actor right before its logic starts, so that the logic can be swapped there', () => {
    const started: string[] = [];
    const work = fromPromise(async () => void started.push('real'));
    const machine = setup({ actors: { work } }).createMachine({ invoke: { src: 'work', id: 'work' } });
    const system = pinSystem();
    system.onRegister = (actor) => {
      const real = actor.logic;
      if (actor.id === 'work') actor.logic = { ...real, start: () => void started.push('swapped') };
    };
    pinRoot(machine, system).start();
    expect(started).to.deep.equal(['swapped']);
  });

  it('an error in registering becomes the error of the parent', () => {
    const leaf = fromTransition((n: number) => n, 0);
    const machine = setup({ actors: { leaf } }).createMachine({ invoke: { src: 'leaf', id: 'leaf' } });
    const system = pinSystem();
    system.onRegister = (actor) => (actor.id === 'leaf' ? thrower() : undefined);
    const root = pinRoot(machine, system);
    root.start();
    expect(root.getSnapshot()).to.include({ status: 'error', error: boom });
  });

  it('relays its own end to the parent: done with `_doneEvent`, errors by type; nothing is reported globally', () => {
    const system = pinSystem();
    const finished = setup({}).createMachine({ initial: 'a', states: { a: { type: 'final' } } });
    const done = pinRoot(finished, system);
    done.start();
    expect(system.relays[0]).to.include({ source: done, target: system, event: done._doneEvent });
    const failing = pinSystem();
    const failed = pinRoot(setup({}).createMachine({ on: { go: { actions: thrower } } }), failing);
    failed.start();
    failed._send({ type: 'go' });
    expect(failing.relays[0]).to.deep.include({ source: failed, target: failing });
    expect(failing.relays[0]!.event).to.include({ type: 'xstate.error.actor.root', error: boom });
    expect(failed.getSnapshot()).to.include({ status: 'error', error: boom });
    // Were it reported, XState would throw it in a timer, and mocha would fail this test.
    return new Promise((resolve) => setTimeout(resolve, 1));
  });

  it('a throw drops the sends of its step, and an error while making is kept until the start', () => {
    const system = pinSystem();
    const peer = {} as AnyActorRef;
    const actions = [sendTo(peer, { type: 'x' }), thrower];
    const root = pinRoot(setup({}).createMachine({ on: { go: { actions } } } as never), system);
    root.start();
    root._send({ type: 'go' });
    expect(system.relays.map((relay) => relay.event.type)).to.deep.equal(['xstate.error.actor.root']);
    const early = pinRoot(setup({}).createMachine({ context: thrower }), pinSystem());
    expect(early.getSnapshot()).to.include({ status: 'error', error: boom });
  });

  it('a throw in `_relay` of a deferred send becomes the error of the sender', () => {
    const system = pinSystem();
    const root = pinRoot(setup({}).createMachine({ on: { go: { actions: sendParent({ type: 'x' }) } } }), system);
    root.start();
    const { _relay } = system;
    system._relay = (source, target, event) => (event.type === 'x' ? thrower() : _relay(source, target, event));
    root._send({ type: 'go' });
    expect(root.getSnapshot()).to.include({ status: 'error', error: boom });
  });

  it('send() of an actor relays without a source', () => {
    const system = pinSystem();
    const root = pinRoot(setup({}).createMachine({}), system);
    root.start();
    (root as unknown as AnyActorRef).send({ type: 'x' });
    expect(system.relays[0]).to.deep.include({ source: undefined, target: root, event: { type: 'x' } });
  });

  it('delayed events go to the scheduler with stable ids, and exits cancel them', () => {
    const system = pinSystem();
    const machine = setup({}).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { after: { 50: 'b' }, on: { go: 'b' } }, b: { entry: raise({ type: 'x' }, { delay: 3 }) } },
    });
    const root = pinRoot(machine, system);
    root.start();
    expect(system.scheduled[0]!.slice(2)).to.deep.equal([{ type: 'xstate.after.50.m.a' }, 50, 'xstate.after.50.m.a']);
    root._send({ type: 'go' });
    expect(system.calls).to.include('cancel xstate.after.50.m.a');
    expect(system.scheduled[1]!.slice(2)).to.deep.equal([{ type: 'x' }, 3, undefined]);
  });

  it('a stopped child is unregistered before its stop event, and again at its end, after its timers', () => {
    const leaf = fromTransition((n: number) => n, 0);
    const machine = setup({ actors: { leaf } }).createMachine({
      initial: 'a',
      states: { a: { invoke: { src: 'leaf', id: 'leaf' }, on: { go: 'b' } }, b: {} },
    });
    const system = pinSystem();
    const root = pinRoot(machine, system);
    root.start();
    system.calls.length = 0;
    root._send({ type: 'go' });
    expect(system.calls).to.deep.equal(['unregister leaf', 'cancelAll leaf', 'unregister leaf']);
  });

  it('a machine that throws leaves its children running, with status error set before it is unregistered', () => {
    const leaf = fromTransition((n: number) => n, 0);
    const machine = setup({ actors: { leaf } }).createMachine({
      invoke: { src: 'leaf', id: 'leaf' },
      on: { go: { actions: thrower } },
    });
    const system = pinSystem();
    const root = pinRoot(machine, system);
    root.start();
    let statusThen = '';
    system._unregister = (actor) => {
      statusThen = `${actor.id} ${actor.getSnapshot().status}`;
    };
    root._send({ type: 'go' });
    expect(statusThen).to.equal('root error');
    expect(root.getSnapshot().children?.leaf?.getSnapshot().status).to.equal('active');
  });

  it('restoring runs no entry actions, and starts active children only', () => {
    const log: string[] = [];
    const work = fromPromise(async () => 'x');
    const machine = setup({ actors: { work } }).createMachine({
      initial: 'a',
      states: { a: { entry: () => void log.push('entry'), invoke: { src: 'work', id: 'work' } } },
    });
    const snapshot = (status: string) => ({
      status: 'active',
      value: 'a',
      context: {},
      children: { work: { snapshot: { status }, src: 'work' } },
    });
    const counts = ['active', 'done'].map((status) => {
      const system = pinSystem();
      pinRoot(machine, system, { snapshot: snapshot(status) }).start();
      return system.calls.filter((call) => call === 'register work').length;
    });
    expect(log).to.deep.equal([]);
    expect(counts).to.deep.equal([1, 0]);
  });

  it('restoring an unknown value makes a snapshot in error, an unknown child is left out, a value is completed', () => {
    const machine = setup({}).createMachine({ initial: 'a', states: { a: { initial: 'b', states: { b: {} } } } });
    const snapshotOf = (value: unknown, children: object) =>
      pinRoot(machine, pinSystem(), { snapshot: { status: 'active', value, context: {}, children } }).getSnapshot();
    expect(snapshotOf('zz', {}).status).to.equal('error');
    expect(snapshotOf('a', {})).to.deep.include({ status: 'active', value: { a: 'b' } });
    expect(snapshotOf({ a: 'b' }, { kid: { src: 'kid', snapshot: {} } }).children).to.deep.equal({});
  });

  it('a persisted context is the live one when it names no actor, and a copy with marks when it does', () => {
    const leaf = fromTransition((n: number) => n, 0);
    const machine = setup({ types: { context: {} as { ref?: unknown } }, actors: { leaf } }).createMachine({
      context: {},
      on: { go: { actions: assign({ ref: ({ spawn }) => spawn('leaf', { id: 'kid' }) }) } },
    });
    const root = pinRoot(machine, pinSystem());
    root.start();
    const context = () => (root.getPersistedSnapshot() as { context: object }).context;
    expect(context()).to.equal(root.getSnapshot().context);
    root._send({ type: 'go' });
    expect(context()).to.deep.equal({ ref: { xstate$$type: 1, id: 'kid' } });
  });

  it('history holds state nodes, and comes back from ids', () => {
    const machine = setup({}).createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { initial: 'x', states: { x: { on: { n: 'y' } }, y: {}, back: { type: 'history' } }, on: { go: 'b' } },
        b: { on: { go: 'a.back' } },
      },
    });
    const root = pinRoot(machine, pinSystem());
    root.start();
    for (const type of ['n', 'go']) root._send({ type });
    expect(root.getSnapshot().historyValue?.['m.a.back']?.map((node) => node.id)).to.deep.equal(['m.a.y']);
    const again = pinRoot(machine, pinSystem(), {
      snapshot: {
        status: 'active',
        value: 'b',
        context: {},
        children: {},
        historyValue: { 'm.a.back': [{ id: 'm.a.y' }] },
      },
    });
    again.start();
    again._send({ type: 'go' });
    expect(again.getSnapshot().value).to.deep.equal({ a: 'y' });
  });

  it('kinds of logic can be told apart (xstate-internals.ts)', () => {
    const callback = fromCallback(({ receive }) => receive(() => undefined));
    const others: AnyActorLogic[] = [
      fromPromise(async () => 1),
      fromObservable(() => undefined as never),
      fromEventObservable(() => undefined as never),
      fromTransition((n: number) => n, 0),
      setup({}).createMachine({}),
    ];
    expect(isCallback(callback)).to.equal(true);
    expect(others.map(isCallback)).to.deep.equal([false, false, false, false, false]);
    expect(others.map(isTransition)).to.deep.equal([false, false, false, true, false]);
    expect([callback, ...others].map((logic) => hasEffect(logic))).to.deep.equal([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(others.map((logic) => isMachine(logic))).to.deep.equal([false, false, false, false, true]);
  });

  it('promises and observables end by these reports, sent to themselves', async () => {
    /** An observable that does one thing to its observer at once. */
    const observable = (act: (observer: { complete(): void; error(error: unknown): void }) => void) => () =>
      ({
        subscribe(observer: { complete(): void; error(error: unknown): void }) {
          act(observer);
          return { unsubscribe: () => undefined };
        },
      }) as never;
    for (const [work, type] of [
      [fromPromise(async () => 1), 'xstate.promise.resolve'],
      [fromPromise(async () => thrower()), 'xstate.promise.reject'],
      [fromObservable(observable((observer) => observer.complete())), 'xstate.observable.complete'],
      [fromEventObservable(observable((observer) => observer.error(boom))), 'xstate.observable.error'],
    ] as [AnyActorLogic, string][]) {
      const system = pinSystem();
      system.deliver = false;
      const root = pinRoot(work, system);
      root.start();
      await new Promise((resolve) => setImmediate(resolve));
      expect(system.relays[0]).to.include({ source: root, target: root });
      expect(system.relays[0]!.event.type).to.equal(type);
      expect(isLastReport(system.relays[0]!.event)).to.equal(true);
    }
  });

  it('machines show their nodes, actions and inline invokes to the check of definitions (check-logic.ts)', () => {
    const leaf = fromPromise(async () => 1);
    const machine = setup({ actions: { act: () => undefined }, actors: { leaf } }).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { invoke: [{ src: 'leaf' }, { src: leaf }], always: { target: 'b', guard: () => false } }, b: {} },
    }) as AnyStateMachine as unknown as MachineInsides;
    expect([...machine.idMap.keys()]).to.deep.equal(['m', 'm.a', 'm.b']);
    expect(machine.idMap.get('m.a')!.invoke.map((each) => each.src)).to.deep.equal(['leaf', 'xstate.invoke.1.m.a']);
    expect(machine.idMap.get('m.a')!.always).to.have.length(1);
    expect(machine.implementations.actors).to.have.keys('leaf');
    expect(machine.implementations.actions).to.have.keys('act');
  });

  it('an actor reads its options while it is made and started, and never again (xstate-logic.ts)', () => {
    const leaf = fromPromise(async () => 1);
    const machine = setup({ actors: { leaf }, types: { context: {} as { n: number } } }).createMachine({
      context: { n: 0 },
      invoke: { src: 'leaf' },
      on: { add: { actions: assign({ n: ({ context }) => context.n + 1 }) }, end: '.done' },
      initial: 'run',
      states: { run: {}, done: { type: 'final' } },
    });
    const actor = createActor(machine) as unknown as LocalActor & { stop(): void };
    actor.start();
    const read: (string | symbol)[] = [];
    actor.options = new Proxy({}, { get: (_target, key) => void read.push(key) });
    actor._send({ type: 'add' });
    actor.getPersistedSnapshot();
    expect(actor.getSnapshot().context).to.deep.equal({ n: 1 });
    actor._send({ type: 'end' });
    actor.stop();
    expect(read).to.deep.equal([]);
  });

  it("an actor's constructor sets these members, and a scope has those (xstate-root.ts)", () => {
    const machine = setup({}).createMachine({ context: { n: 1 } }) as AnyStateMachine;
    const system = pinSystem();
    const real = pinRoot(machine, system) as unknown as RealActor;
    const ours = new RootActor(new SnapshotShapes(machine), ourSystem(), {});
    const set = Object.keys(real);
    expect(set.toSorted()).to.deep.equal(
      (
        '_actorScope _deferred _doneEvent _parent _processingStatus _snapshot _syncSnapshot clock eventListeners id ' +
        'logger logic mailbox observers options ref send sessionId src system systemId'
      ).split(' '),
    );
    // It is set when the actor ends, and only then has a place.
    const missing = set.filter((member) => !(member in ours) && member !== '_doneEvent');
    expect(missing).to.deep.equal([]);
    const inScope = Object.keys(real._actorScope);
    expect(inScope.toSorted()).to.deep.equal(
      'actionExecutor defer emit id logger self sessionId stopChild system'.split(' '),
    );
    expect(inScope.filter((member) => !(member in ours._actorScope))).to.deep.equal([]);
    expect(Object.keys(real.mailbox as object)).to.deep.equal(['_process', '_active', '_current', '_last']);
  });

  it('methods of an actor are these: another one may write into what idle roots share (xstate-root.ts)', () => {
    expect(Object.getOwnPropertyNames(Actor.prototype).toSorted()).to.deep.equal(
      (
        '@@observable _complete _error _initState _process _reportError _send _stop _stopProcedure attachDevTools ' +
        'constructor getPersistedSnapshot getSnapshot on select send start stop subscribe toJSON update'
      ).split(' '),
    );
    const mailbox = Object.getPrototypeOf((createEmptyActor() as unknown as RealActor).mailbox);
    expect(Object.getOwnPropertyNames(mailbox)).to.deep.equal(['constructor', 'start', 'clear', 'enqueue', 'flush']);
  });

  it('an actor is not started, running, stopped by these numbers (xstate-root.ts)', () => {
    const root = pinRoot(setup({}).createMachine({ on: { go: { actions: thrower } } }), pinSystem());
    const status = () => (root as unknown as RealActor)._processingStatus;
    expect(status()).to.equal(processing.notStarted);
    root.start();
    expect(status()).to.equal(processing.running);
    root._send({ type: 'go' });
    expect(status()).to.equal(processing.stopped);
  });

  it("a running actor's executor runs any action at once, also taken from its scope (xstate-root.ts)", () => {
    const { actionExecutor } = (createEmptyActor() as unknown as RealActor).start()._actorScope;
    const got: unknown[] = [];
    actionExecutor({ type: 'x', info: 1, params: 2, exec: (...args: unknown[]) => void got.push(args) });
    expect(got).to.deep.equal([[1, 2]]);
  });

  it("a machine's snapshot has these members, equal states differ in the context (xstate-shapes.ts)", () => {
    const machine = setup({ types: { context: {} as { n: number } } }).createMachine({
      context: { n: 0 },
      tags: 'root',
      on: { add: { actions: assign({ n: ({ context }) => context.n + 1 }) } },
      initial: 'a',
      states: { a: { tags: ['x', 'y'] } },
    }) as AnyStateMachine;
    const root = pinRoot(machine, pinSystem());
    root.start();
    const first = root.getSnapshot();
    root._send({ type: 'add' });
    const second = root.getSnapshot();
    expect(Object.keys(second)).to.deep.equal(
      (
        'status output error machine context _nodes value tags children historyValue ' +
        'matches hasTag can getMeta toJSON'
      ).split(' '),
    );
    expect({ ...second, context: 0 }).to.deep.equal({ ...first, context: 0 });
    expect(
      Object.keys(pinRoot(machine, pinSystem(), { snapshot: root.getPersistedSnapshot() }).getSnapshot()),
    ).to.deep.equal(Object.keys(second));
  });

  it('neither children nor history of a snapshot are changed in place (xstate-shapes.ts)', () => {
    const leaf = fromTransition((n: number) => n, 0);
    const machine = setup({ actors: { leaf }, types: { context: {} as { kid?: AnyActorRef } } }).createMachine({
      id: 'm',
      context: {},
      initial: 'a',
      states: {
        a: {
          initial: 'x',
          states: { x: {}, back: { type: 'history' } },
          on: { go: { target: 'b', actions: spawnChild('leaf', { id: 'one' }) } },
        },
        b: {
          invoke: { src: 'leaf', id: 'two' },
          entry: assign({ kid: ({ spawn }) => spawn('leaf', { id: 'three' }) }),
          on: { end: { target: 'a.back', actions: [stopChild('one'), stopChild('three')] } },
        },
      },
    });
    const root = pinRoot(machine, pinSystem());
    root.start();
    for (const type of ['go', 'end']) {
      const before = root.getSnapshot();
      Object.freeze(before.children);
      Object.freeze(before.historyValue);
      root._send({ type });
    }
    expect(root.getSnapshot()).to.deep.include({ status: 'active', children: {} });
    expect(root.getSnapshot().historyValue).to.have.keys('m.a.back');
  });
});
