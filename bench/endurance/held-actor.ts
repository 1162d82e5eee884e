/**
 * The actor a backlog waits for: it checks that what it is told is numbered without a gap. Which edition of it runs,
 * says the environment when a thread imports it; the edition that is held back stores another version and cannot read
 * what the first one stored, so its actor is quarantined and its mail is kept.
 */
import { assign, setup } from 'xstate';
import { defineActor, reply, type Request } from '../../src/index.js';

/** The variable of the environment; any value holds the actor back. */
export const holdVariable = 'TROUPE_BENCH_HOLD';

/** What it says when asked. */
export interface Ledger {
  /** The number it expects next. */
  next: number;
  /** Items that came out of order. */
  faults: number;
}

/** What it understands. */
export type LedgerEvent = { type: 'item'; n: number } | Request<'read', object, Ledger>;

const machine = setup({
  types: { context: {} as Ledger, events: {} as LedgerEvent },
}).createMachine({
  context: { next: 0, faults: 0 },
  on: {
    item: {
      actions: assign({
        next: ({ event }) => event.n + 1,
        faults: ({ context, event }) => context.faults + (event.n === context.next ? 0 : 1),
      }),
    },
    read: { actions: reply(({ context }) => ({ ...context })) },
  },
});

/** See the file's header. */
export const ledger = defineActor(import.meta, 'bench-ledger', machine, {
  version: process.env[holdVariable] === undefined ? 1 : 2,
});
