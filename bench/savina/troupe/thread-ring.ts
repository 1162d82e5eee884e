/** Thread ring, of transition functions and of machines. */
import { fromTransition } from 'xstate';
import { type ActorDefinition, type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { type LinkEvent, type LinkInput, linkMachine, type RingEvent } from '../machines/thread-ring.js';
import { crew, crewAnywhere, here, type Run, type Up } from './here.js';

type LeaderEvent = Run<{ actors: number; hops: number }> | Up | RingEvent;

interface Link extends LinkInput {
  next?: ActorRef<LinkEvent>;
}

const linkLogic = fromTransition(
  (state: Link, event: LinkEvent): Link => {
    if (event.type === 'next') return { ...state, next: event.next };
    if (event.left === 0) actorContext().tell(state.leader, { type: 'ended', at: state.at });
    else actorContext().tell(state.next!, { type: 'token', left: event.left - 1 });
    return state;
  },
  ({ input }: { input: LinkInput }): Link => input,
);

const link = defineActor(import.meta, 'savina-link', linkLogic, crew);

interface Leading {
  links: readonly ActorRef<LinkEvent>[];
  missing: number;
  hops: number;
  asker: ReplyTo;
}

/** Makes the ring, and hears where the token came to rest. */
function ringOf(name: string, of: ActorDefinition<LinkInput, LinkEvent>) {
  return defineActor(
    import.meta,
    name,
    fromTransition((state: Leading, event: LeaderEvent): Leading => {
      const turn = actorContext();
      switch (event.type) {
        case 'run': {
          const { actors, hops } = event.parameters;
          const links = Array.from({ length: actors }, (_, at) =>
            turn.spawn(of, { id: `link-${at}`, input: { at, leader: turn.self } }),
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
}

/** Of transition functions. */
export const threadRing = ringOf('savina-ring', link);

/** Of machines. */
export const threadRingMachines = ringOf(
  'savina-ring-of-machines',
  defineActor(import.meta, 'savina-link-machine', linkMachine, crew),
);

/** Of transition functions on several hosts: each hop goes to another thread. */
export const threadRingSpread = ringOf(
  'savina-ring-spread',
  defineActor(import.meta, 'savina-link-spread', linkLogic, crewAnywhere),
);
