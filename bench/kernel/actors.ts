/** The actors the kernel suite measures: one small machine at each durability level, and a plain function. */
import { assign, fromTransition, setup } from 'xstate';
import { actorContext, defineActor, reply, type Request } from '../../src/index.js';

/** What every actor of the suite understands. */
export type TallyEvent =
  | { type: 'add'; by: number }
  | Request<'total', object, number>
  /** Adds one and answers the new total: each reply is another one, and is proven. */
  | Request<'next', object, number>;

/** A small XState machine that adds up what it is told. The base measures the very same one. */
export const tallyMachine = setup({
  types: { context: {} as { total: number }, events: {} as TallyEvent },
}).createMachine({
  context: { total: 0 },
  on: {
    add: { actions: assign({ total: ({ context, event }) => context.total + event.by }) },
    total: { actions: reply(({ context }) => context.total) },
    next: {
      actions: [assign({ total: ({ context }) => context.total + 1 }), reply(({ context }) => context.total)],
    },
  },
});

/** The machine, acknowledged after fsync. */
export const flushedTally = defineActor(import.meta, 'bench-flushed', tallyMachine, { durability: 'flushed' });

/** The machine, acknowledged after the commit. */
const committedTally = defineActor(import.meta, 'bench-committed', tallyMachine, { durability: 'committed' });

/** A function that does the same as the machine. */
const tallyFunction = fromTransition((total: number, event: TallyEvent) => {
  if (event.type === 'add') return total + event.by;
  const next = event.type === 'next' ? total + 1 : total;
  actorContext().reply(next);
  return next;
}, 0);

/** The function, not journaled: the least a message to another thread can cost here. */
const unjournaledTally = defineActor(import.meta, 'bench-none', tallyFunction, { durability: 'none' });

const unjournaledMachine = defineActor(import.meta, 'bench-none-machine', tallyMachine, { durability: 'none' });

const committedFunction = defineActor(import.meta, 'bench-committed-function', tallyFunction, {
  durability: 'committed',
});

const flushedFunction = defineActor(import.meta, 'bench-flushed-function', tallyFunction, { durability: 'flushed' });

/** The definitions by durability. */
export const tallies = { flushed: flushedTally, committed: committedTally, none: unjournaledTally } as const;

/** The same, by what they are as well. */
export const talliesOf = {
  machine: { flushed: flushedTally, committed: committedTally, none: unjournaledMachine },
  function: { flushed: flushedFunction, committed: committedFunction, none: unjournaledTally },
} as const;

/** What message number `at` adds. Uneven, so that a lost or doubled message shows in the sum. */
export function addendOf(at: number): number {
  return (at % 7) + 1;
}
