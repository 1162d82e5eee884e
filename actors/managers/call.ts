/**
 * A call: one invocation of a function or a job as an actor, with its request, its response and how long it took. It
 * can be asked how it stands at any time, cancelled, waited for, and kept as a record.
 *
 *   pending --start--> running --> done
 *      |                  |  \---> failed
 *      \-----cancel-------+------> cancelled
 *
 * CA1  The function runs after the commit of the turn that started it, and again only when the process died before its
 *      result was recorded; then with the same `callId`.
 * CA2  A call that is done, failed or cancelled stays what it is.
 */
import { assign, fromPromise, type PromiseActorLogic, setup } from 'xstate';
import {
  actorContext,
  type ActorDefinition,
  type ActorRef,
  defineActor,
  describeBriefly,
  effectIdOf,
  type ReplyTo,
  type Request,
  TroupeError,
} from '../../src/index.js';
import { moduleOf } from '../../src/core/meta.js';
import { checkOptions } from '../../src/core/options.js';
import type { Element } from './element.js';
import { type CallFailure, type CallRecord, callRecord, type CallState, type CallView } from './call-record.js';
import { answer } from './pile-parts.js';
import type { Put } from './pile-words.js';

/** What a call's function gets beside the request. */
export interface CallScope {
  /** Aborted when the call is cancelled, and when the process stops. */
  readonly signal: AbortSignal;
  /** Stable over restarts: a key for whoever must not do it twice. */
  readonly callId: string;
}

/** What is called. */
export interface CallOptions<Req, Res> {
  /** A function, run as an effect on the actor's host; or what `job` returns, run in the job pool. */
  run: ((request: Req, scope: CallScope) => Promise<Res>) | PromiseActorLogic<Res, Req>;
}

/** Whoever takes records of calls: a `logManager`, or a pile of `CallRecord`s. */
export type CallLog = ActorRef<Request<'put', { element: Element<CallRecord> }, Put>>;

/** What a call begins with. */
export interface CallInput<Req> {
  /** Plain data. */
  request: Req;
  /** Start at once. Default false: it is pending until it hears `start`. */
  start?: boolean;
  /** A pile that gets the call's record when it has ended. */
  log?: CallLog;
}

/** What a call understands. */
export type CallEvents<Req, Res> =
  /** Refused with CALL_STATE unless it is pending. */
  | Request<'start', object, CallView<Req, Res>>
  /** Refused with CALL_STATE when it has ended. */
  | Request<'cancel', { reason?: string }, CallView<Req, Res>>
  | Request<'view', object, CallView<Req, Res>>
  /** Answered when it has ended; wait with a `timeoutMs` that is long enough. */
  | Request<'wait', object, CallView<Req, Res>>;

/** Who may wait for a call at a time; more are refused with SYSTEM_BUSY. */
const waitingMax = 1_000;

interface Books {
  request: unknown;
  response: unknown;
  failure: CallFailure | undefined;
  createdAt: number;
  startedAt: number | undefined;
  endedAt: number | undefined;
  startsAtOnce: boolean;
  log: CallLog | undefined;
  waiting: readonly ReplyTo[];
}

type Events = CallEvents<unknown, unknown>;

/**
 * Declare a call, at the top level of a module, and export it.
 *
 *   export const fetchPage = call(import.meta, 'fetch-page', {
 *     run: async (url: string, { signal }) => (await fetch(url, { signal })).text(),
 *   });
 *   const ref = await system.spawn(fetchPage, { id: 'page-1', input: { request: url, start: true } });
 *   const { state, response } = await ref.ask({ type: 'wait' }, { timeoutMs: 60_000 });
 *
 * A function that throws ends the call as `failed`, with the error's name, message and code; so does a response that
 * cannot be carried. After a crash a call is where it was: one that ran runs again unless its result was recorded.
 *
 * @param meta the module's `import.meta`
 * @param name unique in the system
 * @param options see `CallOptions`
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE; what `defineActor` throws
 */
export function call<Req, Res>(
  meta: { readonly url: string },
  name: string,
  options: CallOptions<Req, Res>,
): ActorDefinition<CallInput<Req>, CallEvents<Req, Res>> {
  moduleOf(meta, 'call');
  const where = `call("${name}")`;
  const { run } = checkOptions<CallOptions<Req, Res>>(options, { run: { type: 'any', required: true } }, where);
  if (typeof run !== 'function' && (typeof run !== 'object' || run === null || !('transition' in run))) {
    const message = `${where}: run must be a function or a job, but is ${describeBriefly(run)}`;
    throw new TroupeError('OPTION_TYPE', message, { field: 'run', value: run });
  }
  const logic =
    typeof run === 'function'
      ? fromPromise<unknown, unknown>(({ input, signal, self }) =>
          run(input as Req, { signal, callId: effectIdOf(self) ?? '' }),
        )
      : (run as unknown as PromiseActorLogic<unknown, unknown>);
  const definition = defineActor(meta, name, callMachine(logic));
  return definition as unknown as ActorDefinition<CallInput<Req>, CallEvents<Req, Res>>;
}

const now = (): number => actorContext().now();

/** A call as it stands. */
function viewOf(books: Books, state: CallState): CallView {
  const { request, response, failure, createdAt, startedAt, endedAt } = books;
  const { path } = actorContext().self;
  const durationMs = startedAt === undefined || endedAt === undefined ? undefined : Math.max(0, endedAt - startedAt);
  return { path, state, request, response, failure, createdAt, startedAt, endedAt, durationMs };
}

/** Illegal where the call stands. */
function refuseIn(state: CallState) {
  return ({ event }: { event: { type: string } }): void => {
    const { self, refuse } = actorContext();
    const message = `${self.path} is ${state}, so "${event.type}" comes too late`;
    refuse(new TroupeError('CALL_STATE', message, { field: 'type', value: event.type }));
  };
}

function failureOf(error: unknown): CallFailure {
  const { name, message, code } = (error ?? {}) as { name?: unknown; message?: unknown; code?: unknown };
  const failure = { name: String(name ?? 'Thrown'), message: String(message ?? describeBriefly(error)) };
  return typeof code === 'string' || typeof code === 'number' ? { ...failure, code } : failure;
}

function callMachine(run: PromiseActorLogic<unknown, unknown>) {
  const base = setup({
    types: { context: {} as Books, events: {} as Events, input: {} as CallInput<unknown> },
    actors: { run },
    actions: {
      begin: assign({ startedAt: now }),
      tellStarted: ({ context, event }) => {
        if (event.type === 'start') answer(viewOf(context, 'running'));
      },
      tellCancelled: ({ context }) => answer(viewOf(context, 'cancelled')),
      forgetWaiting: assign({ waiting: [] }),
      keepReason: assign(({ event }) => ({
        endedAt: now(),
        failure:
          event.type === 'cancel' && event.reason !== undefined
            ? { name: 'Cancelled', message: String(event.reason) }
            : undefined,
      })),
      wait: assign(({ context }) => {
        const { replyTo, refuse } = actorContext();
        if (replyTo === undefined) return {};
        if (context.waiting.length < waitingMax) return { waiting: [...context.waiting, replyTo] };
        refuse(new TroupeError('SYSTEM_BUSY', `${waitingMax} wait for this call already`));
        return {};
      }),
    },
    guards: { startsAtOnce: ({ context }) => context.startsAtOnce },
  });
  const tellView = (state: CallState) => ({
    actions: ({ context }: { context: Books }) => answer(viewOf(context, state)),
  });
  /** A state it ends in: says so to all that wait, and to the log. */
  const ended = (state: CallState) => ({
    entry: [
      ({ context }: { context: Books }) => {
        const view = viewOf(context, state);
        for (const to of context.waiting) actorContext().reply(view, to);
        if (context.log !== undefined) actorContext().tell(context.log, { type: 'put', element: callRecord(view) });
      },
      'forgetWaiting' as const,
    ],
    on: {
      view: tellView(state),
      wait: tellView(state),
      start: { actions: refuseIn(state) },
      cancel: { actions: refuseIn(state) },
    },
  });
  return base.createMachine({
    id: 'call',
    context: ({ input: { request, start = false, log } = { request: undefined } }) => ({
      request,
      response: undefined,
      failure: undefined,
      createdAt: now(),
      startedAt: undefined,
      endedAt: undefined,
      startsAtOnce: start,
      log,
      waiting: [],
    }),
    initial: 'pending',
    states: {
      pending: {
        always: { guard: 'startsAtOnce', target: 'running' },
        on: {
          start: { target: 'running' },
          cancel: { target: 'cancelled', actions: ['keepReason', 'tellCancelled'] },
          view: tellView('pending'),
          wait: { actions: 'wait' },
        },
      },
      running: {
        entry: ['begin', 'tellStarted'],
        invoke: {
          src: 'run',
          input: ({ context }: { context: Books }) => context.request,
          onDone: { target: 'done', actions: assign({ response: ({ event }) => event.output, endedAt: now }) },
          onError: {
            target: 'failed',
            actions: assign({ failure: ({ event }) => failureOf(event.error), endedAt: now }),
          },
        },
        on: {
          start: { actions: refuseIn('running') },
          cancel: { target: 'cancelled', actions: ['keepReason', 'tellCancelled'] },
          view: tellView('running'),
          wait: { actions: 'wait' },
        },
      },
      done: ended('done'),
      failed: ended('failed'),
      cancelled: ended('cancelled'),
    },
  });
}
