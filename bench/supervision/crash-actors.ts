/**
 * The actors of the crash rows. The fragile one is a small machine that throws when it is told to; XState alone
 * measures the very same one. The driver crashes it again and again from the same host thread.
 */
import { assign, fromTransition, setup } from 'xstate';
import {
  ActorRef,
  actorContext,
  defineActor,
  type Durability,
  reply,
  type ReplyTo,
  type Request,
} from '../../src/index.js';
import { dynamicSupervisor, supervisor } from '../../supervisors/index.js';

/** What the fragile one understands. */
export type FragileEvent =
  | { type: 'crash' }
  /** Answered to `asker`. */
  | { type: 'next'; asker?: ActorRef<DriverEvent> }
  | Request<'count', object, number>;

/** What the driver understands. */
export type DriverEvent =
  | Request<'drive', { path: string; durability: Durability; crashes: number; warmUp: number }, Driven>
  | { type: 'answered'; handled: number };

/** What the driver has measured. */
export interface Driven {
  /** From the crash to the answer of the next message, in milliseconds. */
  timesMs: number[];
  /** Answers of an actor that did not begin anew. */
  faults: number;
}

/** Counts what it has handled since it began: 1 after each crash, or it was not reset. */
export const fragileMachine = setup({
  types: { context: {} as { handled: number }, events: {} as FragileEvent },
  actions: {
    count: assign({ handled: ({ context }) => context.handled + 1 }),
    fail: () => {
      throw new Error('it was told to crash');
    },
    answer: (_, _params: { handled: number; asker: ActorRef<DriverEvent> | undefined }) => {},
  },
}).createMachine({
  context: { handled: 0 },
  on: {
    crash: { actions: 'fail' },
    next: {
      actions: [
        'count',
        {
          type: 'answer',
          params: ({ context, event }) => ({ handled: context.handled, asker: event.asker }),
        },
      ],
    },
    count: { actions: ['count', reply(({ context }) => context.handled)] },
  },
});

const answeringMachine = fragileMachine.provide({
  actions: {
    answer: (_, { handled, asker }) => {
      if (asker !== undefined) actorContext().tell(asker, { type: 'answered', handled });
    },
  },
});

/** How often a supervisor may restart: always; and its window is short, as that of a real budget is a short list. */
const endless = { restarts: 1_000_000, periodMs: 1 };
const reset = { restart: 'permanent', onFailure: 'reset' } as const;

const committedFragile = defineActor(import.meta, 'bench-fragile-committed', answeringMachine, {
  durability: 'committed',
});
const flushedFragile = defineActor(import.meta, 'bench-fragile-flushed', answeringMachine, { durability: 'flushed' });

const volatileFragile = defineActor(import.meta, 'bench-fragile-none', answeringMachine, { durability: 'none' });

/** The fragile one by durability. */
export const fragile = { none: volatileFragile, committed: committedFragile, flushed: flushedFragile } as const;

/** A supervisor with a fragile one, both committed. */
export const committedGuard = supervisor(import.meta, 'bench-guard-committed', {
  durability: 'committed',
  intensity: endless,
  children: [{ id: 'fragile', actor: committedFragile, ...reset }],
});

/** The same, with a child that is flushed. */
export const flushedGuard = supervisor(import.meta, 'bench-guard-flushed', {
  intensity: endless,
  children: [{ id: 'fragile', actor: flushedFragile, ...reset }],
});

/** A supervisor that has a list of a hundred. */
export const crewOf100 = supervisor(import.meta, 'bench-crew-of-100', {
  durability: 'committed',
  intensity: endless,
  children: Array.from({ length: 100 }, (_, at) => ({ id: fragileId(at), actor: committedFragile, ...reset })),
});

/** A supervisor of any number, that keeps no list. */
export const crowd = dynamicSupervisor(import.meta, 'bench-crowd', {
  durability: 'committed',
  intensity: endless,
  child: { actor: committedFragile, ...reset },
});

/** The id of a fragile one. */
export function fragileId(at: number): string {
  return `fragile-${at}`;
}

/** What is measured stays out of the driver's state, which is written with every message. */
const measured = { timesMs: [] as number[], faults: 0, begin: 0, asker: undefined as ReplyTo | undefined };

/** Its state: whom it drives, and how often it still does; of these so many are measured. */
interface Drive {
  path: string;
  left: number;
  measure: number;
  durability: Durability;
}

const driverLogic = fromTransition(
  (drive: Drive, event: DriverEvent): Drive => {
    const { replyTo } = actorContext();
    if (event.type === 'drive') {
      Object.assign(measured, { timesMs: [], faults: 0, asker: replyTo });
      const { path, durability } = event;
      return crashNext({ path, durability, left: event.warmUp + event.crashes, measure: event.crashes });
    }
    const ms = performance.now() - measured.begin;
    if (drive.left < drive.measure) measured.timesMs.push(ms);
    if (event.handled !== 1) measured.faults += 1;
    if (drive.left > 0) return crashNext(drive);
    const { timesMs, faults, asker } = measured;
    if (asker !== undefined) actorContext().reply({ timesMs, faults } satisfies Driven, asker);
    return drive;
  },
  { path: '', left: 0, measure: 0, durability: 'flushed' },
);

function crashNext(drive: Drive): Drive {
  const { self, tell } = actorContext();
  const target = new ActorRef<FragileEvent>(drive.path, 0, drive.durability);
  measured.begin = performance.now();
  tell(target, { type: 'crash' });
  tell(target, { type: 'next', asker: self });
  return { ...drive, left: drive.left - 1 };
}

/** The driver by durability: that of whom it drives, so that they share turns. */
export const drivers = {
  none: defineActor(import.meta, 'bench-driver-none', driverLogic, { durability: 'none' }),
  committed: defineActor(import.meta, 'bench-driver-committed', driverLogic, { durability: 'committed' }),
  flushed: defineActor(import.meta, 'bench-driver-flushed', driverLogic, { durability: 'flushed' }),
} as const;
