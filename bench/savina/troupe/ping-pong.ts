/** Ping-pong of two transition functions. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { crew, here, type Run, type Up } from './here.js';

type PingEvent = Run<{ pings: number }> | Up | { type: 'next' } | { type: 'pong' } | { type: 'pongs'; count: number };
type PongEvent = { type: 'ping'; from: ActorRef<PingEvent> } | { type: 'stop'; from: ActorRef<PingEvent> };

const pong = defineActor(
  import.meta,
  'savina-pong',
  fromTransition((count: number, event: PongEvent) => {
    const turn = actorContext();
    if (event.type === 'stop') {
      turn.tell(event.from, { type: 'pongs', count });
      return count;
    }
    turn.tell(event.from, { type: 'pong' });
    return count + 1;
  }, 0),
  crew,
);

interface Pinging {
  left: number;
  pong: ActorRef<PongEvent>;
  asker: ReplyTo;
}

/** Sends the pings. */
export const pingPong = defineActor(
  import.meta,
  'savina-ping',
  fromTransition((state: Pinging, event: PingEvent): Pinging => {
    const turn = actorContext();
    switch (event.type) {
      case 'run':
        return { left: event.parameters.pings, pong: turn.spawn(pong, { id: 'pong' }), asker: turn.replyTo! };
      case 'up':
      case 'next':
        turn.tell(state.pong, { type: 'ping', from: turn.self });
        return { ...state, left: state.left - 1 };
      case 'pong':
        if (state.left > 0) turn.tell(turn.self, { type: 'next' });
        else turn.tell(state.pong, { type: 'stop', from: turn.self });
        return state;
      case 'pongs':
        turn.reply({ pongs: event.count }, state.asker);
        return state;
    }
  }, {} as Pinging),
  here,
);
