/** A link of the thread ring as a machine. */
import { assign, setup } from 'xstate';
import { type ActorRef, sendTo } from '../../../src/index.js';

/** What a link hears. */
export type LinkEvent = { type: 'next'; next: ActorRef<LinkEvent> } | { type: 'token'; left: number };

/** What the leader hears at the end. */
export interface RingEvent {
  type: 'ended';
  at: number;
}

/** How a link is started. */
export interface LinkInput {
  at: number;
  leader: ActorRef<RingEvent>;
}

/** Without a neighbour at first; then it passes the token on. */
export const linkMachine = setup({
  types: {
    context: {} as LinkInput & { next: ActorRef<LinkEvent> | undefined },
    events: {} as LinkEvent,
    input: {} as LinkInput,
  },
}).createMachine({
  context: ({ input }) => ({ ...input, next: undefined }),
  initial: 'alone',
  states: {
    alone: { on: { next: { target: 'linked', actions: assign({ next: ({ event }) => event.next }) } } },
    linked: {
      on: {
        token: [
          {
            guard: ({ event }) => event.left > 0,
            actions: sendTo(
              ({ context }) => context.next!,
              ({ event }) => ({ type: 'token' as const, left: event.left - 1 }),
            ),
          },
          {
            actions: sendTo(
              ({ context }) => context.leader,
              ({ context }) => ({ type: 'ended' as const, at: context.at }),
            ),
          },
        ],
      },
    },
  },
});
