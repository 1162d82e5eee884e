import { expect } from 'chai';
import fc from 'fast-check';
import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  assign,
  createActor,
  fromPromise,
  fromTransition,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { xstateLogic } from '../../../src/cell/xstate-logic.js';
import { decode, encode } from '../../../src/core/codec.js';
import { ActorRef } from '../../../src/core/ref.js';
import { FakeCell, FakePort, thrownBy } from '../../helpers/fake-port.js';

/** Restore `state` with `machine`. */
function restore(machine: AnyStateMachine, state: unknown): FakeCell {
  const cell = new FakeCell(xstateLogic(machine));
  cell.stored = encode(state, 'state');
  return cell.crash();
}

const toggle = setup({ types: { context: {} as { on: number } } }).createMachine({
  context: { on: 0 },
  initial: 'off',
  states: {
    off: { on: { flip: 'on' } },
    on: { entry: assign({ on: ({ context }) => context.on + 1 }), on: { flip: 'off' } },
  },
});

describe('xstate persist: forms', () => {
  it('stores a machine without children as value and context', () => {
    const cell = new FakeCell(xstateLogic(toggle)).start().tell({ type: 'flip' });
    expect(cell.instance.persist()).to.deep.equal(['on', { on: 1 }]);
  });

  it('keeps refs of other actors in the context', () => {
    const machine = setup({ types: { context: {} as { peer: ActorRef } } }).createMachine({
      context: { peer: new ActorRef('/peer', 4) },
      on: { go: { actions: sendTo(({ context }) => context.peer as unknown as AnyActorRef, { type: 'hi' }) } },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().crash().tell({ type: 'go' });
    expect(cell.port.sent).to.deep.equal([{ to: '/peer', event: { type: 'hi' } }]);
  });

  it('stores children and their refs, and returns to the small form when they are gone', () => {
    const leaf = fromTransition((n: number) => n + 1, 0);
    const machine = setup({
      types: { context: {} as { ref: AnyActorRef | null } },
      actors: { leaf },
    }).createMachine({
      context: { ref: null },
      on: {
        spawn: { actions: assign({ ref: ({ spawn }) => spawn('leaf', { id: 'leaf' }) as AnyActorRef }) },
        use: { actions: sendTo(({ context }) => context.ref!, { type: 'x' }) },
        stop: { actions: stopChild('leaf') },
        clear: { actions: assign({ ref: null }) },
      },
    });
    const cell = new FakeCell(xstateLogic(machine)).start();
    expect(cell.instance.persist()).to.be.an('array');
    cell.tell({ type: 'spawn' }).crash().tell({ type: 'use' }).crash().tell({ type: 'use' });
    const { s } = cell.instance.persist() as { s: { children: { leaf: { snapshot: unknown } }; context: unknown } };
    expect(s.children.leaf.snapshot).to.deep.include({ context: 2 });
    expect(s.context).to.deep.equal({ ref: { xstate$$type: 1, id: 'leaf' } });
    expect(cell.view.context).to.deep.equal({ ref: { xstate$$type: 1, id: 'leaf' } });
    // The context still names the child that is gone; a restore forgets the name, as XState's does.
    cell.tell({ type: 'stop' });
    expect(cell.instance.persist()).to.have.property('s');
    expect(cell.crash().view.context).to.deep.equal({ ref: undefined });
    cell.tell({ type: 'clear' });
    expect(cell.instance.persist()).to.deep.equal([{}, { ref: null }]);
  });

  it('refuses a context that holds the actor itself', () => {
    const leaf = fromTransition((n: number) => n, 0);
    for (const invoke of [[], [{ src: 'leaf' as const }]]) {
      const machine = setup({ types: { context: {} as { me: unknown } }, actors: { leaf } }).createMachine({
        context: ({ self }) => ({ me: self }),
        invoke,
      });
      const error = thrownBy(() => new FakeCell(xstateLogic(machine)).start());
      expect(error).to.include({ code: 'PAYLOAD_NOT_CARRIABLE' });
      expect(error.message).to.match(/\.me\b/);
    }
  });

  it('lets a migration change what users know, and stores the small form again', () => {
    const logic = xstateLogic(toggle);
    const change = (snapshot: unknown) => {
      const { value, context, ...rest } = snapshot as { value: string; context: { count: number } };
      return { ...rest, value: value === 'yes' ? 'on' : 'off', context: { on: context.count } };
    };
    const migrated = logic.migrate(['yes', { count: 3 }], change);
    const cell = restore(toggle, migrated);
    expect(cell.instance.persist()).to.deep.equal(['on', { on: 3 }]);
  });
});

describe('xstate persist: what comes back', () => {
  it('runs no action, sets no timer, sends nothing, draws no number and starts nothing before resume', () => {
    const log: string[] = [];
    const work = fromPromise(async () => void log.push('promise'));
    const child = setup({}).createMachine({
      entry: [() => void log.push('child entry'), sendParent({ type: 'hello' }), raise({ type: 'x' }, { delay: 1 })],
    });
    const machine = setup({ actors: { work, child } }).createMachine({
      entry: () => void log.push('entry'),
      initial: 'a',
      states: {
        a: {
          entry: [() => void log.push('entry a'), raise({ type: 'x' }, { delay: 1, id: 'x' })],
          invoke: [{ src: 'work' }, { src: 'child', onSnapshot: { actions: () => void log.push('snapshot') } }],
          after: { 100: 'b' },
          exit: () => void log.push('exit a'),
        },
        b: {},
      },
    });
    const logic = xstateLogic(machine);
    const cell = new FakeCell(logic).start();
    log.length = 0;
    const port = new FakePort();
    const bytes = cell.stored!;
    const instance = logic.restore(port, decode(bytes));
    expect(log).to.deep.equal([]);
    expect([...port.timers, ...port.posted, ...port.commit()]).to.deep.equal([]);
    expect(port.number).to.equal(0);
    expect(encode(instance.persist(), 'state').equals(Buffer.from(bytes))).to.equal(true);
    instance.resume(new Set())();
    expect(log).to.deep.equal(['promise']);
  });

  it('includes parallel states, tags and both kinds of history', () => {
    const inner = { initial: 'x', states: { x: { on: { inner: 'y' } }, y: { tags: ['deep'] } } } as const;
    const machine = setup({}).createMachine({
      type: 'parallel',
      states: {
        left: { initial: 'one', states: { one: { on: { left: 'two' } }, two: { tags: ['lefty'] } } },
        right: {
          initial: 'in',
          states: {
            in: {
              initial: 'p',
              states: {
                p: { on: { step: 'q' } },
                q: inner,
                deep: { type: 'history', history: 'deep' },
                shallow: { type: 'history' },
              },
              on: { leave: 'out' },
            },
            out: { on: { deep: 'in.deep', shallow: 'in.shallow' } },
          },
        },
      },
    });
    const cell = new FakeCell(xstateLogic(machine)).start();
    for (const type of ['left', 'step', 'inner', 'leave']) cell.tell({ type }).crash();
    expect(cell.view.value).to.deep.equal({ left: 'two', right: 'out' });
    expect(cell.tell({ type: 'deep' }).crash().view.value).to.deep.equal({ left: 'two', right: { in: { q: 'y' } } });
    cell.tell({ type: 'leave' }).crash().tell({ type: 'shallow' }).crash();
    expect(cell.view.value).to.deep.equal({ left: 'two', right: { in: { q: 'x' } } });
  });

  it('does not stick when a child ends within the turn, or by a report', async () => {
    const child = setup({}).createMachine({ initial: 'a', states: { a: { on: { end: 'z' } }, z: { type: 'final' } } });
    const work = fromPromise(async () => 'result');
    const machine = setup({ actors: { child, work } }).createMachine({
      initial: 'one',
      states: {
        one: {
          invoke: { src: 'child', id: 'child', onDone: 'two' },
          on: { end: { actions: sendTo('child', { type: 'end' }) } },
        },
        two: { invoke: { src: 'work', onDone: 'three' } },
        three: {},
      },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().crash().tell({ type: 'end' });
    expect(cell.view.value).to.equal('two');
    await cell.crash().settleNext();
    expect(cell.crash().view.value).to.equal('three');
  });

  it("is refused when a state, a child's logic or a state of the history is gone, or the value is incomplete", () => {
    const named = (src: string) =>
      setup({ actors: { [src]: fromTransition((n: number) => n, 0) } }).createMachine({ invoke: { src, id: 'kid' } });
    const withKid = new FakeCell(xstateLogic(named('old'))).start().instance.persist();
    const grown = setup({}).createMachine({
      initial: 'off',
      states: { off: { initial: 'cold', states: { cold: {}, hot: {} } } },
    });
    const cases: [AnyStateMachine, unknown, RegExp][] = [
      [toggle, ['broken', { on: 0 }], /broken/],
      [toggle, [{ off: 'cold' }, { on: 0 }], /cold/],
      [grown, ['off', {}], /incomplete.*\{"off":"cold"\}/],
      [named('new'), withKid, /'kid'/],
      [toggle, ['off', { on: 0 }, { history: { h: ['(machine).gone'] } }], /gone/],
      [toggle, undefined, /no known form/],
      [toggle, 'nonsense', /no known form/],
    ];
    for (const [machine, state, message] of cases) {
      const error = thrownBy(() => restore(machine, state));
      expect(error, String(message)).to.include({ code: 'STATE_UNKNOWN' });
      expect(error.message).to.match(message).and.include('/test');
    }
  });

  it('is refused when a state of a local child is gone', () => {
    const parent = (child: AnyStateMachine) =>
      setup({ actors: { child } }).createMachine({ invoke: { src: 'child', id: 'kid' } });
    const stored = new FakeCell(xstateLogic(parent(toggle))).start().instance.persist();
    const renamed = setup({}).createMachine({ initial: 'dark', states: { dark: {} } });
    const error = thrownBy(() => restore(parent(renamed), stored));
    expect(error).to.include({ code: 'STATE_UNKNOWN' });
    expect(error.message).to.include("'kid'").and.include('off');
  });
});

describe('xstate persist: custom logic', () => {
  it('of a local child may refuse its stored state', () => {
    const picky = (accepts: boolean) => ({
      ...fromTransition((n: number) => n, 0),
      restoreSnapshot(state: unknown) {
        if (!accepts) throw new Error('not mine');
        return state;
      },
    });
    const parent = (accepts: boolean) =>
      setup({ actors: { picky: picky(accepts) as never } }).createMachine({
        invoke: { src: 'picky' as never, id: 'kid' },
      } as never) as unknown as AnyStateMachine;
    const stored = new FakeCell(xstateLogic(parent(true))).start().crash().instance.persist();
    const error = thrownBy(() => restore(parent(false), stored));
    expect(error).to.include({ code: 'STATE_UNKNOWN' });
    expect(error.message).to.include("'kid'").and.include('not mine');
  });
});

/** Everything that has state of its own: parallel regions, history, nested children, timers, refs in the context. */
const busy = (() => {
  const counter = fromTransition((n: number, event: { type: string }) => (event.type === 'add' ? n + 1 : n), 0);
  const child = setup({ types: { context: {} as { hits: number } }, actors: { counter } }).createMachine({
    id: 'child',
    context: { hits: 0 },
    invoke: { src: 'counter', id: 'counter' },
    initial: 'calm',
    states: {
      calm: { on: { poke: 'angry' }, after: { 10: 'angry' } },
      angry: { on: { poke: 'gone' } },
      gone: { type: 'final' },
    },
    on: { '*': { actions: [assign({ hits: ({ context }) => context.hits + 1 }), sendTo('counter', { type: 'add' })] } },
  });
  return setup({
    types: { context: {} as { n: number; log: string[] } },
    actors: { child },
  }).createMachine({
    id: 'busy',
    context: { n: 0, log: [] },
    type: 'parallel',
    states: {
      a: {
        initial: 'x',
        states: {
          x: { on: { a: 'y' }, after: { 50: 'y' } },
          y: { initial: 'p', states: { p: { on: { b: 'q' } }, q: {}, back: { type: 'history' } }, on: { a: 'z' } },
          z: { on: { a: 'y.back', b: 'x' }, tags: ['end'] },
        },
      },
      b: {
        initial: 'off',
        states: {
          off: { on: { c: 'on' } },
          on: {
            invoke: {
              src: 'child',
              id: 'inv',
              onDone: 'off',
              onSnapshot: { actions: assign({ n: ({ context }) => context.n + 1 }) },
            },
            on: {
              c: 'off',
              d: { actions: sendTo('inv', { type: 'poke' }) },
              e: { actions: sendTo('inv', { type: 'other' }) },
            },
          },
        },
      },
    },
    on: {
      f: {
        guard: ({ context }) => context.log.length < 3,
        actions: [
          assign({ log: ({ context }) => [...context.log, `s${context.log.length}`] }),
          spawnChild('child', { id: ({ context }) => `s${context.log.length}` }),
        ],
      },
      g: {
        actions: [
          sendTo(new ActorRef('/out') as unknown as AnyActorRef, ({ context }) => ({ type: 'n', n: context.n })),
        ],
      },
      h: { actions: raise({ type: 'a' }, { delay: 5, id: 'h' }) },
    },
  });
})();

describe('xstate persist: property', () => {
  const step = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'fire');

  /** One step of a run; `fire` lets the oldest timer fire. */
  function take(cell: FakeCell, what: string): void {
    const [timer] = cell.port.timers.keys();
    if (what !== 'fire') cell.tell({ type: what });
    else if (timer !== undefined) cell.fire(timer);
  }

  const outcome = (cell: FakeCell) => ({
    view: cell.view,
    state: decode(encode(cell.instance.persist(), 'state')),
    timers: [...cell.port.timers].sort(([x], [y]) => (x < y ? -1 : 1)),
    sent: cell.port.sent,
  });

  it('a run that is stored and restored after each event equals one that is not', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 25 }), (steps) => {
        const straight = new FakeCell(xstateLogic(busy)).start();
        const broken = new FakeCell(xstateLogic(busy)).start();
        for (const [what, crashes] of steps) {
          take(straight, what);
          if (crashes) broken.crash();
          take(broken, what);
          expect(outcome(broken)).to.deep.equal(outcome(straight));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('agrees with plain XState on value and context', () => {
    const events = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    fc.assert(
      fc.property(fc.array(events, { maxLength: 25 }), (types) => {
        const cell = new FakeCell(xstateLogic(busy)).start();
        const clock = { setTimeout: () => 0, clearTimeout: () => undefined };
        const actor = createActor(busy, { clock }).start();
        for (const type of types) {
          cell.tell({ type });
          actor.send({ type } as never);
          const { value, context, status } = actor.getSnapshot() as AnyMachineSnapshot;
          expect(cell.view).to.deep.equal({ value, context, status });
        }
      }),
      { numRuns: 100 },
    );
  });
});
