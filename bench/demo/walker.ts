/**
 * A walker has one folder to look at. It lists it, starts a walker for each folder inside, reads its own files
 * batch by batch, and tells the counting actors what it saw. It ends when its files are read and its children have
 * ended, so the end of the first walker is the end of the whole walk.
 *
 * Every message is a transaction: the facts of a batch leave in the same commit that takes the batch off the
 * walker's list. A crash comes before it or after it, and no file is counted twice or left out.
 */
import { assign, setup } from 'xstate';
import {
  type ActorDefinition,
  actorContext,
  defineActor,
  job,
  sendTo,
  type Terminated,
  TroupeError,
} from '../../src/index.js';
import { contentsOf, type FileCount } from './contents.js';
import { type FileFacts, type Listing, type Place, pathIn } from './files.js';
import { licences } from './licences.js';
import { progress } from './progress.js';

const filesPerBatch = 64;

interface WalkerContext extends Place {
  /** Names of this folder's files that are still to be read. */
  unread: string[];
  /** Children that have not ended. */
  childrenAtWork: number;
}

const functions = { url: new URL('./files.js', import.meta.url).href };

/** The thread of a job can die: then the job is asked for again. Any other error fails the walker, for all to hear. */
const isThreadLost = ({ event }: { event: { error: unknown } }) => TroupeError.is(event.error, 'JOB_THREAD_LOST');

const machine = setup({
  types: { context: {} as WalkerContext, events: {} as Terminated, input: {} as Place },
  actors: {
    listFolder: job<Place, Listing>(functions, 'listFolder'),
    readFiles: job<Place & { names: string[] }, FileFacts[]>(functions, 'readFiles'),
  },
}).createMachine({
  context: ({ input }) => ({ ...input, unread: [], childrenAtWork: 0 }),
  initial: 'listing',
  on: {
    'troupe.terminated': { actions: assign({ childrenAtWork: ({ context }) => context.childrenAtWork - 1 }) },
  },
  states: {
    listing: {
      invoke: {
        src: 'listFolder',
        input: ({ context: { root, folder } }) => ({ root, folder }),
        onDone: {
          target: 'choosing',
          actions: [
            assign({
              unread: ({ event }) => event.output.files,
              childrenAtWork: ({ event }) => event.output.folders.length,
            }),
            ({ context, event }) => sendWalkers(context, event.output.folders),
            sendTo(progress, ({ event }) => ({ type: 'listed', files: event.output.files.length })),
          ],
        },
        onError: { guard: isThreadLost, target: 'listing', reenter: true },
      },
    },
    choosing: {
      always: [{ guard: ({ context }) => context.unread.length > 0, target: 'reading' }, { target: 'waiting' }],
    },
    reading: {
      invoke: {
        src: 'readFiles',
        input: ({ context: { root, folder, unread } }) => ({ root, folder, names: unread.slice(0, filesPerBatch) }),
        onDone: {
          target: 'choosing',
          actions: [
            ({ event }) => sendFacts(event.output),
            sendTo(progress, ({ context, event }) => ({
              type: 'read',
              files: Math.min(context.unread.length, filesPerBatch),
              bytes: event.output.reduce((sum, { bytes }) => sum + bytes, 0),
            })),
            assign({ unread: ({ context }) => context.unread.slice(filesPerBatch) }),
          ],
        },
        onError: { guard: isThreadLost, target: 'reading', reenter: true },
      },
    },
    waiting: {
      always: { guard: ({ context }) => context.childrenAtWork === 0, target: 'done' },
    },
    done: { type: 'final' },
  },
});

/** Takes stock of a folder and everything below. (Typed by hand, because it names itself further down.) */
export const walker: ActorDefinition<Place, Terminated> = defineActor(import.meta, 'walker', machine);

/** A child for each folder inside, watched: its end is told to us once, whatever happens in between. */
function sendWalkers({ root, folder }: Place, names: string[]): void {
  const turn = actorContext();
  for (const [index, name] of names.entries()) {
    const id = idFor(name, index, turn.self.path);
    turn.watch(turn.spawn(walker, { id, input: { root, folder: pathIn(folder, name) } }));
  }
}

/** The folder's own name where an actor's path can carry it, else its number. */
function idFor(name: string, index: number, parentPath: string): string {
  const isFit = /^[\w.@-]{1,60}$/.test(name) && !/^\.+$/.test(name) && parentPath.length + name.length < 600;
  return isFit ? name : `+${index}`;
}

/** To each actor its part of the facts, in one message. */
function sendFacts(facts: FileFacts[]): void {
  const turn = actorContext();
  const parts = new Map<string, FileCount[]>();
  for (const { digest, bytes, path } of facts) {
    const { path: home } = contentsOf(digest);
    parts.set(home, [...(parts.get(home) ?? []), { digest, bytes, path }]);
  }
  for (const files of parts.values()) {
    turn.tell(contentsOf((files[0] as FileCount).digest), { type: 'count', files });
  }
  const names = facts.flatMap(({ licence }) => licence ?? []);
  if (names.length > 0) turn.tell(licences, { type: 'count', names });
}
