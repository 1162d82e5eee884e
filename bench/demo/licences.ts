/** Counting licences: one actor, for they are few. */
import { assign, setup } from 'xstate';
import { ActorRef, defineActor, type Request, reply } from '../../src/index.js';

/** How many packages have each licence. */
export type Licences = ReadonlyMap<string, number>;

/** What the actor understands. */
export type LicencesEvents = { type: 'count'; names: string[] } | Request<'report', {}, Licences>;

/** Its address. */
export const licences: ActorRef<LicencesEvents> = new ActorRef('/licences');

/** Add licences to what is known. */
export function addLicences(counts: Licences, names: readonly string[]): Licences {
  const next = new Map(counts);
  for (const name of names) next.set(name, (next.get(name) ?? 0) + 1);
  return next;
}

/** Counts licences. */
export const licencesActor = defineActor(
  import.meta,
  'licences',
  setup({ types: { context: {} as { counts: Licences }, events: {} as LicencesEvents } }).createMachine({
    context: { counts: new Map() },
    on: {
      count: { actions: assign({ counts: ({ context, event }) => addLicences(context.counts, event.names) }) },
      report: { actions: reply(({ context }) => context.counts) },
    },
  }),
);
