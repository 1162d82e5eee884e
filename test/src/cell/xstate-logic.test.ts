import { expect } from 'chai';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  type AnyActorRef,
  assign,
  emit,
  enqueueActions,
  fromPromise,
  log,
  raise,
  sendParent,
  sendTo,
  setup,
} from 'xstate';
import { type ActorLogEntry, actorLogChannelName } from '../../../src/cell/actor-log.js';
import { xstateLogic } from '../../../src/cell/xstate-logic.js';
import { ActorRef } from '../../../src/core/ref.js';
import { FakeCell, FakePort, thrownBy } from '../../helpers/fake-port.js';

const peer = new ActorRef('/peer') as unknown as AnyActorRef;

/** Sends four messages, and throws in the fifth action when told to. */
const fiveActions = setup({
  types: { context: {} as { count: number }, events: {} as { type: 'go'; bad: boolean } },
  actions: {
    explode: ({ event }) => {
      if (event.bad) throw new RangeError('the fifth');
    },
  },
}).createMachine({
  context: { count: 0 },
  on: {
    go: {
      actions: [
        sendTo(peer, { type: 'one' }),
        assign({ count: ({ context }) => context.count + 1 }),
        raise({ type: 'later' } as never, { id: 'later', delay: 1_000 }),
        sendTo(peer, { type: 'two' }),
        'explode',
      ],
    },
  },
});

describe('xstate logic: a turn', () => {
  it('collects what a message does, in order', () => {
    const cell = new FakeCell(xstateLogic(fiveActions)).start().tell({ type: 'go', bad: false } as never);
    expect(cell.port.sent).to.deep.equal([
      { to: '/peer', event: { type: 'one' } },
      { to: '/peer', event: { type: 'two' } },
    ]);
    expect([...cell.port.timers.keys()]).to.deep.equal(['|later']);
    expect(cell.view.context).to.deep.equal({ count: 1 });
  });

  it('throws the original error of the last of five actions, and nothing else happened', () => {
    const cell = new FakeCell(xstateLogic(fiveActions)).start();
    const error = thrownBy(() => cell.tell({ type: 'go', bad: true } as never));
    expect(error).to.be.instanceOf(RangeError).with.property('message', 'the fifth');
    expect(cell.port.sent).to.deep.equal([]);
    expect(cell.port.timers.size).to.equal(0);
    expect(cell.view).to.deep.equal({ value: {}, context: { count: 0 }, status: 'active' });
    cell.tell({ type: 'go', bad: false } as never);
    expect(cell.view.context).to.deep.equal({ count: 1 });
  });

  it('fails the first turn when the context or an entry action throws, also with undefined', () => {
    const badContext = setup({}).createMachine({
      context: () => {
        throw new Error('no context');
      },
    });
    expect(thrownBy(() => new FakeCell(xstateLogic(badContext)).start()).message).to.equal('no context');
    const throwsNothing = setup({}).createMachine({
      entry: () => {
        // biome-ignore lint/style/useThrowOnlyError: anything can be thrown
        throw undefined;
      },
    });
    let caught: unknown = 'nothing';
    try {
      new FakeCell(xstateLogic(throwsNothing)).start();
    } catch (error) {
      caught = error;
    }
    expect(caught).to.equal(undefined);
  });

  it('throws what a guard threw as XState words it', () => {
    const machine = setup({
      guards: {
        broken: () => {
          throw new Error('no idea');
        },
      },
    }).createMachine({ on: { go: { guard: 'broken', actions: () => undefined } } });
    const cell = new FakeCell(xstateLogic(machine)).start();
    expect(thrownBy(() => cell.tell({ type: 'go' })).message).to.match(/guard 'broken'.*\nno idea$/s);
  });

  it('refuses to send to a parent it does not have, and sends to the one it has', () => {
    const machine = setup({}).createMachine({ on: { up: { actions: sendParent({ type: 'hello' }) } } });
    const orphan = new FakeCell(xstateLogic(machine)).start();
    expect(thrownBy(() => orphan.tell({ type: 'up' })).code).to.equal('NO_PARENT');
    const child = new FakeCell(xstateLogic(machine), undefined, new FakePort('/a/b', '/a')).start();
    child.tell({ type: 'up' });
    expect(child.port.sent).to.deep.equal([{ to: '/a', event: { type: 'hello' } }]);
  });

  it('names what is no target', () => {
    const machine = setup({}).createMachine({
      on: { go: { actions: sendTo(() => ({ path: '/x' }) as unknown as AnyActorRef, { type: 'hello' }) } },
    });
    const cell = new FakeCell(xstateLogic(machine)).start();
    expect(thrownBy(() => cell.tell({ type: 'go' })).code).to.equal('ACTOR_UNKNOWN');
  });

  it('never lets a send nest into a local actor of another cell', () => {
    const stolen: { self?: unknown } = {};
    const victim = setup({}).createMachine({
      entry: ({ self }) => {
        stolen.self = self;
      },
      on: { hello: { actions: () => expect.fail('it arrived') } },
    });
    new FakeCell(xstateLogic(victim)).start();
    const thief = setup({}).createMachine({
      on: { go: { actions: sendTo(() => stolen.self as AnyActorRef, { type: 'hello' }) } },
    });
    const cell = new FakeCell(xstateLogic(thief)).start();
    expect(thrownBy(() => cell.tell({ type: 'go' })).code).to.equal('ACTOR_UNKNOWN');
  });

  it('handles raised events, own sends, enqueued actions and emits in the same turn', () => {
    const machine = setup({ types: { context: {} as { seen: string[] } } }).createMachine({
      context: { seen: [] },
      on: {
        go: {
          actions: [
            raise({ type: 'raised' }),
            ({ self }) => self.send({ type: 'sent' }),
            enqueueActions(({ enqueue }) => enqueue.raise({ type: 'enqueued' })),
            emit({ type: 'emitted' }),
          ],
        },
        '*': { actions: assign({ seen: ({ context, event }) => [...context.seen, event.type] }) },
      },
    });
    const cell = new FakeCell(xstateLogic(machine)).start().tell({ type: 'go' });
    expect(cell.view.context).to.deep.equal({ seen: ['raised', 'enqueued', 'sent'] });
  });

  it('publishes log actions with the path, and prints nothing', () => {
    const entries: ActorLogEntry[] = [];
    const listen = (entry: unknown) => void entries.push(entry as ActorLogEntry);
    subscribe(actorLogChannelName, listen);
    const machine = setup({}).createMachine({ on: { go: { actions: log(({ event }) => event.type, 'label') } } });
    const one = new FakeCell(xstateLogic(machine), undefined, new FakePort('/one')).start();
    const two = new FakeCell(xstateLogic(machine), undefined, new FakePort('/two')).start();
    one.tell({ type: 'go' });
    two.tell({ type: 'go' });
    unsubscribe(actorLogChannelName, listen);
    expect(entries).to.deep.equal([
      { path: '/one', values: ['label', 'go'] },
      { path: '/two', values: ['label', 'go'] },
    ]);
  });
});

describe('xstate logic: the end', () => {
  const machine = setup({ types: { input: {} as number } }).createMachine({
    context: ({ input }) => ({ start: input }),
    initial: 'on',
    states: { on: { on: { finish: 'off' } }, off: { type: 'final' } },
    output: ({ context }) => ({ from: (context as { start: number }).start }),
  });

  it('is done with its output, also after a restore, and tells nobody twice', () => {
    const cell = new FakeCell(xstateLogic(machine), 7).start();
    expect(cell.instance.status()).to.deep.equal({ kind: 'active' });
    cell.tell({ type: 'finish' });
    expect(cell.instance.status()).to.deep.equal({ kind: 'done', output: { from: 7 } });
    cell.crash();
    expect(cell.instance.status()).to.deep.equal({ kind: 'done', output: { from: 7 } });
    expect(cell.view).to.deep.equal({ value: 'off', context: { start: 7 }, status: 'done', output: { from: 7 } });
  });

  it('may be in the first turn', () => {
    const instant = setup({}).createMachine({ initial: 'a', states: { a: { type: 'final' } } });
    expect(new FakeCell(xstateLogic(instant)).start().instance.status().kind).to.equal('done');
  });

  it('of a promise root is its result', async () => {
    const logic = fromPromise<number, number>(async ({ input }) => input * 2);
    const cell = new FakeCell(xstateLogic(logic), 21).start();
    expect(cell.instance.isBusy()).to.equal(true);
    await cell.settleNext();
    expect(cell.instance.status()).to.deep.equal({ kind: 'done', output: 42 });
    expect(cell.instance.isBusy()).to.equal(false);
  });

  it('of a promise root that rejects is an error and no failed message', async () => {
    const logic = fromPromise(async () => {
      throw new Error('not today');
    });
    const cell = new FakeCell(xstateLogic(logic)).start();
    await cell.settleNext();
    expect(cell.instance.status().kind).to.equal('error');
    expect((cell.view.error as Error).message).to.equal('not today');
    cell.crash();
    expect(cell.instance.status().kind).to.equal('error');
  });

  it('of custom logic that throws is a failed message, one that ends in an error is not', () => {
    const custom = {
      transition(state: { status: string }, event: { type: string }) {
        if (event.type === 'throw') throw new Error('thrown');
        return event.type === 'end' ? { ...state, status: 'error', error: new Error('ended') } : state;
      },
      start: () => undefined,
      getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
      getPersistedSnapshot: (state: unknown) => state,
    };
    const unmade = { ...custom, getInitialSnapshot: () => custom.transition({ status: '' }, { type: 'throw' }) };
    expect(thrownBy(() => new FakeCell(xstateLogic(unmade as never)).start()).message).to.equal('thrown');
    const cell = new FakeCell(xstateLogic(custom as never)).start();
    expect(thrownBy(() => cell.tell({ type: 'throw' })).message).to.equal('thrown');
    cell.tell({ type: 'end' });
    expect(cell.instance.status().kind).to.equal('error');
  });
});
