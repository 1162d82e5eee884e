/**
 * The actors of the golden journals. A journal on record was written with these definitions: change nothing that a
 * stored state would notice.
 */
import { assign, fromPromise, fromTransition, setup } from 'xstate';
import { supervisor } from '../../supervisors/index.js';
import { type ActorRef, actorContext, defineActor, type Request, reply, type Terminated } from '../../src/index.js';

/** What a notebook understands. */
export type NotebookEvents =
  | { type: 'note'; text: string }
  | { type: 'tear' }
  | { type: 'copy'; id: string }
  | { type: 'watch'; whom: ActorRef }
  | { type: 'close' }
  | Request<'read', {}, string[]>
  | Terminated;

/** Writes down what it is told. */
export const notebook = defineActor(
  import.meta,
  'golden.notebook',
  fromTransition<string[], NotebookEvents, never, undefined, NotebookEvents>((notes, event) => {
    const { spawn, watch, stopSelf, reply: answer } = actorContext();
    switch (event.type) {
      case 'note':
        return [...notes, event.text];
      case 'tear':
        throw new Error('it cannot be torn');
      case 'copy':
        spawn(notebook, { id: event.id });
        return notes;
      case 'watch':
        watch(event.whom);
        return notes;
      case 'close':
        stopSelf();
        return notes;
      case 'read':
        answer(notes);
        return notes;
      case 'troupe.terminated':
        return [...notes, `${event.path} ${event.how}`];
    }
  }, []),
  { maxAttempts: 2 },
);

type ClockEvents = { type: 'wind'; ms: number } | Request<'rings', {}, number>;

/** Rings once, so long after it was wound. */
export const alarm = defineActor(
  import.meta,
  'golden.alarm',
  setup({
    types: { context: {} as { ms: number; rings: number }, events: {} as ClockEvents },
    delays: { due: ({ context }) => context.ms },
  }).createMachine({
    context: { ms: 0, rings: 0 },
    initial: 'still',
    on: { rings: { actions: reply(({ context }) => context.rings) } },
    states: {
      still: { on: { wind: { target: 'wound', actions: assign({ ms: ({ event }) => event.ms }) } } },
      wound: { after: { due: { target: 'still', actions: assign({ rings: ({ context }) => context.rings + 1 }) } } },
    },
  }),
);

/** Works for ever in the process that made the journal, and is done at once in any other. */
export const worker = defineActor(
  import.meta,
  'golden.worker',
  setup({
    actors: {
      work: fromPromise(() =>
        process.env.TROUPE_GOLDEN_MAKER === undefined ? Promise.resolve('done') : new Promise<string>(() => {}),
      ),
    },
  }).createMachine({
    context: { result: '' },
    initial: 'working',
    states: {
      working: {
        invoke: { src: 'work', onDone: { target: 'rested', actions: assign({ result: ({ event }) => event.output }) } },
      },
      rested: {},
    },
  }),
);

/** Its module is nowhere: it is quarantined, and its mail waits. */
export const lost = defineActor(
  { url: 'file:///nowhere/lost.js' },
  'golden.lost',
  fromTransition((state: number) => state, 0),
);

/** Two notebooks; the one that is torn waits a minute for its restart. From format 2 on. */
export const library = supervisor(import.meta, 'golden.library', {
  intensity: { restarts: 3, periodMs: 3_600_000 },
  backoff: { minMs: 1_000, maxMs: 1_000, jitter: 0 },
  children: [
    { id: 'left', actor: notebook, onFailure: 'resume' },
    { id: 'right', actor: notebook, onFailure: 'resume' },
  ],
});

/** A notebook that begins anew when it is torn. From format 4 on. */
export const desk = supervisor(import.meta, 'golden.desk', {
  intensity: { restarts: 3, periodMs: 3_600_000 },
  children: [{ id: 'pad', actor: notebook, onFailure: 'reset' }],
});
