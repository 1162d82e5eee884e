/** What the types of definitions and actions infer and refuse. Checked by the compiler alone; nothing here runs. */
import { assign, fromCallback, fromPromise, fromTransition, sendTo as xstateSendTo, setup } from 'xstate';
import { reply, sendTo, spawnActor } from '../../src/cell/actions.js';
import { actorContext, type ReplyTo } from '../../src/cell/context.js';
import { type ActorDefinition, defineActor, type SpawnOptions } from '../../src/cell/define.js';
import type { EventObject, Request } from '../../src/core/message.js';
import type { ActorRef } from '../../src/core/ref.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(equal: Equal<A, B>): void;
declare function spawn<Input, Events extends EventObject, Output>(
  definition: ActorDefinition<Input, Events, Output>,
  options: SpawnOptions<Input>,
): Promise<ActorRef<Events>>;

// The counter of the README, word for word but for the imports.
type Events = { type: 'add'; by: number } | Request<'read', {}, number>;

export const counter = defineActor(
  import.meta,
  'counter',
  setup({ types: { context: {} as { total: number }, events: {} as Events } }).createMachine({
    context: { total: 0 },
    on: {
      add: { actions: assign({ total: ({ context, event }) => context.total + event.by }) },
      read: { actions: reply(({ context }) => context.total) },
    },
  }),
);

export async function readme(): Promise<void> {
  const clicks = await spawn(counter, { id: 'clicks' });
  await clicks.tell({ type: 'add', by: 2 });
  const total = await clicks.ask({ type: 'read' });
  same<typeof total, number>(true);
  same<typeof clicks, ActorRef<Events>>(true);
  // @ts-expect-error an event it does not understand
  await clicks.tell({ type: 'drop' });
  // @ts-expect-error an event that is no request
  await clicks.ask({ type: 'add', by: 2 });
  // @ts-expect-error an option that does not exist
  await spawn(counter, { identity: 'clicks' });
}

// A machine that needs an input, and uses every action.
type PeerEvents = { type: 'ping'; n: number } | { type: 'pong' };
type OrderEvents =
  | { type: 'pay'; amount: number }
  | { type: 'paid' }
  | Request<'total', {}, { cents: number }>
  | Request<'later', {}, string>
  | Request<'mode', {}, 'open' | 'paid'>
  | Request<'report', {}, { kind: 'full'; cents: number } | { kind: 'none' }>;

interface OrderContext {
  cents: number;
  peer: ActorRef<PeerEvents>;
  waiting: ReplyTo | undefined;
}

export const peer = defineActor(
  import.meta,
  'peer',
  fromTransition((count: number, event: PeerEvents) => (event.type === 'ping' ? event.n : count), 0),
);

export const needy = defineActor(
  import.meta,
  'needy',
  fromPromise(async ({ input }: { input: { cents: number } }) => `${input.cents}`),
);

export const order = defineActor(
  import.meta,
  'order',
  setup({
    types: {
      context: {} as OrderContext,
      events: {} as OrderEvents,
      input: {} as { peer: ActorRef<PeerEvents>; cents: number },
      output: {} as { cents: number },
    },
    delays: { soon: 10 },
    actors: {
      local: fromTransition((state: number, event: { type: 'bump' }) => state + (event.type === 'bump' ? 1 : 0), 0),
    },
  }).createMachine({
    context: ({ input }) => ({ cents: input.cents, peer: input.peer, waiting: undefined }),
    entry: [
      spawnActor(counter, { id: 'clicks' }),
      spawnActor(counter, ({ context }) => ({ id: `c-${context.cents}` })),
    ],
    on: {
      pay: {
        actions: [
          sendTo(
            ({ context }) => context.peer,
            ({ event }) => ({ type: 'ping', n: event.amount }),
          ),
          sendTo(({ context }) => context.peer, { type: 'pong' }, { delay: 'soon', id: 'later' }),
          sendTo('local', { type: 'bump' }),
          reply('yes', { to: ({ context }) => context.waiting as ReplyTo }),
        ],
      },
      total: { actions: reply(({ context }) => ({ cents: context.cents })) },
      mode: { actions: reply(({ context }) => (context.cents > 0 ? 'open' : 'paid')) },
      report: {
        actions: [
          reply(({ context }) => (context.cents > 0 ? { kind: 'full', cents: context.cents } : { kind: 'none' })),
        ],
      },
      later: {
        actions: [
          assign({ waiting: () => actorContext().replyTo }),
          reply('now'),
          ({ context }) => actorContext().tell(context.peer, { type: 'pong' }),
        ],
      },
      paid: {
        actions: [
          assign({
            peer: ({ context }) => (context.cents > 0 ? context.peer : actorContext().spawn(peer, { id: 'p' })),
          }),
          spawnActor(needy, ({ context }) => ({ id: 'n', input: { cents: context.cents } })),
        ],
      },
    },
  }),
  { version: 2, migrate: (snapshot, from) => (from === 1 ? snapshot : undefined), durability: 'committed' },
);

export const listener = defineActor(
  import.meta,
  'listener',
  fromCallback<{ type: 'hear'; word: string }, { room: string }>(({ receive }) => receive((event) => void event.word)),
);

export async function inputs(ref: ActorRef<PeerEvents>): Promise<void> {
  const started = await spawn(order, { id: 'o', input: { peer: ref, cents: 5 } });
  same<typeof started, ActorRef<OrderEvents>>(true);
  const total = await started.ask({ type: 'total' });
  same<typeof total, { cents: number }>(true);
  // @ts-expect-error the input is missing
  await spawn(order, { id: 'o' });
  // @ts-expect-error the input has the wrong type
  await spawn(order, { id: 'o', input: { peer: ref, cents: '5' } });
  const heard = await spawn(listener, { input: { room: 'a' } });
  await heard.tell({ type: 'hear', word: 'hello' });
  // @ts-expect-error a callback's event of the wrong shape
  await heard.tell({ type: 'hear', word: 1 });
  const other = await spawn(peer, { id: 'p' });
  await other.tell({ type: 'pong' });
  // @ts-expect-error a transition function's event of the wrong shape
  await other.tell({ type: 'ping' });
  const any: ActorDefinition = order;
  void any;
}

// What must be refused inside machines.
const s = setup({ types: { context: {} as OrderContext, events: {} as OrderEvents } });
export const refused = [
  // @ts-expect-error a reply of the wrong type
  s.createMachine({ context: {} as OrderContext, on: { total: { actions: reply(({ context }) => context.peer) } } }),
  // @ts-expect-error a constant reply of the wrong type
  s.createMachine({ context: {} as OrderContext, on: { later: { actions: reply(7) } } }),
  s.createMachine({
    context: {} as OrderContext,
    // @ts-expect-error an event the target does not understand
    on: { pay: { actions: sendTo(({ context }) => context.peer, { type: 'pang' }) } },
  }),
  s.createMachine({
    context: {} as OrderContext,
    // @ts-expect-error an input is missing
    on: { pay: { actions: spawnActor(needy, { id: 'n' }) } },
  }),
  s.createMachine({
    context: {} as OrderContext,
    // @ts-expect-error XState's own sendTo has no types for troupe's refs
    on: { pay: { actions: xstateSendTo(({ context }) => context.peer, { type: 'pong' }) } },
  }),
  // @ts-expect-error an unknown option of a definition
  defineActor(import.meta, 'x', peer.logic, { durable: true }),
  // @ts-expect-error not actor logic
  defineActor(import.meta, 'x', () => 1),
];
