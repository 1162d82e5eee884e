/** A worker of fork-join throughput as a machine. */
import { assign, setup } from 'xstate';
import { type ActorRef, sendTo } from '../../../src/index.js';
import { computeSine } from '../compute.js';

/** What a worker hears. */
export interface WorkerEvent {
  type: 'message';
}

/** What the leader hears of it at the end. */
export interface HandledEvent {
  type: 'handled';
  count: number;
}

/** How a worker is started. */
export interface WorkerInput {
  messages: number;
  leader: ActorRef<HandledEvent>;
}

/** Computes a little for each message, and is idle when it has had all. */
export const workerMachine = setup({
  types: { context: {} as WorkerInput & { count: number }, events: {} as WorkerEvent, input: {} as WorkerInput },
  actions: { count: assign({ count: ({ context }) => context.count + 1 }), compute: () => void computeSine(37.2) },
}).createMachine({
  context: ({ input }) => ({ ...input, count: 0 }),
  initial: 'working',
  states: {
    working: {
      on: {
        message: [
          { guard: ({ context }) => context.count + 1 < context.messages, actions: ['compute', 'count'] },
          { target: 'idle', actions: ['compute', 'count'] },
        ],
      },
    },
    idle: {
      entry: sendTo(
        ({ context }) => context.leader,
        ({ context }) => ({ type: 'handled' as const, count: context.count }),
      ),
    },
  },
});
