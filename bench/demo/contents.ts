/**
 * Counting contents. Files with the same digest have the same content; each of the actors here keeps the digests
 * that begin with its own byte: they share the work, and for every file there is exactly one place to count it.
 */
import { assign, setup } from 'xstate';
import { ActorRef, actorContext, defineActor, type Request, reply } from '../../src/index.js';

/** A file to count. */
export interface FileCount {
  digest: string;
  bytes: number;
  path: string;
}

/** What is known of one content. */
export interface Content {
  /** Of one copy. */
  bytes: number;
  copies: number;
  /** The first of its paths in the order of code units: the same in whatever order files come. */
  path: string;
}

/** Contents by digest. */
export type Contents = ReadonlyMap<string, Content>;

/** What these actors understand. */
export type ContentsEvents =
  | { type: 'count'; files: FileCount[] }
  | Request<'report', {}, Contents>
  /** For the demonstration: fail once, in the middle of the next count. */
  | { type: 'trip' }
  /** For the demonstration: a message that fails whenever it is tried. */
  | { type: 'poison' };

/** The ids of all actors that count contents: `contents-00` to `contents-ff`. */
export const contentsIds: readonly string[] = Array.from(
  { length: 256 },
  (_, index) => `contents-${index.toString(16).padStart(2, '0')}`,
);

/** Who counts files with this digest. A ref needs nothing but a path. */
export function contentsOf(digest: string): ActorRef<ContentsEvents> {
  return new ActorRef(`/contents-${digest.slice(0, 2)}`);
}

/** Add files to what is known. */
export function addFiles(contents: Contents, files: readonly FileCount[]): Contents {
  const next = new Map(contents);
  for (const { digest, bytes, path } of files) {
    const known = next.get(digest);
    const first = known !== undefined && known.path < path ? known.path : path;
    next.set(digest, { bytes, copies: (known?.copies ?? 0) + 1, path: first });
  }
  return next;
}

/**
 * Who is to fail next. This is no state: it stands for a fault of the machine or the program, which a rollback does
 * not mend and a second attempt does not meet again.
 */
const tripped = new Set<string>();

function stumble(): void {
  const { path } = actorContext().self;
  if (tripped.delete(path)) throw new Error('stumbled in the middle of counting');
}

/** Counts the contents of its part of all digests. */
export const contents = defineActor(
  import.meta,
  'contents',
  setup({ types: { context: {} as { contents: Contents }, events: {} as ContentsEvents } }).createMachine({
    context: { contents: new Map() },
    on: {
      count: {
        actions: [assign({ contents: ({ context, event }) => addFiles(context.contents, event.files) }), stumble],
      },
      report: { actions: reply(({ context }) => context.contents) },
      trip: { actions: () => tripped.add(actorContext().self.path) },
      poison: {
        actions: () => {
          throw new Error('nobody can swallow this');
        },
      },
    },
  }),
);
