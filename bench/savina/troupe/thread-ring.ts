/** Thread ring of transition functions. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { crew, here, type Run, type Up } from './here.js';

type LinkEvent = { type: 'next'; next: ActorRef<LinkEvent> } | { type: 'token'; left: number };
type LeaderEvent = Run<{ actors: number; hops: number }> | Up | { type: 'ended'; at: number };

interface Link {
  at: number;
  leader: ActorRef<LeaderEvent>;
  next?: ActorRef<LinkEvent>;
}

const link = defineActor(
  import.meta,
  'savina-link',
  fromTransition(
    (state: Link, event: LinkEvent): Link => {
      if (event.type === 'next') return { ...state, next: event.next };
      if (event.left === 0) actorContext().tell(state.leader, { type: 'ended', at: state.at });
      else actorContext().tell(state.next!, { type: 'token', left: event.left - 1 });
      return state;
    },
    ({ input }: { input: Link }) => input,
  ),
  crew,
);

interface Leading {
  links: readonly ActorRef<LinkEvent>[];
  missing: number;
  hops: number;
  asker: ReplyTo;
}

/** Makes the ring, and hears where the token came to rest. */
export const threadRing = defineActor(
  import.meta,
  'savina-ring',
  fromTransition((state: Leading, event: LeaderEvent): Leading => {
    const turn = actorContext();
    switch (event.type) {
      case 'run': {
        const { actors, hops } = event.parameters;
        const links = Array.from({ length: actors }, (_, at) =>
          turn.spawn(link, { id: `link-${at}`, input: { at, leader: turn.self } }),
        );
        return { links, missing: actors, hops, asker: turn.replyTo! };
      }
      case 'up': {
        const { links, missing, hops } = state;
        if (missing === 1) {
          for (const [at, each] of links.entries()) {
            turn.tell(each, { type: 'next', next: links[(at + 1) % links.length]! });
          }
          turn.tell(links[0]!, { type: 'token', left: hops });
        }
        return { ...state, missing: missing - 1 };
      }
      case 'ended':
        turn.reply({ endedAt: event.at }, state.asker);
        return state;
    }
  }, {} as Leading),
  here,
);
