/** How far the walk has come: one actor that every walker tells what it has done. */
import { assign, setup } from 'xstate';
import { ActorRef, defineActor, type Request, reply } from '../../src/index.js';

/** How far the walk has come. */
export interface Progress {
  /** Folders listed. */
  folders: number;
  /** Files found in them. */
  found: number;
  /** Files that were looked at. */
  read: number;
  /** Bytes in those. */
  bytes: number;
}

/** What the actor understands. */
export type ProgressEvents =
  | { type: 'listed'; files: number }
  | { type: 'read'; files: number; bytes: number }
  | Request<'report', {}, Progress>;

/** Its address. */
export const progress: ActorRef<ProgressEvents> = new ActorRef('/progress');

/** Adds up what walkers have done. */
export const progressActor = defineActor(
  import.meta,
  'progress',
  setup({ types: { context: {} as Progress, events: {} as ProgressEvents } }).createMachine({
    context: { folders: 0, found: 0, read: 0, bytes: 0 },
    on: {
      listed: {
        actions: assign({
          folders: ({ context }) => context.folders + 1,
          found: ({ context, event }) => context.found + event.files,
        }),
      },
      read: {
        actions: assign({
          read: ({ context, event }) => context.read + event.files,
          bytes: ({ context, event }) => context.bytes + event.bytes,
        }),
      },
      report: { actions: reply(({ context }) => context) },
    },
  }),
);
