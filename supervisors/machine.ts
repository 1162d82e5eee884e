/**
 * The supervisor as an XState machine: it hears, lets `judge.ts` decide, and has the deeds done within the turn. The
 * states are the phases of the books, so that a supervisor can be drawn and looked at like any other actor.
 */
import type { ActorId } from '../src/core/ids.js';
import { setup } from 'xstate';
import {
  actorContext,
  type AnyEvent,
  type ChildWord,
  type Request,
  type SupervisorBegins,
  type SupervisorDeclared,
} from '../src/index.js';
import { type Books, type ManagementRequest, noBooks, type WaitIsOver } from './books.js';
import { type ManagementAnswer, perform } from './deeds.js';
import { type Heard, judge } from './judge.js';
import { whyNoRoute } from './routing.js';
import { type CheckedSupervisor, type ChildData, requireChildData, type RestartType } from './spec.js';

/** A child as `children` tells of it. */
export interface ChildView {
  id: string;
  /** Undefined when it does not run. */
  path: string | undefined;
  standing: 'running' | 'restarting' | 'stopped';
  definition: string;
  restart: RestartType;
  isSupervisor: boolean;
  /** False: started by a request, or declared only once, before a deployment. */
  isDeclared: boolean;
  /** Tasks that it says it handles. */
  handles: readonly string[];
}

/** How many children there are, as OTP's `count_children` has it. */
export interface ChildCounts {
  /** Declared, whether they run or not. */
  specs: number;
  /** Running. */
  active: number;
  supervisors: number;
  workers: number;
}

/** What a supervisor can be asked. */
export type SupervisorEvents =
  | Request<'startChild', { child: ChildData }, ManagementAnswer>
  | Request<'stopChild', { id: ActorId }, ManagementAnswer>
  | Request<'restartChild', { id: ActorId }, ManagementAnswer>
  | Request<'deleteChild', { id: ActorId }, ManagementAnswer>
  | Request<'children', object, ChildView[]>
  | Request<'count', object, ChildCounts>
  /** A child that handles the task gets the message; asked, the reply is that child's. */
  | Request<'route', { task: string; message: AnyEvent }, unknown>;

type Hears = SupervisorEvents | SupervisorBegins | SupervisorDeclared | ChildWord | WaitIsOver;

const waitId = (id: string): string => `backoff of ${id}`;

function viewsOf({ children }: Books, declared: CheckedSupervisor): ChildView[] {
  return children.map(({ spec, standing, ref }) => ({
    id: spec.id,
    path: standing === 'running' ? ref?.path : undefined,
    standing: standing === 'running' || standing === 'stopped' ? standing : 'restarting',
    definition: spec.actor.name,
    restart: spec.restart,
    isSupervisor: spec.actor.options.supervises !== undefined,
    isDeclared: declared.children.some(({ id }) => id === spec.id),
    handles: spec.handles ?? [],
  }));
}

function countsOf(books: Books, declared: CheckedSupervisor): ChildCounts {
  const views = viewsOf(books, declared);
  const supervisors = views.filter(({ isSupervisor }) => isSupervisor).length;
  const active = views.filter(({ standing }) => standing === 'running').length;
  return { specs: views.length, active, supervisors, workers: views.length - supervisors };
}

/** A request that makes no sense is answered at once: it must not be the supervisor's failure. */
function isRefused(request: ManagementRequest): boolean {
  try {
    if (request.type === 'startChild') requireChildData(request.child);
    return false;
  } catch (error) {
    actorContext().reply({ ok: false, reason: 'refused', error: error as Error } satisfies ManagementAnswer);
    return true;
  }
}

/** How a supervisor is spoken to. */
interface Door {
  /** What of an event the judgement hears; undefined: nothing of it. */
  hear(event: AnyEvent, spec: CheckedSupervisor): Heard | undefined;
  /** Answer `children` and `count`; absent: these go to `hear` too. */
  answer?(books: Books, event: AnyEvent, spec: CheckedSupervisor): void;
}

const usual: Door = {
  hear: (event) => heardOf(event as Hears),
  answer(books, event, spec) {
    const { reply, replyTo } = actorContext();
    // Told and not asked: nobody waits for it, and it must not be the supervisor's failure.
    if (replyTo !== undefined) reply(event.type === 'children' ? viewsOf(books, spec) : countsOf(books, spec));
  },
};

/** What of an event the judgement hears; undefined: nothing, it was a question. */
function heardOf(event: Hears): Heard | undefined {
  switch (event.type) {
    case 'children':
    case 'count':
      return undefined;
    case 'startChild':
    case 'stopChild':
    case 'restartChild':
    case 'deleteChild': {
      const { replyTo } = actorContext();
      if (replyTo === undefined || isRefused(event)) return undefined;
      return { type: 'asked', request: event, asker: replyTo };
    }
    case 'route': {
      const { refuse, replyTo } = actorContext();
      const { task, message } = event;
      const wrong = whyNoRoute(event);
      if (wrong === undefined)
        return { type: 'routed', request: { type: 'route', by: { task }, message }, asker: replyTo };
      refuse(wrong);
      return undefined;
    }
    case 'troupe.begin':
    case 'troupe.declared':
    case 'troupe.child':
    case 'troupe.again':
    case 'again':
      return event;
    default:
      // Whatever somebody told it that it does not know.
      return undefined;
  }
}

/** The machine of a declaration. @param specOf what is declared, for these books */
export function supervisorMachine(specOf: (books: Books) => CheckedSupervisor, door: Door = usual) {
  const machine = setup({
    types: { context: {} as Books, events: {} as AnyEvent },
    actions: { answer: ({ context, event }) => door.answer?.(context, event, specOf(context)) },
    guards: {
      isStarting: ({ context }) => context.phase === 'starting',
      isRunning: ({ context }) => context.phase === 'running',
      isRestarting: ({ context }) => context.phase === 'restarting',
      isOver: ({ context }) => context.phase === 'over',
    },
  });
  const judged = machine.enqueueActions(({ context, event, enqueue }) => {
    const spec = specOf(context);
    const heard = door.hear(event, spec);
    if (heard === undefined) return;
    const { self } = actorContext();
    const { books, deeds } = judge(context, heard, spec, { scatter: self.path });
    enqueue.assign(books);
    for (const deed of deeds) {
      if (deed.do === 'wait')
        enqueue.raise({ type: 'troupe.again', id: deed.id }, { id: waitId(deed.id), delay: deed.ms });
      else if (deed.do === 'forgetWait') enqueue.cancel(waitId(deed.id));
      else enqueue(() => perform(deed));
    }
  });
  const isStarting = { guard: 'isStarting', target: 'starting' } as const;
  const isRunning = { guard: 'isRunning', target: 'running' } as const;
  const isRestarting = { guard: 'isRestarting', target: 'restarting' } as const;
  const isOver = { guard: 'isOver', target: 'over' } as const;
  return machine.createMachine({
    id: 'supervisor',
    context: noBooks,
    initial: 'idle',
    on: {
      ...(door.answer === undefined ? {} : { children: { actions: 'answer' }, count: { actions: 'answer' } }),
      '*': { actions: judged },
    },
    // Where the judgement says it is.
    states: {
      idle: { always: [isStarting, isRunning] },
      starting: { always: [isRunning, isOver] },
      running: { always: [isStarting, isRestarting, isOver] },
      restarting: { always: [isStarting, isRunning, isOver] },
      over: { always: [isStarting] },
    },
  });
}
