/** An actor that sets a timer and then has nothing to do, so that it leaves memory before the timer is due. */
import { assign, setup } from 'xstate';
import { actorContext, defineActor } from '../../src/index.js';

/** Its context. Times are milliseconds since 1970. */
export interface Nap {
  ms: number;
  dueAt: number;
  /** 0: not yet. */
  wokeAt: number;
}

const machine = setup({
  types: { context: {} as Nap, events: {} as { type: 'sleep'; ms: number } },
  delays: { nap: ({ context }) => context.ms },
}).createMachine({
  context: { ms: 0, dueAt: 0, wokeAt: 0 },
  initial: 'awake',
  states: {
    awake: {
      on: {
        sleep: {
          target: 'asleep',
          actions: assign({ ms: ({ event }) => event.ms, dueAt: ({ event }) => actorContext().now() + event.ms }),
        },
      },
    },
    asleep: { after: { nap: { target: 'awake', actions: assign({ wokeAt: () => actorContext().now() }) } } },
  },
});

/** See the file's header. */
export const sleeper = defineActor(import.meta, 'bench-sleeper', machine);
