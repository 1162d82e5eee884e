/** Actors with long work: some wait for something outside, some have a job computed; one watches its thread. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { assign, fromPromise, fromTransition, setup } from 'xstate';
import { actorContext, defineActor, job, reply, type ReplyTo, type Request } from '../../src/index.js';
import { pause } from '../kernel/contender.js';

/** When a job computed, in milliseconds of the process's own clock. */
export interface JobSpan {
  readonly beginMs: number;
  readonly endMs: number;
}

/** Delays of an event loop, in milliseconds. */
export interface LoopDelay {
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface WorkerContext {
  readonly ms: number;
  readonly asker: ReplyTo | undefined;
}

/** Asked to run; the answer is there when its work is. */
export type WorkerEvent<R> = Request<'run', { ms: number }, R>;

/**
 * Compute for so long.
 * @public It is called by its name, in the job pool.
 */
export function compute({ ms }: { ms: number }): JobSpan {
  const now = (): number => performance.timeOrigin + performance.now();
  const beginMs = now();
  let endMs = beginMs;
  while (endMs < beginMs + ms) endMs = now();
  return { beginMs, endMs };
}

function workerOf<R>(work: ReturnType<typeof fromPromise<R, { ms: number }>>) {
  return setup({
    types: { context: {} as WorkerContext, events: {} as WorkerEvent<R> },
    actors: { work },
  }).createMachine({
    context: { ms: 0, asker: undefined },
    initial: 'idle',
    states: {
      idle: {
        on: {
          run: {
            target: 'working',
            actions: assign({ ms: ({ event }) => event.ms, asker: () => actorContext().replyTo }),
          },
        },
      },
      working: {
        invoke: {
          src: 'work',
          input: ({ context }) => ({ ms: context.ms }),
          onDone: {
            target: 'idle',
            actions: reply(({ event }) => event.output, { to: ({ context }) => context.asker as ReplyTo }),
          },
        },
      },
    },
  });
}

const waiting = fromPromise<number, { ms: number }>(async ({ input }) => {
  await pause(input.ms);
  return input.ms;
});

/** Waits outside of troupe, as for a model or a server. */
export const waiter = defineActor(import.meta, 'bench-waiter', workerOf(waiting), { durability: 'flushed' });

/** Has a job computed. */
export const computer = defineActor(
  import.meta,
  'bench-computer',
  workerOf(job<{ ms: number }, JobSpan>(import.meta, 'compute')),
  {
    durability: 'flushed',
  },
);

/** It looks each millisecond, and counts what lies between two looks: a loop at rest shows a little more than one. */
const everyMs = 1;

let watched: IntervalHistogram | undefined;

/** Begin to watch this thread's event loop. */
export function watchLoop(): void {
  watched ??= monitorEventLoopDelay({ resolution: everyMs });
  watched.reset();
  watched.enable();
}

/** What was seen since. */
export function loopDelay(): LoopDelay {
  const ns = 1e6;
  return { p99Ms: (watched?.percentile(99) ?? Number.NaN) / ns, maxMs: (watched?.max ?? Number.NaN) / ns };
}

type WatcherEvent = Request<'watch', object, boolean> | Request<'read', object, LoopDelay>;

/** Watches the thread it runs on. */
export const watcher = defineActor(
  import.meta,
  'bench-watcher',
  fromTransition((state: null, event: WatcherEvent) => {
    if (event.type === 'watch') {
      watchLoop();
      actorContext().reply(true);
    } else actorContext().reply(loopDelay());
    return state;
  }, null),
  { durability: 'none' },
);
