/** Fork-join throughput, of transition functions and of machines: so many messages to each, by turns. */
import { fromTransition } from 'xstate';
import { type ActorDefinition, type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { computeSine } from '../compute.js';
import {
  type HandledEvent,
  type WorkerEvent,
  type WorkerInput,
  workerMachine,
} from '../machines/fork-join-throughput.js';
import { crew, crewAnywhere, here, type Run, type Up } from './here.js';

type LeaderEvent = Run<{ actors: number; messages: number; burst: number }> | Up | { type: 'more' } | HandledEvent;

const workerLogic = fromTransition(
  (state: WorkerInput & { count: number }, _event: WorkerEvent) => {
    computeSine(37.2);
    const count = state.count + 1;
    if (count === state.messages) actorContext().tell(state.leader, { type: 'handled', count });
    return { ...state, count };
  },
  ({ input }: { input: WorkerInput }) => ({ ...input, count: 0 }),
);

const worker = defineActor(import.meta, 'savina-throughput-worker', workerLogic, crew);

interface Leading {
  left: number;
  rounds: number;
  workers: readonly ActorRef<WorkerEvent>[];
  missing: number;
  working: number;
  handled: number;
  asker: ReplyTo;
}

/** Sends the messages. */
function throughputOf(name: string, of: ActorDefinition<WorkerInput, WorkerEvent>) {
  return defineActor(
    import.meta,
    name,
    fromTransition((state: Leading, event: LeaderEvent): Leading => {
      const turn = actorContext();
      switch (event.type) {
        case 'run': {
          const { actors, messages, burst } = event.parameters;
          const input = { messages, leader: turn.self };
          const workers = Array.from({ length: actors }, (_, at) => turn.spawn(of, { id: `worker-${at}`, input }));
          const rounds = Math.floor(burst / actors);
          return {
            left: messages,
            rounds,
            workers,
            missing: actors,
            working: actors,
            handled: 0,
            asker: turn.replyTo!,
          };
        }
        case 'up':
          if (state.missing === 1) turn.tell(turn.self, { type: 'more' });
          return { ...state, missing: state.missing - 1 };
        case 'more': {
          const sent = Math.min(state.left, state.rounds);
          for (let at = 0; at < sent; at += 1) {
            for (const each of state.workers) turn.tell(each, { type: 'message' });
          }
          if (sent < state.left) turn.tell(turn.self, { type: 'more' });
          return { ...state, left: state.left - sent };
        }
        case 'handled': {
          const handled = state.handled + event.count;
          if (state.working === 1) turn.reply({ handled }, state.asker);
          return { ...state, working: state.working - 1, handled };
        }
      }
    }, {} as Leading),
    here,
  );
}

/** To transition functions. */
export const forkJoinThroughput = throughputOf('savina-throughput', worker);

const machine = defineActor(import.meta, 'savina-throughput-machine', workerMachine, crew);

/** To machines. */
export const forkJoinThroughputMachines = throughputOf('savina-throughput-of-machines', machine);

/** To transition functions on several hosts. */
export const forkJoinThroughputSpread = throughputOf(
  'savina-throughput-spread',
  defineActor(import.meta, 'savina-throughput-worker-spread', workerLogic, crewAnywhere),
);
