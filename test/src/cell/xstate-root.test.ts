import { expect } from 'chai';
import { Actor, type AnyStateMachine, assign, emit, enqueueActions, fromTransition, sendTo, setup } from 'xstate';
import { CellSystem } from '../../../src/cell/xstate-system.js';
import type { LocalActor, MachineSnapshot } from '../../../src/cell/xstate-internals.js';
import { RootActor, type RootRest, type RootStart } from '../../../src/cell/xstate-root.js';
import { SnapshotShapes } from '../../../src/cell/xstate-shapes.js';
import { FakePort } from '../../helpers/fake-port.js';
import { pinRoot, pinSystem } from '../../helpers/pin-system.js';

/** What user code may do with an actor. */
interface User {
  send(event: object): void;
  subscribe(observer: unknown): { unsubscribe(): void };
  on(type: string, handler: (event: { type: string }) => void): { unsubscribe(): void };
  select(selector: (snapshot: MachineSnapshot) => unknown): { subscribe(observer: unknown): unknown };
  getSnapshot(): MachineSnapshot;
  toJSON(): unknown;
}

/** Counts, emits, sends to itself, ends and fails. */
const counter = setup({ types: { context: {} as { n: number } } }).createMachine({
  context: { n: 0 },
  tags: 'counts',
  on: {
    add: { actions: [assign({ n: ({ context }) => context.n + 1 }), emit({ type: 'added' })] },
    twice: {
      actions: enqueueActions(({ enqueue, self }) => {
        enqueue(sendTo(self, { type: 'add' }));
        enqueue(sendTo(self, { type: 'add' }));
        enqueue.emit({ type: 'asked' });
      }),
    },
    end: '.over',
    fail: {
      actions: () => {
        throw new Error('failed');
      },
    },
  },
  initial: 'on',
  states: { on: { tags: 'lit', on: { flip: 'off' } }, off: { on: { flip: 'on' } }, over: { type: 'final' } },
}) as unknown as AnyStateMachine;

/** A root of ours in a cell that is always in a turn, at rest after each event. */
function ourRoot(machine: AnyStateMachine, shapes = new SnapshotShapes(machine), given: RootStart | RootRest = {}) {
  const port = new FakePort('/ours');
  const system = new CellSystem(port, undefined);
  port.begin();
  const root = new RootActor(shapes, system, given);
  system.root = root;
  const user = root as unknown as User;
  return {
    root,
    user,
    system,
    start: () => root.start(),
    send(type: string) {
      root._send({ type });
      root.rest();
    },
  };
}

function realRoot(machine: AnyStateMachine) {
  const root = pinRoot(machine, pinSystem());
  const send = (type: string) => root._send({ type });
  return { root, user: root as unknown as User, start: () => root.start(), send };
}

/** Do the same with an actor of ours and one of XState's; what they tell must be the same. */
function same(play: (actor: ReturnType<typeof realRoot>, tell: (what: unknown) => void) => void): unknown[] {
  const [ours, reals] = [ourRoot(counter), realRoot(counter)].map((actor) => {
    const told: unknown[] = [];
    play(actor as ReturnType<typeof realRoot>, (what) => void told.push(what));
    return told;
  }) as [unknown[], unknown[]];
  expect(ours).to.deep.equal(reals);
  return ours;
}

describe('the root of a machine', () => {
  it('tells subscribers every snapshot and the end, like an actor of XState', () => {
    const told = same(({ user, start, send }, tell) => {
      start();
      send('add');
      const observer = {
        next: ({ value, context }: MachineSnapshot) => tell([value, context]),
        complete: () => tell('complete'),
      };
      user.subscribe(observer);
      const second = user.subscribe(() => tell('second'));
      user.select(({ value }) => value).subscribe((value: unknown) => tell(`selected ${value}`));
      send('add');
      second.unsubscribe();
      send('flip');
      send('end');
      user.subscribe({ complete: () => tell('late') });
    });
    expect(told).to.include.members(['second', 'complete', 'late', 'selected off']);
  });

  it('tells subscribers an error, like an actor of XState', () => {
    const told = same(({ user, start, send }, tell) => {
      start();
      user.subscribe({ error: (error: Error) => tell(error.message) });
      send('fail');
      send('add');
      tell(user.getSnapshot().status);
    });
    expect(told).to.deep.equal(['failed', 'error']);
  });

  it('emits to those who listen, like an actor of XState', () => {
    const told = same(({ user, start, send }, tell) => {
      start();
      send('add');
      const added = user.on('added', ({ type }) => tell(type));
      user.on('*', ({ type }) => tell(`* ${type}`));
      send('twice');
      added.unsubscribe();
      send('add');
    });
    expect(told).to.deep.equal(['* asked', 'added', '* added', 'added', '* added', '* added']);
  });

  it('keeps those who listen to one away from the others', () => {
    const shapes = new SnapshotShapes(counter);
    const [one, other] = [ourRoot(counter, shapes), ourRoot(counter, shapes)];
    const told: string[] = [];
    one.user.subscribe(() => told.push('snapshot'));
    one.user.on('added', ({ type }) => told.push(type));
    other.start();
    other.send('add');
    expect(told).to.deep.equal([]);
  });

  it('handles what was sent before the start after it, in order, like an actor of XState', () => {
    const told = same(({ user, start, send }, tell) => {
      send('add');
      send('flip');
      tell(user.getSnapshot().value);
      user.subscribe(({ value, context }: MachineSnapshot) => tell([value, context]));
      start();
    });
    expect(told).to.deep.equal(['on', ['on', { n: 0 }], ['on', { n: 1 }], ['off', { n: 1 }]]);
  });

  it('acts at the start and not when it is made, like an actor of XState', () => {
    const acted: string[] = [];
    const machine = setup({}).createMachine({ entry: () => void acted.push('acted') }) as unknown as AnyStateMachine;
    for (const make of [ourRoot, realRoot]) {
      acted.length = 0;
      const actor = make(machine);
      expect(acted).to.deep.equal([]);
      actor.start();
      expect(acted).to.deep.equal(['acted']);
    }
  });

  it('shows the same snapshot after a rest', () => {
    const facts = ({ value, context, tags, status, ...rest }: MachineSnapshot) => {
      const { hasTag, matches, can, toJSON } = rest as unknown as Record<string, (arg?: unknown) => unknown>;
      const snapshot = { value, context, tags, status, ...rest };
      return [
        Object.keys(snapshot).toSorted(),
        [value, context, tags, status, rest.children, rest.historyValue],
        [hasTag?.call(snapshot, 'lit'), matches?.call(snapshot, 'on'), can?.call(snapshot, { type: 'flip' })],
        toJSON?.call(snapshot),
      ];
    };
    const told = same(({ user, start, send }, tell) => {
      start();
      for (const type of ['add', 'flip', 'add', 'flip']) {
        send(type);
        tell(facts(user.getSnapshot()));
      }
    });
    expect(told).to.have.length(4);
  });

  it('goes on from a shape as from a snapshot that XState restored', () => {
    const shapes = new SnapshotShapes(counter);
    expect(shapes.ofValue('off')).to.equal(undefined);
    ourRoot(counter, shapes).start();
    const seen = ourRoot(counter, shapes);
    seen.start();
    seen.send('flip');
    const shape = shapes.ofValue('off')!;
    const plays = [
      { shape, context: { n: 7 } },
      { snapshot: { status: 'active', value: 'off', context: { n: 7 }, historyValue: {}, children: {} } },
    ].map((start) => {
      const { root, user, system, send } = ourRoot(counter, shapes, start as RootStart);
      root.start();
      const told: unknown[] = [root._processingStatus, Object.keys(user.getSnapshot()).toSorted(), system.failure];
      user.on('added', () => void told.push('added'));
      user.subscribe(({ value, context, tags, status }: MachineSnapshot) => {
        told.push([value, context, [...tags], status]);
      });
      for (const type of ['add', 'twice', 'flip', 'end']) send(type);
      return told;
    });
    expect(plays[0]).to.deep.equal(plays[1]);
    expect(plays[0]).to.have.length.above(6);
    expect(shapes.ofValue('nowhere')).to.equal(undefined);
  });

  it('is an actor to those who look', () => {
    const { root, user, start } = ourRoot(counter);
    start();
    expect(root).to.be.instanceOf(Actor);
    expect(user.toJSON()).to.deep.equal({ xstate$$type: 1, id: '/ours' });
    expect(user.send).to.equal(user.send);
    const { send } = user;
    send({ type: 'flip' });
    expect(user.getSnapshot().value).to.equal('off');
  });

  it('keeps at rest a shape it shares, and its context', () => {
    const { root, start, send } = ourRoot(counter);
    start();
    send('add');
    expect(root.resting).to.deep.equal(['on', { n: 1 }]);
    const held = Object.entries(root).filter(([, value]) => value !== undefined);
    expect(held.map(([name]) => name).toSorted()).to.deep.equal([
      '_processingStatus',
      'context',
      'shape',
      'shapes',
      'system',
    ]);
    const { shape } = root as unknown as { shape: { withContext(context: unknown): MachineSnapshot } };
    const [a, b] = [shape.withContext(1), shape.withContext(2)];
    for (const member of ['_nodes', 'value', 'tags', 'children', 'historyValue'] as const) {
      expect(a[member], member).to.equal(b[member]);
    }
  });

  it('does not rest with children, with history, or at its end', () => {
    const leaf = fromTransition((n: number) => n, 0);
    const machine = setup({ actors: { leaf } }).createMachine({
      initial: 'a',
      states: {
        a: { invoke: { src: 'leaf', id: 'leaf' }, on: { go: 'b' } },
        b: { initial: 'x', states: { x: {}, back: { type: 'history' } }, on: { go: 'c' } },
        c: { on: { go: 'd' } },
        d: { type: 'final' },
      },
    }) as unknown as AnyStateMachine;
    const { root, start, send } = ourRoot(machine);
    start();
    root.rest();
    const seen = [root.isResting];
    for (let left = 3; left > 0; left -= 1) {
      send('go');
      seen.push(root.isResting);
    }
    expect(seen).to.deep.equal([false, true, false, false]);
  });

  it('rests in a limited number of states only', () => {
    const regions = Object.fromEntries(
      ['r0', 'r1', 'r2', 'r3', 'r4', 'r5'].map((name) => [
        name,
        { initial: 'off', states: { off: { on: { [name]: 'on' } }, on: { on: { [name]: 'off' } } } },
      ]),
    );
    const machine = setup({}).createMachine({
      type: 'parallel',
      states: regions,
    } as never) as object as AnyStateMachine;
    const { root, user, start, send } = ourRoot(machine);
    start();
    root.rest();
    let rests = 1;
    for (let at = 1; at < 64; at += 1) {
      // Each state differs from the one before in one region, and from all earlier ones.
      send(`r${31 - Math.clz32(at & -at)}`);
      if (root.isResting) rests += 1;
    }
    expect(rests).to.equal(32);
    expect(user.getSnapshot().value).to.deep.equal({ r0: 'off', r1: 'off', r2: 'off', r3: 'off', r4: 'off', r5: 'on' });
  });

  it('does not stop what is not its child', () => {
    const { root } = ourRoot(counter);
    const scope = root._actorScope as unknown as { stopChild(child: LocalActor): void };
    expect(() => scope.stopChild(realRoot(counter).root)).to.throw(/not its child/);
  });
});
