/** Counting: one transition function tells another as fast as it can. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { crew, here, type Run, type Up } from './here.js';

type CounterEvent = { type: 'increment' } | { type: 'retrieve'; from: ActorRef<ProducerEvent> };
type ProducerEvent =
  | Run<{ messages: number; burst: number }>
  | Up
  | { type: 'more' }
  | { type: 'count'; count: number };

const counter = defineActor(
  import.meta,
  'savina-counter',
  fromTransition((count: number, event: CounterEvent) => {
    if (event.type === 'increment') return count + 1;
    actorContext().tell(event.from, { type: 'count', count });
    return count;
  }, 0),
  crew,
);

interface Producing {
  left: number;
  burst: number;
  counter: ActorRef<CounterEvent>;
  asker: ReplyTo;
}

/** Sends the messages. */
export const counting = defineActor(
  import.meta,
  'savina-producer',
  fromTransition((state: Producing, event: ProducerEvent): Producing => {
    const turn = actorContext();
    switch (event.type) {
      case 'run': {
        const { messages, burst } = event.parameters;
        return { left: messages, burst, counter: turn.spawn(counter, { id: 'counter' }), asker: turn.replyTo! };
      }
      case 'up':
      case 'more': {
        const sent = Math.min(state.left, state.burst);
        for (let at = 0; at < sent; at += 1) turn.tell(state.counter, { type: 'increment' });
        if (sent > 0) turn.tell(turn.self, { type: 'more' });
        else turn.tell(state.counter, { type: 'retrieve', from: turn.self });
        return { ...state, left: state.left - sent };
      }
      case 'count':
        turn.reply({ count: event.count }, state.asker);
        return state;
    }
  }, {} as Producing),
  here,
);
