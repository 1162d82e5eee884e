/** One of those who ping each other, as a machine. */
import { assign, setup } from 'xstate';
import { type ActorRef, sendTo } from '../../../src/index.js';
import { SavinaRandom } from '../random.js';

/** What it hears. */
export type PeerEvent =
  | { type: 'neighbours'; neighbours: ActorRef<PeerEvent>[] }
  | { type: 'start' }
  | { type: 'ping'; from: number }
  | { type: 'pong'; from: number };

/** What the leader hears of it at the end. */
export interface SinkEvent {
  type: 'done';
  pongs: number;
  fromOthers: number;
}

/** How it is started. */
export interface PeerInput {
  at: number;
  left: number;
  sink: ActorRef<SinkEvent>;
}

interface PeerContext extends PeerInput {
  expected: number;
  pongs: number;
  fromOthers: number;
  neighbours: ActorRef<PeerEvent>[];
  random: number;
}

/** Pings until it has had as many pongs as it should; answers pings all the time. */
export const peerMachine = setup({
  types: { context: {} as PeerContext, events: {} as PeerEvent, input: {} as PeerInput },
  actions: {
    count: assign(({ context, event }) => ({
      pongs: context.pongs + 1,
      fromOthers: context.fromOthers + (event.type === 'pong' && event.from === context.expected ? 0 : 1),
    })),
  },
}).createMachine({
  context: ({ input }) => ({
    ...input,
    expected: -1,
    pongs: 0,
    fromOthers: 0,
    neighbours: [],
    random: input.at,
  }),
  initial: 'waiting',
  on: {
    ping: {
      actions: sendTo(
        ({ context, event }) => context.neighbours[event.from]!,
        ({ context }) => ({ type: 'pong' as const, from: context.at }),
      ),
    },
  },
  states: {
    waiting: {
      on: { neighbours: { actions: assign({ neighbours: ({ event }) => event.neighbours }) }, start: 'pinging' },
    },
    pinging: {
      entry: [
        assign(({ context }) => {
          const random = new SavinaRandom(context.random);
          const expected = random.below(context.neighbours.length);
          return { expected, random: random.current, left: context.left - 1 };
        }),
        sendTo(
          ({ context }) => context.neighbours[context.expected]!,
          ({ context }) => ({ type: 'ping' as const, from: context.at }),
        ),
      ],
      on: {
        pong: [
          { guard: ({ context }) => context.left > 0, target: 'pinging', reenter: true, actions: 'count' },
          { target: 'done', actions: 'count' },
        ],
      },
    },
    done: {
      entry: sendTo(
        ({ context }) => context.sink,
        ({ context: { pongs, fromOthers } }) => ({ type: 'done' as const, pongs, fromOthers }),
      ),
    },
  },
});
