/** Sorted list: workers read and write a linked list that one transition function has. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { LinkedList } from '../linked-list.js';
import { nextListRequest } from '../programs/concurrency.js';
import { SavinaRandom } from '../random.js';
import { crew, here, type Run, type Up } from './here.js';

interface Parameters {
  workers: number;
  requests: number;
  writePercent: number;
  sizePercent: number;
}

type ListEvent =
  | { type: 'write' | 'contains' | 'size'; from: ActorRef<WorkerEvent>; value: number }
  | { type: 'end'; from: ActorRef<LeaderEvent> };
type WorkerEvent = { type: 'work' } | { type: 'result'; value: number };
type LeaderEvent =
  | Run<Parameters>
  | Up
  | { type: 'worked'; count: number }
  | { type: 'ended'; size: number; isSorted: number };

const list = defineActor(
  import.meta,
  'savina-list',
  fromTransition(
    (values: LinkedList, event: ListEvent) => {
      const turn = actorContext();
      if (event.type === 'end') {
        turn.tell(event.from, { type: 'ended', size: values.size, isSorted: Number(values.isSorted) });
        return values;
      }
      let { value } = event;
      if (event.type === 'write') values.add(value);
      else value = event.type === 'size' ? values.size : Number(values.contains(value));
      turn.tell(event.from, { type: 'result', value });
      return values;
    },
    () => new LinkedList(),
  ),
  crew,
);

interface Worker {
  left: number;
  parameters: Parameters;
  random: SavinaRandom;
  list: ActorRef<ListEvent>;
  leader: ActorRef<LeaderEvent>;
}

const worker = defineActor(
  import.meta,
  'savina-list-worker',
  fromTransition(
    (state: Worker, _event: WorkerEvent): Worker => {
      const turn = actorContext();
      if (state.left === 0) {
        turn.tell(state.leader, { type: 'worked', count: state.parameters.requests });
        return state;
      }
      const { kind, value } = nextListRequest(state.random, state.parameters);
      turn.tell(state.list, { type: kind, from: turn.self, value });
      return { ...state, left: state.left - 1 };
    },
    ({ input }: { input: Omit<Worker, 'random' | 'left'> & { seed: number } }): Worker => {
      const { seed, ...rest } = input;
      return { ...rest, left: rest.parameters.requests, random: new SavinaRandom(seed) };
    },
  ),
  crew,
);

interface Leading {
  workers: readonly ActorRef<WorkerEvent>[];
  list: ActorRef<ListEvent>;
  missing: number;
  working: number;
  replies: number;
  asker: ReplyTo;
}

/** Starts the workers and hears of their end. */
export const sortedList = defineActor(
  import.meta,
  'savina-sorted-list',
  fromTransition((state: Leading, event: LeaderEvent): Leading => {
    const turn = actorContext();
    switch (event.type) {
      case 'run': {
        const { parameters } = event;
        const values = turn.spawn(list, { id: 'list' });
        const input = { parameters, list: values, leader: turn.self };
        const workers = Array.from({ length: parameters.workers }, (_, seed) =>
          turn.spawn(worker, { id: `worker-${seed}`, input: { ...input, seed } }),
        );
        const counts = { missing: parameters.workers + 1, working: parameters.workers, replies: 0 };
        return { ...counts, workers, list: values, asker: turn.replyTo! };
      }
      case 'up':
        if (state.missing === 1) for (const each of state.workers) turn.tell(each, { type: 'work' });
        return { ...state, missing: state.missing - 1 };
      case 'worked':
        if (state.working === 1) turn.tell(state.list, { type: 'end', from: turn.self });
        return { ...state, working: state.working - 1, replies: state.replies + event.count };
      case 'ended':
        turn.reply({ replies: state.replies, size: event.size, isSorted: event.isSorted }, state.asker);
        return state;
    }
  }, {} as Leading),
  here,
);
