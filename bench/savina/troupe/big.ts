/** Big, of transition functions: everyone pings everyone. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { SavinaRandom } from '../random.js';
import { crew, here, type Run, type Up } from './here.js';

type PeerEvent =
  | { type: 'neighbours'; neighbours: ActorRef<PeerEvent>[] }
  | { type: 'ping'; from: number }
  | { type: 'pong'; from: number };
type SinkEvent = Run<{ actors: number; pings: number }> | Up | { type: 'done'; pongs: number; fromOthers: number };

interface Peer {
  at: number;
  sink: ActorRef<SinkEvent>;
  left: number;
  expected: number;
  pongs: number;
  fromOthers: number;
  neighbours: readonly ActorRef<PeerEvent>[];
  random: SavinaRandom;
}

/** The next ping, or word that all are answered. */
function pingNext(state: Peer): Peer {
  const { sink, pongs, fromOthers } = state;
  if (state.left === 0) {
    actorContext().tell(sink, { type: 'done', pongs, fromOthers });
    return { ...state, expected: -1 };
  }
  const expected = state.random.below(state.neighbours.length);
  actorContext().tell(state.neighbours[expected]!, { type: 'ping', from: state.at });
  return { ...state, expected, left: state.left - 1 };
}

const peer = defineActor(
  import.meta,
  'savina-big-peer',
  fromTransition(
    (state: Peer, event: PeerEvent): Peer => {
      switch (event.type) {
        case 'neighbours':
          return pingNext({ ...state, neighbours: event.neighbours });
        case 'ping':
          actorContext().tell(state.neighbours[event.from]!, { type: 'pong', from: state.at });
          return state;
        case 'pong': {
          const fromOthers = state.fromOthers + (event.from === state.expected ? 0 : 1);
          return pingNext({ ...state, pongs: state.pongs + 1, fromOthers });
        }
      }
    },
    ({ input }: { input: { at: number; left: number; sink: ActorRef<SinkEvent> } }): Peer => {
      return { ...input, expected: -1, pongs: 0, fromOthers: 0, neighbours: [], random: new SavinaRandom(input.at) };
    },
  ),
  crew,
);

interface Sink {
  neighbours: ActorRef<PeerEvent>[];
  missing: number;
  working: number;
  pongs: number;
  fromOthers: number;
  asker: ReplyTo;
}

/** Makes them, and hears that all are done. */
export const big = defineActor(
  import.meta,
  'savina-big',
  fromTransition((state: Sink, event: SinkEvent): Sink => {
    const turn = actorContext();
    if (event.type === 'run') {
      const { actors, pings } = event.parameters;
      const neighbours = Array.from({ length: actors }, (_, at) =>
        turn.spawn(peer, { id: `peer-${at}`, input: { at, left: pings, sink: turn.self } }),
      );
      return { neighbours, missing: actors, working: actors, pongs: 0, fromOthers: 0, asker: turn.replyTo! };
    }
    if (event.type === 'up') {
      const { neighbours, missing } = state;
      if (missing === 1) for (const each of neighbours) turn.tell(each, { type: 'neighbours', neighbours });
      return { ...state, missing: missing - 1 };
    }
    const pongs = state.pongs + event.pongs;
    const fromOthers = state.fromOthers + event.fromOthers;
    if (state.working === 1) turn.reply({ pongs, fromOthers }, state.asker);
    return { ...state, working: state.working - 1, pongs, fromOthers };
  }, {} as Sink),
  here,
);
