/** Fork-join create: transition functions that are made, handle one message and end. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { computeSine } from '../compute.js';
import { here, type Run } from './here.js';

interface Message {
  type: 'message';
}

type LeaderEvent = Run<{ actors: number }> | { type: 'up'; from: ActorRef<Message> } | { type: 'down' };

const worker = defineActor(
  import.meta,
  'savina-short-lived',
  fromTransition((state: null, _event: Message) => {
    const turn = actorContext();
    computeSine(37.2);
    turn.stopSelf();
    turn.tell(turn.parent as ActorRef<LeaderEvent>, { type: 'down' });
    return state;
  }, null),
  {
    ...here,
    hooks: {
      preStart: ({ parent, self, tell }) => tell(parent as ActorRef<LeaderEvent>, { type: 'up', from: self }),
    },
  },
);

interface Leading {
  left: number;
  actors: number;
  asker: ReplyTo;
}

/** Makes them, and hears of their end. */
export const forkJoinCreate = defineActor(
  import.meta,
  'savina-create',
  fromTransition((state: Leading, event: LeaderEvent): Leading => {
    const turn = actorContext();
    switch (event.type) {
      case 'run': {
        const { actors } = event.parameters;
        for (let at = 0; at < actors; at += 1) turn.spawn(worker, { id: `worker-${at}` });
        return { left: actors, actors, asker: turn.replyTo! };
      }
      case 'up':
        turn.tell(event.from, { type: 'message' });
        return state;
      case 'down':
        if (state.left === 1) turn.reply({ ended: state.actors }, state.asker);
        return { ...state, left: state.left - 1 };
    }
  }, {} as Leading),
  here,
);
