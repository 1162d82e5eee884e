import { expect } from 'chai';
import { assign, createActor, fromTransition, setup } from 'xstate';
import { reply, sendTo, spawnActor } from '../../../src/cell/actions.js';
import { actorContext, enterTurn, leaveTurn, ReplyTo, type TurnContext } from '../../../src/cell/context.js';
import { defineActor } from '../../../src/cell/define.js';
import { TroupeError } from '../../../src/core/errors.js';
import type { Request } from '../../../src/core/message.js';
import { ActorRef } from '../../../src/core/ref.js';

const child = defineActor(
  { url: 'file:///app/child.js' },
  'test.child',
  fromTransition((state: number, _event: { type: 'x' }) => state, 0),
);

/** A turn that notes what is asked of it. */
function recordingTurn(): { context: TurnContext; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push([name, ...args]);
  const context: TurnContext = {
    self: new ActorRef('/self'),
    replyTo: new ReplyTo(1, 2),
    reply: note('reply'),
    tell: note('tell'),
    forward: note('forward'),
    refuse: note('refuse'),
    stopSelf: note('stopSelf'),
    watch: note('watch'),
    runEffect: note('runEffect'),
    cancelEffect: note('cancelEffect'),
    spawn: (definition, options) => {
      calls.push(['spawn', definition.name, options]);
      return new ActorRef(`/self/${options.id}`);
    },
    announce: note('announce'),
    now: () => 7,
    supervision: {
      start: () => new ActorRef('/self/child'),
      decide: note('decide'),
      stop: note('stop'),
      up: note('up'),
      declared: note('declared'),
    },
  };
  return { context, calls };
}

type Events =
  | Request<'read', {}, number>
  | Request<'name', {}, string>
  | Request<'later', {}, number>
  | { type: 'settle'; value: number }
  | { type: 'hire'; id: string };

interface Context {
  total: number;
  waiting: ReplyTo | undefined;
  hired: ActorRef | undefined;
}

const machine = setup({ types: { context: {} as Context, events: {} as Events } }).createMachine({
  context: { total: 1, waiting: undefined, hired: undefined },
  on: {
    read: { actions: [assign({ total: ({ context }) => context.total + 1 }), reply(({ context }) => context.total)] },
    name: { actions: reply('constant') },
    later: { actions: assign({ waiting: () => actorContext().replyTo }) },
    settle: { actions: reply(({ event }) => event.value, { to: ({ context }) => context.waiting as ReplyTo }) },
    hire: {
      actions: [
        spawnActor(child, ({ event }) => ({ id: event.id })),
        assign({ hired: () => actorContext().spawn(child, { id: 'kept' }) }),
      ],
    },
  },
});

describe('cell/actions and cell/context', () => {
  afterEach(leaveTurn);

  it('refuse to work outside a turn', () => {
    expect(actorContext).to.throw(TroupeError).with.property('code', 'OUTSIDE_TURN');
    const { context } = recordingTurn();
    enterTurn(context);
    expect(actorContext()).to.equal(context);
    leaveTurn();
    expect(actorContext).to.throw(TroupeError).with.property('code', 'OUTSIDE_TURN');
  });

  it('reply with a constant, with a function of the context so far, and to a kept request', () => {
    const { context, calls } = recordingTurn();
    enterTurn(context);
    const actor = createActor(machine).start();
    actor.send({ type: 'read' });
    actor.send({ type: 'name' });
    actor.send({ type: 'later' });
    actor.send({ type: 'settle', value: 9 });
    expect(calls).to.deep.equal([
      ['reply', 2],
      ['reply', 'constant'],
      ['reply', 9, new ReplyTo(1, 2)],
    ]);
  });

  it('spawn actors, by action or from an assign that keeps the ref', () => {
    const { context, calls } = recordingTurn();
    enterTurn(context);
    const actor = createActor(machine).start();
    actor.send({ type: 'hire', id: 'a' });
    expect(calls).to.deep.equal([
      ['spawn', 'test.child', { id: 'a' }],
      ['spawn', 'test.child', { id: 'kept' }],
    ]);
    expect(actor.getSnapshot().context.hired?.path).to.equal('/self/kept');
  });

  it('fail the message when the turn refuses', () => {
    const { context } = recordingTurn();
    const refusing = new TroupeError('REPLY_OUTSIDE_REQUEST', 'nobody asked');
    enterTurn({
      ...context,
      reply: () => {
        throw refusing;
      },
    });
    const actor = createActor(machine);
    actor.subscribe({ error: () => {} });
    actor.start().send({ type: 'read' });
    expect(actor.getSnapshot()).to.include({ status: 'error', error: refusing });
  });

  it("sendTo is XState's own, so its host sees the target as it is", () => {
    const peer = new ActorRef<{ type: 'x' }>('/peer');
    const action = sendTo(peer, { type: 'x' }) as unknown as { type: string; to: unknown };
    expect(action).to.include({ type: 'xstate.sendTo', to: peer });
  });
});
