/** Sleeping barber: customers come, wait in a room or are turned away and come again, and one barber serves them. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { busyWait } from '../compute.js';
import { SavinaRandom } from '../random.js';
import { here, reportsUp, type Run, type Up } from './here.js';

type CustomerEvent = { type: 'full' } | { type: 'wait' } | { type: 'start' } | { type: 'done' };
type BarberEvent = { type: 'enter'; customer: ActorRef<CustomerEvent>; room: ActorRef<RoomEvent> } | { type: 'wait' };
type RoomEvent =
  | { type: 'enter'; customer: ActorRef<CustomerEvent> }
  | { type: 'next' }
  | { type: 'end'; from: ActorRef<FactoryEvent> };
type FactoryEvent =
  | Run<{ haircuts: number; room: number; arrival: number; haircut: number }>
  | Up
  | { type: 'come'; customer: ActorRef<CustomerEvent> }
  | { type: 'returned'; customer: ActorRef<CustomerEvent> }
  | { type: 'done' }
  | { type: 'ended'; overfull: number };

const customer = defineActor(
  import.meta,
  'savina-customer',
  fromTransition(
    (factory: ActorRef<FactoryEvent>, event: CustomerEvent) => {
      const turn = actorContext();
      if (event.type === 'full') turn.tell(factory, { type: 'returned', customer: turn.self });
      else if (event.type === 'done') turn.tell(factory, { type: 'done' });
      return factory;
    },
    ({ input }: { input: ActorRef<FactoryEvent> }) => input,
  ),
  {
    ...here,
    hooks: {
      preStart: ({ parent, self, tell }) => tell(parent as ActorRef<FactoryEvent>, { type: 'come', customer: self }),
    },
  },
);

const barber = defineActor(
  import.meta,
  'savina-barber',
  fromTransition(
    (state: { random: SavinaRandom; haircut: number }, event: BarberEvent) => {
      if (event.type === 'wait') return state;
      const turn = actorContext();
      turn.tell(event.customer, { type: 'start' });
      busyWait(state.random.below(state.haircut) + 10);
      turn.tell(event.customer, { type: 'done' });
      turn.tell(event.room, { type: 'next' });
      return state;
    },
    ({ input }: { input: { haircut: number } }) => ({ ...input, random: new SavinaRandom() }),
  ),
  { ...here, hooks: reportsUp },
);

interface Room {
  capacity: number;
  barber: ActorRef<BarberEvent>;
  waiting: ActorRef<CustomerEvent>[];
  isAsleep: boolean;
  overfull: number;
}

const room = defineActor(
  import.meta,
  'savina-room',
  fromTransition(
    (state: Room, event: RoomEvent): Room => {
      const turn = actorContext();
      const { waiting } = state;
      switch (event.type) {
        case 'enter':
          if (waiting.length === state.capacity) {
            turn.tell(event.customer, { type: 'full' });
            return state;
          }
          waiting.push(event.customer);
          if (waiting.length > state.capacity) state.overfull += 1;
          if (state.isAsleep) turn.tell(turn.self, { type: 'next' });
          else turn.tell(event.customer, { type: 'wait' });
          return { ...state, isAsleep: false };
        case 'next': {
          const next = waiting.shift();
          if (next !== undefined) turn.tell(state.barber, { type: 'enter', customer: next, room: turn.self });
          else turn.tell(state.barber, { type: 'wait' });
          return { ...state, isAsleep: next === undefined };
        }
        case 'end':
          turn.tell(event.from, { type: 'ended', overfull: state.overfull });
          return state;
      }
    },
    ({ input }: { input: { capacity: number; barber: ActorRef<BarberEvent> } }): Room => {
      return { ...input, waiting: [], isAsleep: true, overfull: 0 };
    },
  ),
  { ...here, hooks: reportsUp },
);

interface Factory {
  haircuts: number;
  served: number;
  arrival: number;
  missing: number;
  room: ActorRef<RoomEvent>;
  random: SavinaRandom;
  asker: ReplyTo;
}

/** Has the customers made, and sends those who were turned away to the room again. */
export const sleepingBarber = defineActor(
  import.meta,
  'savina-sleeping-barber',
  fromTransition((state: Factory, event: FactoryEvent): Factory => {
    const turn = actorContext();
    switch (event.type) {
      case 'run': {
        const { haircuts, room: capacity, arrival, haircut } = event.parameters;
        const one = turn.spawn(barber, { id: 'barber', input: { haircut } });
        const waiting = turn.spawn(room, { id: 'room', input: { capacity, barber: one } });
        const rest = { room: waiting, random: new SavinaRandom(), asker: turn.replyTo! };
        return { haircuts, arrival, served: 0, missing: 2, ...rest };
      }
      case 'up':
        if (state.missing === 1) {
          for (let at = 0; at < state.haircuts; at += 1) {
            turn.spawn(customer, { id: `customer-${at}`, input: turn.self });
            busyWait(state.random.below(state.arrival) + 10);
          }
        }
        return { ...state, missing: state.missing - 1 };
      case 'come':
      case 'returned':
        turn.tell(state.room, { type: 'enter', customer: event.customer });
        return state;
      case 'done': {
        const served = state.served + 1;
        if (served === state.haircuts) turn.tell(state.room, { type: 'end', from: turn.self });
        return { ...state, served };
      }
      case 'ended':
        turn.reply({ served: state.served, overfull: event.overfull }, state.asker);
        return state;
    }
  }, {} as Factory),
  here,
);
