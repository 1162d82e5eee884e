/** Bounded buffer of transition functions. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type Durability, type ReplyTo } from '../../../src/index.js';
import { workOn } from '../compute.js';
import { here, reportsUp, type Run, type Up } from './here.js';

interface Parameters {
  capacity: number;
  producers: number;
  consumers: number;
  items: number;
  produceCost: number;
  consumeCost: number;
}

interface Item {
  type: 'item';
  from: ActorRef<ProducerEvent>;
  value: number;
  number: number;
}

type ProducerEvent = { type: 'produce' };
type ConsumerEvent = Item | { type: 'end' };
type ManagerEvent =
  | Run<Parameters>
  | Up
  | Item
  | { type: 'available'; from: ActorRef<ConsumerEvent> }
  | { type: 'produced' }
  | { type: 'consumed'; count: number; numbers: number };

interface Producer {
  value: number;
  count: number;
  items: number;
  cost: number;
  manager: ActorRef<ManagerEvent>;
}

interface Consumer {
  value: number;
  count: number;
  numbers: number;
  cost: number;
  manager: ActorRef<ManagerEvent>;
}

interface Manager {
  producers: readonly ActorRef<ProducerEvent>[];
  consumers: readonly ActorRef<ConsumerEvent>[];
  missing: number;
  capacity: number;
  producing: number;
  pending: Item[];
  blocked: ActorRef<ProducerEvent>[];
  idle: ActorRef<ConsumerEvent>[];
  overfull: number;
  ended: number;
  consumed: number;
  numbers: number;
  asker: ReplyTo;
}

/** When nothing is produced or consumed any more, the consumers are asked what they had. */
function endWhenDone(state: Manager): Manager {
  if (state.producing > 0 || state.idle.length < state.consumers.length) return state;
  for (const each of state.consumers) actorContext().tell(each, { type: 'end' });
  return state;
}

function take(state: Manager, item: Item): Manager {
  const turn = actorContext();
  const consumer = state.idle.shift();
  if (consumer === undefined) state.pending.push(item);
  else turn.tell(consumer, item);
  if (state.pending.length > state.capacity) state.overfull += 1;
  // Each producer may have one item more on its way.
  if (state.pending.length >= state.capacity - state.producers.length) state.blocked.push(item.from);
  else turn.tell(item.from, { type: 'produce' });
  return state;
}

function give(state: Manager, consumer: ActorRef<ConsumerEvent>): Manager {
  const turn = actorContext();
  const item = state.pending.shift();
  if (item === undefined) {
    state.idle.push(consumer);
    return endWhenDone(state);
  }
  turn.tell(consumer, item);
  const producer = state.blocked.shift();
  if (producer !== undefined) turn.tell(producer, { type: 'produce' });
  return state;
}

function at(durability: Durability) {
  const kept = { ...here, durability };
  const crew = { ...kept, hooks: reportsUp };
  const producer = defineActor(
    import.meta,
    `savina-producing-${durability}`,
    fromTransition(
      (state: Producer, _event: ProducerEvent): Producer => {
        const turn = actorContext();
        const { manager } = state;
        if (state.count === state.items) {
          turn.tell(manager, { type: 'produced' });
          return state;
        }
        const value = workOn(state.value, state.cost);
        const count = state.count + 1;
        turn.tell(manager, { type: 'item', from: turn.self, value, number: count });
        return { ...state, value, count };
      },
      ({ input }: { input: Pick<Producer, 'items' | 'cost' | 'manager'> }): Producer => ({
        ...input,
        value: 0,
        count: 0,
      }),
    ),
    crew,
  );
  const consumer = defineActor(
    import.meta,
    `savina-consuming-${durability}`,
    fromTransition(
      (state: Consumer, event: ConsumerEvent): Consumer => {
        const turn = actorContext();
        const { count, numbers, manager, cost } = state;
        if (event.type === 'end') {
          turn.tell(manager, { type: 'consumed', count, numbers });
          return state;
        }
        const value = workOn(state.value + event.value, cost);
        turn.tell(manager, { type: 'available', from: turn.self });
        return { value, count: count + 1, numbers: numbers + event.number, cost, manager };
      },
      ({ input }: { input: Pick<Consumer, 'cost' | 'manager'> }): Consumer => ({
        ...input,
        value: 0,
        count: 0,
        numbers: 0,
      }),
    ),
    crew,
  );
  return defineActor(
    import.meta,
    `savina-bounded-buffer-${durability}`,
    fromTransition((state: Manager, event: ManagerEvent): Manager => {
      const turn = actorContext();
      switch (event.type) {
        case 'run': {
          const { capacity, producers, consumers, items, produceCost, consumeCost } = event.parameters;
          const manager = turn.self;
          const producing = Array.from({ length: producers }, (_, number) =>
            turn.spawn(producer, { id: `producer-${number}`, input: { items, cost: produceCost, manager } }),
          );
          const idle = Array.from({ length: consumers }, (_, number) =>
            turn.spawn(consumer, { id: `consumer-${number}`, input: { cost: consumeCost, manager } }),
          );
          const counts = { producing: producers, overfull: 0, ended: 0, consumed: 0, numbers: 0 };
          const crews = { producers: producing, consumers: [...idle], idle, missing: producers + consumers };
          return { ...counts, ...crews, capacity, pending: [], blocked: [], asker: turn.replyTo! };
        }
        case 'up':
          if (state.missing === 1) for (const each of state.producers) turn.tell(each, { type: 'produce' });
          return { ...state, missing: state.missing - 1 };
        case 'item':
          return take(state, event);
        case 'available':
          return give(state, event.from);
        case 'produced':
          return endWhenDone({ ...state, producing: state.producing - 1 });
        case 'consumed': {
          const ended = state.ended + 1;
          const sums = { consumed: state.consumed + event.count, numbers: state.numbers + event.numbers };
          if (ended === state.consumers.length) turn.reply({ ...sums, overfull: state.overfull }, state.asker);
          return { ...state, ...sums, ended };
        }
      }
    }, {} as Manager),
    kept,
  );
}

/** Has the buffer, and starts who fills and empties it. */
export const boundedBuffer = at('none');

/** The same, kept on the disk. */
export const boundedBufferFlushed = at('flushed');
