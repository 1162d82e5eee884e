import { expect } from 'chai';
import {
  type AnyActorLogic,
  type AnyActorRef,
  assign,
  cancel,
  fromCallback,
  fromTransition,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { xstateLogic } from '../../../src/cell/xstate-logic.js';
import { ActorRef } from '../../../src/core/ref.js';
import { FakeCell, FakePort, thrownBy } from '../../helpers/fake-port.js';

const timersOf = (cell: FakeCell) => [...cell.port.timers.keys()];

describe('xstate system: timers', () => {
  const lamp = setup({ delays: { long: 100 * 365 * 86_400_000 } }).createMachine({
    id: 'lamp',
    initial: 'off',
    states: {
      off: { on: { press: 'on' } },
      on: { after: { 5000: 'off', long: 'broken' }, on: { press: 'off' } },
      broken: {},
    },
  });

  it('are set on entry and cancelled on exit, under ids that do not change', () => {
    const cell = new FakeCell(xstateLogic(lamp)).start().tell({ type: 'press' });
    expect([...cell.port.timers].map(([id, timer]) => [id, timer.delayMs])).to.deep.equal([
      ['|xstate.after.5000.lamp.on', 5_000],
      ['|xstate.after.long.lamp.on', 100 * 365 * 86_400_000],
    ]);
    cell.crash();
    expect(timersOf(cell)).to.have.length(2);
    cell.tell({ type: 'press' });
    expect(timersOf(cell)).to.deep.equal([]);
  });

  it('fire after a restore, into the state they belong to', () => {
    const cell = new FakeCell(xstateLogic(lamp)).start().tell({ type: 'press' }).crash();
    cell.fire('|xstate.after.5000.lamp.on');
    expect(cell.view.value).to.equal('off');
    expect(timersOf(cell)).to.deep.equal([]);
  });

  it('are gone when the turn fails', () => {
    const machine = setup({}).createMachine({
      on: {
        go: {
          actions: [
            raise({ type: 'x' }, { delay: 5, id: 'x' }),
            () => {
              throw new Error('no');
            },
          ],
        },
      },
    });
    const cell = new FakeCell(xstateLogic(machine)).start();
    expect(() => cell.tell({ type: 'go' })).to.throw('no');
    expect(timersOf(cell)).to.deep.equal([]);
  });

  it('carry delayed sends to other actors, to the troupe parent and to local children', () => {
    const counter = fromTransition(
      (state: number, event: { type: string }) => (event.type === 'add' ? state + 1 : state),
      0,
    );
    const peer = new ActorRef('/peer') as unknown as AnyActorRef;
    const machine = setup({ actors: { counter } }).createMachine({
      invoke: { src: 'counter', id: 'a|b/c>d~e' },
      on: {
        go: {
          actions: [
            sendTo(peer, { type: 'hello' }, { delay: 1, id: 'peer' }),
            sendParent({ type: 'up' }, { delay: 2, id: 'up' }),
            sendTo('a|b/c>d~e', { type: 'add' }, { delay: 3, id: 'child' }),
            sendTo('a|b/c>d~e', { type: 'add' }, { delay: 4, id: 'cancelled' }),
            raise({ type: 'unnamed' }, { delay: 5 }),
            raise({ type: 'unnamed' }, { delay: 5 }),
          ],
        },
        drop: { actions: cancel('cancelled') },
      },
    });
    const cell = new FakeCell(xstateLogic(machine), undefined, new FakePort('/a/b', '/a')).start();
    cell.tell({ type: 'go' });
    expect(timersOf(cell)).to.have.length(6);
    cell.crash().tell({ type: 'drop' });
    expect(timersOf(cell)).to.have.length(5);
    for (const id of timersOf(cell)) cell.fire(id);
    expect(cell.port.sent.map(({ to, event }) => [to, event.type])).to.deep.equal([
      ['/peer', 'hello'],
      ['/a', 'up'],
    ]);
    const child = (cell.instance.persist() as { s: { children: Record<string, { snapshot: { context: number } }> } }).s;
    expect(Object.values(child.children)[0]!.snapshot.context).to.equal(1);
  });

  it('of children and for children end with them, also after a restore, and not those of their successor', () => {
    const child = setup({}).createMachine({
      id: 'child',
      initial: 'a',
      states: { a: { after: { 100: 'b' } }, b: {} },
      on: { up: { actions: sendParent({ type: 'again' }) } },
    });
    const machine = setup({ actors: { child } }).createMachine({
      initial: 'off',
      states: {
        off: {},
        on: {
          invoke: { src: 'child', id: 'c' },
          on: {
            again: { target: 'on', reenter: true },
            poke: { actions: sendTo('c', { type: 'up' }) },
            later: { actions: sendTo('c', { type: 'x' }, { delay: 9, id: 'later' }) },
          },
        },
      },
      on: { on: '.on', off: '.off' },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().tell({ type: 'on' }).tell({ type: 'later' });
    expect(timersOf(cell)).to.have.members(['c|xstate.after.100.child.a', '>c|later']);
    // The child's own send makes the parent replace it while the child is still handling its event.
    cell.tell({ type: 'poke' });
    expect(timersOf(cell)).to.deep.equal(['c|xstate.after.100.child.a']);
    cell.crash().fire('c|xstate.after.100.child.a');
    cell.tell({ type: 'again' }).crash();
    expect(timersOf(cell)).to.deep.equal(['c|xstate.after.100.child.a']);
    cell.tell({ type: 'off' });
    expect(timersOf(cell)).to.deep.equal([]);
  });

  it('of a child that is replaced while it handles an event do not touch those of its successor', () => {
    const child = setup({}).createMachine({
      id: 'child',
      initial: 'a',
      states: { a: { after: { 100: 'b' } }, b: {} },
      entry: raise({ type: 'rise' }, { delay: 7, id: 'rise' }),
      on: {
        // The deferred work runs in this order, and the parent replaces the child in the middle of it.
        rise: {
          actions: [sendParent({ type: 'again' }), cancel('rise'), raise({ type: 'late' }, { delay: 1, id: 'late' })],
        },
      },
    });
    const machine = setup({ actors: { child } }).createMachine({
      initial: 'on',
      states: { on: { invoke: { src: 'child', id: 'c' }, on: { again: { target: 'on', reenter: true } } } },
    });
    const cell = new FakeCell(xstateLogic(machine)).start();
    expect(timersOf(cell)).to.have.members(['c|xstate.after.100.child.a', 'c|rise']);
    cell.fire('c|rise');
    expect(timersOf(cell)).to.have.members(['c|xstate.after.100.child.a', 'c|rise']);
    cell.fire('c|xstate.after.100.child.a').crash().fire('c|rise');
    expect(timersOf(cell)).to.have.members(['c|xstate.after.100.child.a', 'c|rise']);
  });

  it('under an id in use replace the earlier one, whoever that was for', () => {
    const leaf = fromTransition((n: number) => n, 0);
    const machine = setup({ actors: { leaf } }).createMachine({
      invoke: { src: 'leaf', id: 'leaf' },
      on: {
        one: { actions: sendTo('leaf', { type: 'x' }, { delay: 1, id: 'same' }) },
        two: { actions: raise({ type: 'x' }, { delay: 2, id: 'same' }) },
      },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().tell({ type: 'one' });
    expect(timersOf(cell)).to.deep.equal(['>leaf|same']);
    expect(timersOf(cell.tell({ type: 'two' }))).to.deep.equal(['|same']);
    expect(timersOf(cell.tell({ type: 'one' }))).to.deep.equal(['>leaf|same']);
  });

  it('end with the machine', () => {
    const machine = setup({}).createMachine({
      initial: 'a',
      states: { a: { on: { end: 'z' } }, z: { type: 'final' } },
      entry: raise({ type: 'x' }, { delay: 50, id: 'x' }),
    });
    const cell = new FakeCell(xstateLogic(machine)).start();
    expect(timersOf(cell)).to.deep.equal(['|x']);
    cell.tell({ type: 'end' });
    expect(timersOf(cell)).to.deep.equal([]);
  });
});

describe('xstate system: local children', () => {
  const leaf = setup({ types: { context: {} as { got: number } } }).createMachine({
    context: { got: 0 },
    on: {
      hi: { actions: [assign({ got: ({ context }) => context.got + 1 }), sendParent({ type: 'from.leaf' })] },
      die: {
        actions: () => {
          throw new Error('leaf died');
        },
      },
    },
  });

  it('talk to each other within the turn, by systemId too, and two cells do not collide', () => {
    const machine = setup({ types: { context: {} as { n: number } }, actors: { leaf } }).createMachine({
      context: { n: 0 },
      invoke: { src: 'leaf', id: 'leaf', systemId: 'known' },
      on: {
        go: { actions: sendTo(({ system }) => system.get('known') as AnyActorRef, { type: 'hi' }) },
        'from.leaf': { actions: assign({ n: ({ context }) => context.n + 1 }) },
      },
    });
    const cells = ['/a', '/b'].map((path) => new FakeCell(xstateLogic(machine), undefined, new FakePort(path)).start());
    for (const cell of cells) cell.tell({ type: 'go' }).crash().tell({ type: 'go' });
    expect(cells.map((cell) => cell.view.context)).to.deep.equal([{ n: 2 }, { n: 2 }]);
  });

  it('may not share a systemId within a cell', () => {
    const machine = setup({ actors: { leaf } }).createMachine({
      invoke: [
        { src: 'leaf', id: 'a', systemId: 'same' },
        { src: 'leaf', id: 'b', systemId: 'same' },
      ],
    });
    expect(() => new FakeCell(xstateLogic(machine)).start()).to.throw(/'same' already exists/);
  });

  it('that throw without onError fail the message with their own error', () => {
    const machine = setup({ actors: { leaf } }).createMachine({
      invoke: { src: 'leaf', id: 'leaf' },
      on: { kill: { actions: sendTo('leaf', { type: 'die' }) } },
    });
    const cell = new FakeCell(xstateLogic(machine)).start();
    expect(thrownBy(() => cell.tell({ type: 'kill' })).message).to.equal('leaf died');
    expect(cell.view.status).to.equal('active');
  });

  it('that throw with onError are handled, and take their own children and effects along', () => {
    const log: string[] = [];
    const ticker = fromCallback(() => () => void log.push('ticker stopped'));
    const middle = setup({ actors: { ticker } }).createMachine({
      invoke: { src: 'ticker', id: 'ticker' },
      on: {
        die: {
          actions: () => {
            throw new Error('middle died');
          },
        },
      },
    });
    const machine = setup({ actors: { middle } }).createMachine({
      initial: 'on',
      states: {
        on: {
          invoke: { src: 'middle', id: 'm', onError: 'failed' },
          on: { kill: { actions: sendTo('m', { type: 'die' }) } },
        },
        failed: {},
      },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().tell({ type: 'kill' });
    expect(cell.view.value).to.equal('failed');
    expect(log).to.deep.equal(['ticker stopped']);
    expect(cell.instance.isBusy()).to.equal(false);
  });

  it('made from inline logic fail the turn that makes them', () => {
    const machine = setup({ types: { context: {} as { ref?: unknown } } }).createMachine({
      context: {},
      on: { go: { actions: assign({ ref: ({ spawn }) => spawn(leaf as AnyActorLogic, { id: 'inline' } as never) }) } },
    });
    const cell = new FakeCell(xstateLogic(machine)).start();
    const error = thrownBy(() => cell.tell({ type: 'go' }));
    expect(error).to.include({ code: 'INLINE_CHILD' });
    expect(error.message).to.include("'inline'").and.include('/test');
  });

  it('may not replace one that runs, nor be spawned under a name nobody registered', () => {
    const machine = setup({ actors: { leaf } }).createMachine({
      on: {
        spawn: { actions: spawnChild('leaf', { id: 'x' }) },
        stop: { actions: stopChild('x') },
        lost: { actions: spawnChild('nobody' as never, { id: 'y' } as never) },
      },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().tell({ type: 'spawn' });
    expect(thrownBy(() => cell.tell({ type: 'spawn' })).code).to.equal('INLINE_CHILD');
    cell.tell({ type: 'stop' }).tell({ type: 'spawn' });
    expect(thrownBy(() => cell.tell({ type: 'lost' })).code).to.equal('DEFINITION_LOGIC');
  });

  it('without an id keep their identity over a restore', () => {
    const machine = setup({
      types: { context: {} as { n: number; refs: AnyActorRef[] } },
      actors: { leaf },
    }).createMachine({
      context: { n: 0, refs: [] },
      entry: spawnChild('leaf'),
      on: {
        spawn: { actions: assign({ refs: ({ context, spawn }) => [...context.refs, spawn('leaf') as AnyActorRef] }) },
        go: {
          actions: [
            ({ context }) => {
              for (const ref of context.refs) ref.send({ type: 'hi' });
            },
          ],
        },
        'from.leaf': { actions: assign({ n: ({ context }) => context.n + 1 }) },
      },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().tell({ type: 'spawn' }).crash();
    cell.tell({ type: 'spawn' }).crash().tell({ type: 'spawn' }).tell({ type: 'go' }).crash().tell({ type: 'go' });
    expect((cell.view.context as { n: number }).n).to.equal(6);
  });

  it('without an id keep their timers over a restore, and there is one of them at a time', () => {
    const timed = setup({}).createMachine({
      id: 'timed',
      initial: 'a',
      states: { a: { after: { 10: 'b' } }, b: { entry: sendParent({ type: 'rang' }) } },
    });
    const machine = setup({ types: { context: {} as { rang: boolean } }, actors: { timed } }).createMachine({
      context: { rang: false },
      entry: spawnChild('timed'),
      on: { rang: { actions: assign({ rang: true }) }, spawn: { actions: spawnChild('timed') } },
    });
    const cell = new FakeCell(xstateLogic(machine)).start();
    expect(thrownBy(() => cell.tell({ type: 'spawn' })).code).to.equal('INLINE_CHILD');
    cell.crash().fire('undefined|xstate.after.10.timed.a');
    expect(cell.view.context).to.deep.equal({ rang: true });
  });

  it("that follow a child's snapshots do so within the turn, and not again at a restore", () => {
    const machine = setup({ types: { context: {} as { seen: number[] } }, actors: { leaf } }).createMachine({
      context: { seen: [] },
      invoke: {
        src: 'leaf',
        id: 'leaf',
        onSnapshot: {
          actions: assign({ seen: ({ context, event }) => [...context.seen, event.snapshot.context.got] }),
        },
      },
      on: { go: { actions: sendTo('leaf', { type: 'hi' }) } },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().tell({ type: 'go' });
    expect(cell.view.context).to.deep.equal({ seen: [0, 1] });
    cell.crash();
    expect(cell.view.context).to.deep.equal({ seen: [0, 1] });
    cell.tell({ type: 'go' });
    expect(cell.view.context).to.deep.equal({ seen: [0, 1, 2] });
  });
});
