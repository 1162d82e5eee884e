/** Dictionary: workers read and write a map that one transition function has. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type Durability, type ReplyTo } from '../../../src/index.js';
import { nextRequest } from '../programs/concurrency.js';
import { KeyRandom } from '../random.js';
import { here, reportsUp, type Run, type Up } from './here.js';

interface Parameters {
  workers: number;
  requests: number;
  writePercent: number;
  entries: number;
}

type MapEvent =
  | { type: 'write'; from: ActorRef<WorkerEvent>; key: number; value: number }
  | { type: 'read'; from: ActorRef<WorkerEvent>; key: number }
  | { type: 'size'; from: ActorRef<LeaderEvent> };
type WorkerEvent = { type: 'work' } | { type: 'result'; value: number | undefined };
type LeaderEvent = Run<Parameters> | Up | { type: 'worked'; count: number } | { type: 'size'; size: number };

interface Worker {
  left: number;
  requests: number;
  writePercent: number;
  random: number;
  map: ActorRef<MapEvent>;
  leader: ActorRef<LeaderEvent>;
}

interface Leading {
  workers: readonly ActorRef<WorkerEvent>[];
  map: ActorRef<MapEvent>;
  missing: number;
  working: number;
  replies: number;
  asker: ReplyTo;
}

function at(durability: Durability) {
  const kept = { ...here, durability };
  const crew = { ...kept, hooks: reportsUp };
  const map = defineActor(
    import.meta,
    `savina-map-${durability}`,
    fromTransition(
      (entries: Map<number, number>, event: MapEvent) => {
        const turn = actorContext();
        switch (event.type) {
          case 'write':
            entries.set(event.key, event.value);
            turn.tell(event.from, { type: 'result', value: event.value });
            break;
          case 'read':
            turn.tell(event.from, { type: 'result', value: entries.get(event.key) });
            break;
          case 'size':
            turn.tell(event.from, { type: 'size', size: entries.size });
        }
        return entries;
      },
      ({ input }: { input: { entries: number } }) =>
        new Map(Array.from({ length: input.entries }, (_, key): [number, number] => [key, key])),
    ),
    crew,
  );
  const worker = defineActor(
    import.meta,
    `savina-map-worker-${durability}`,
    fromTransition(
      (state: Worker, _event: WorkerEvent): Worker => {
        const turn = actorContext();
        if (state.left === 0) {
          turn.tell(state.leader, { type: 'worked', count: state.requests });
          return state;
        }
        const random = new KeyRandom(state.random);
        const { isWrite, key } = nextRequest(random, state.writePercent);
        if (isWrite) turn.tell(state.map, { type: 'write', from: turn.self, key, value: state.left });
        else turn.tell(state.map, { type: 'read', from: turn.self, key });
        return { ...state, left: state.left - 1, random: key };
      },
      ({ input }: { input: Worker }) => input,
    ),
    crew,
  );
  return defineActor(
    import.meta,
    `savina-dictionary-${durability}`,
    fromTransition((state: Leading, event: LeaderEvent): Leading => {
      const turn = actorContext();
      switch (event.type) {
        case 'run': {
          const { workers, requests, writePercent, entries } = event.parameters;
          const dictionary = turn.spawn(map, { id: 'map', input: { entries } });
          const rest = { left: requests, requests, writePercent, map: dictionary, leader: turn.self };
          const refs = Array.from({ length: workers }, (_, random) =>
            turn.spawn(worker, { id: `worker-${random}`, input: { ...rest, random } }),
          );
          const counts = { missing: workers + 1, working: workers, replies: 0 };
          return { ...counts, workers: refs, map: dictionary, asker: turn.replyTo! };
        }
        case 'up':
          if (state.missing === 1) for (const each of state.workers) turn.tell(each, { type: 'work' });
          return { ...state, missing: state.missing - 1 };
        case 'worked':
          if (state.working === 1) turn.tell(state.map, { type: 'size', from: turn.self });
          return { ...state, working: state.working - 1, replies: state.replies + event.count };
        case 'size':
          turn.reply({ replies: state.replies, size: event.size }, state.asker);
          return state;
      }
    }, {} as Leading),
    kept,
  );
}

/** Starts the workers and hears of their end. */
export const dictionary = at('none');

/** The same, kept on the disk: the whole map is part of every turn's record. */
export const dictionaryFlushed = at('flushed');
