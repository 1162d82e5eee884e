/** A dining philosopher as a machine. */
import { assign, setup } from 'xstate';
import { type ActorRef, actorContext, sendTo } from '../../../src/index.js';

/** What a philosopher hears. */
export type PhilosopherEvent = { type: 'start' } | { type: 'denied' } | { type: 'eat' };

/** What the arbiter hears of one. */
export type ArbiterEvent =
  | { type: 'hungry'; from: ActorRef<PhilosopherEvent>; at: number }
  | { type: 'done'; at: number }
  | { type: 'left' };

/** How one is started. */
export interface PhilosopherInput {
  at: number;
  left: number;
  arbiter: ActorRef<ArbiterEvent>;
}

/** Thinks, is hungry until it may eat, and after its last meal leaves. */
export const philosopherMachine = setup({
  types: { context: {} as PhilosopherInput, events: {} as PhilosopherEvent, input: {} as PhilosopherInput },
}).createMachine({
  context: ({ input }) => input,
  initial: 'thinking',
  states: {
    thinking: { on: { start: 'hungry' } },
    hungry: {
      entry: sendTo(
        ({ context }) => context.arbiter,
        ({ context }) => ({ type: 'hungry' as const, from: actorContext().self, at: context.at }),
      ),
      on: {
        denied: { target: 'hungry', reenter: true },
        eat: {
          target: 'eaten',
          actions: [
            assign({ left: ({ context }) => context.left - 1 }),
            sendTo(
              ({ context }) => context.arbiter,
              ({ context }) => ({ type: 'done' as const, at: context.at }),
            ),
          ],
        },
      },
    },
    eaten: {
      always: [{ guard: ({ context }) => context.left > 0, target: 'again' }, { target: 'gone' }],
    },
    again: { entry: () => actorContext().tell(actorContext().self, { type: 'start' }), on: { start: 'hungry' } },
    gone: { entry: sendTo(({ context }) => context.arbiter, { type: 'left' }) },
  },
});
