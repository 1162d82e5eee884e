/** A machine that exists and does nothing. */
import { assign, setup } from 'xstate';

/** Counts what it hears. */
export const idleMachine = setup({
  types: { context: {} as { count: number }, events: {} as { type: 'hello' } },
}).createMachine({
  context: { count: 0 },
  on: { hello: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
});
