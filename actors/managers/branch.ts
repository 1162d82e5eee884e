/**
 * A branch: a context of managers, which are its children. Two branches have nothing in common but what one had when
 * the other was forked from it: a fork shares that, and what either writes from then on is its own.
 *
 * BR1  Forks and merges of a branch are made one after the other, in the order asked for.
 * BR2  One that was cut off by a crash is made again: forking twice leaves only a version nobody asks for, and a merge
 *      comes to the same end (MG2).
 */
import { assign, fromPromise, setup } from 'xstate';
import {
  actorContext,
  type ActorDefinition,
  ActorRef,
  checkId,
  defineActor,
  type ReplyTo,
  type Request,
  TroupeError,
} from '../../src/index.js';
import { moduleOf } from '../../src/core/meta.js';
import { checkOptions } from '../../src/core/options.js';
import type { ManagerDefinition } from './manager.js';
import { mergeManager, type MergeReport } from './merge.js';
import { answer } from './pile-parts.js';
import type { PileEvents, PileSeed } from './pile-words.js';

/** What a fork of a branch begins with: `spawn` the same definition with it as input. Plain data. */
export interface BranchSeed {
  managers: Record<string, PileSeed>;
}

/** What a branch understands. */
export type BranchEvents =
  /** The paths of its managers, by name. */
  | Request<'managers', object, Record<string, string>>
  | Request<'fork', object, BranchSeed>
  /** `from`: the path of the branch that was forked from this one. */
  | Request<'merge', { from: string }, MergeReport>;

/** What a branch is made of. */
export interface BranchOptions {
  /** Managers by name, 1 to 64; the names are the ids of its children. */
  // biome-ignore lint/suspicious/noExplicitAny: managers of whatever they hold
  managers: Readonly<Record<string, ManagerDefinition<any>>>;
}

/** Forks and merges that may wait at a branch; more are refused with SYSTEM_BUSY. */
const waitingMax = 1_000;

type Work = { type: 'fork' } | { type: 'merge'; from: string };

interface Waiting {
  work: Work;
  replyTo: ReplyTo;
}

interface Books {
  waiting: readonly Waiting[];
}

/** Made outside a turn, where one can ask. */
const work = fromPromise<BranchSeed | MergeReport, { path: string; names: string[]; work: Work }>(({ input }) =>
  input.work.type === 'fork' ? fork(input.path, input.names) : merge(input.work.from, input.path, input.names),
);

async function fork(path: string, names: readonly string[]): Promise<BranchSeed> {
  const managers: Record<string, PileSeed> = {};
  for (const name of names) {
    managers[name] = await new ActorRef<PileEvents<unknown>>(`${path}/${name}`).ask({ type: 'fork' });
  }
  return { managers };
}

async function merge(from: string, to: string, names: readonly string[]): Promise<MergeReport> {
  const report: MergeReport = { added: 0, removed: 0, conflicts: [] };
  for (const name of names) await mergeManager(name, `${from}/${name}`, `${to}/${name}`, report);
  return report;
}

/**
 * Declare a branch, at the top level of a module, and export it.
 *
 *   export const session = branch(import.meta, 'session', { managers: { messages: talk, logs: journal } });
 *   const main = await system.spawn(session, { id: 'main' });           // /main/messages, /main/logs
 *   const seed = await main.ask({ type: 'fork' });
 *   const draft = await system.spawn(session, { id: 'draft', input: seed });
 *   await main.ask({ type: 'merge', from: draft.path });                // { added, removed, conflicts }
 *
 * Talk to the managers themselves; the branch starts them, forks and merges them. A fork copies nothing: it asks the
 * branch before for what that had, so the branch before must live on. Spawn every fork at a place of its own.
 * A merge takes over what a fork has put and removed, and reports what the target has otherwise (MG1); it is refused
 * with BRANCH_FOREIGN for any other branch. After a crash everything goes on.
 *
 * @param meta the module's `import.meta`
 * @param name unique in the system
 * @param options see `BranchOptions`
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE, PATH_ILLEGAL; what `defineActor` throws
 */
export function branch(
  meta: { readonly url: string },
  name: string,
  options: BranchOptions,
): ActorDefinition<BranchSeed | undefined, BranchEvents> {
  moduleOf(meta, 'branch');
  const where = `branch("${name}")`;
  const { managers } = checkOptions<BranchOptions>(options, { managers: { type: 'object', required: true } }, where);
  const names = Object.keys(managers).sort();
  if (names.length < 1 || names.length > 64) {
    const message = `${where}: managers must be 1 to 64, but are ${names.length}`;
    throw new TroupeError('OPTION_RANGE', message, { field: 'managers', value: names.length });
  }
  for (const each of names) checkId(each, `managers.${each}`);
  return defineActor(meta, name, branchMachine(managers, names)) as ActorDefinition<
    BranchSeed | undefined,
    BranchEvents
  >;
}

function branchMachine(managers: BranchOptions['managers'], names: string[]) {
  const enqueue = ({ context, event }: { context: Books; event: BranchEvents }): Books => {
    const { replyTo, refuse } = actorContext();
    // Told and not asked: nobody would hear what became of it.
    if (replyTo === undefined) return context;
    if (context.waiting.length >= waitingMax) {
      refuse(new TroupeError('SYSTEM_BUSY', `${waitingMax} forks and merges wait at this branch already`));
      return context;
    }
    const asked: Work = event.type === 'merge' ? { type: 'merge', from: event.from } : { type: 'fork' };
    return { waiting: [...context.waiting, { work: asked, replyTo }] };
  };
  return setup({
    types: { context: {} as Books, events: {} as BranchEvents, input: {} as BranchSeed | undefined },
    actors: { work },
    actions: {
      tellManagers: () => answer(Object.fromEntries(names.map((each) => [each, `${here()}/${each}`]))),
      enqueue: assign(enqueue),
      next: assign({ waiting: ({ context }) => context.waiting.slice(1) }),
    },
    guards: {
      isAsked: ({ context }) => context.waiting.length > 0,
      isNoPath: ({ event }) => event.type === 'merge' && !isPath(event.from),
    },
  }).createMachine({
    id: 'branch',
    context: ({ input }) => {
      for (const each of names) {
        actorContext().spawn(managers[each]!, { id: each, input: input?.managers[each] });
      }
      return { waiting: [] };
    },
    initial: 'idle',
    on: {
      managers: { actions: 'tellManagers' },
      fork: { actions: 'enqueue' },
      merge: [{ guard: 'isNoPath', actions: refusePath }, { actions: 'enqueue' }],
    },
    states: {
      idle: { always: { guard: 'isAsked', target: 'working' } },
      working: {
        invoke: {
          src: 'work',
          input: ({ context }) => ({ path: here(), names, work: context.waiting[0]!.work }),
          onDone: {
            target: 'idle',
            actions: [({ context, event }) => actorContext().reply(event.output, context.waiting[0]!.replyTo), 'next'],
          },
          onError: {
            target: 'idle',
            actions: [
              ({ context, event }) => {
                const { work: asked, replyTo } = context.waiting[0]!;
                actorContext().refuse(asRefusal(event.error), { event: asked, replyTo });
              },
              'next',
            ],
          },
        },
      },
    },
  });
}

const here = (): string => actorContext().self.path;

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('/');
}

function refusePath({ event }: { event: BranchEvents }): void {
  const value = event.type === 'merge' ? event.from : undefined;
  const message = 'merge: from must be the path of a branch';
  actorContext().refuse(new TroupeError('OPTION_TYPE', message, { field: 'from', value }));
}

function asRefusal(error: unknown): TroupeError {
  if (TroupeError.is(error)) return error;
  return new TroupeError('EFFECT_FAILED', 'a fork or a merge could not be made', { cause: error });
}
