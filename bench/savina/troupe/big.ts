/** Big, of transition functions and of machines: everyone pings everyone. */
import { fromTransition } from 'xstate';
import { type ActorDefinition, type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { type PeerEvent, type PeerInput, peerMachine, type SinkEvent } from '../machines/big.js';
import { SavinaRandom } from '../random.js';
import { crew, crewAnywhere, here, type Run, type Up } from './here.js';

type LeaderEvent = Run<{ actors: number; pings: number }> | Up | SinkEvent;

interface Peer {
  at: number;
  sink: PeerInput['sink'];
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

const peerLogic = fromTransition(
  (state: Peer, event: PeerEvent): Peer => {
    switch (event.type) {
      case 'neighbours':
        return { ...state, neighbours: event.neighbours };
      case 'start':
        return pingNext(state);
      case 'ping':
        actorContext().tell(state.neighbours[event.from]!, { type: 'pong', from: state.at });
        return state;
      case 'pong': {
        const fromOthers = state.fromOthers + (event.from === state.expected ? 0 : 1);
        return pingNext({ ...state, pongs: state.pongs + 1, fromOthers });
      }
    }
  },
  ({ input }: { input: PeerInput }): Peer => {
    return { ...input, expected: -1, pongs: 0, fromOthers: 0, neighbours: [], random: new SavinaRandom(input.at) };
  },
);

const peer = defineActor(import.meta, 'savina-big-peer', peerLogic, crew);

interface Sink {
  neighbours: ActorRef<PeerEvent>[];
  missing: number;
  working: number;
  pongs: number;
  fromOthers: number;
  asker: ReplyTo;
}

/** Makes them, and hears that all are done. */
function bigOf(name: string, of: ActorDefinition<PeerInput, PeerEvent>) {
  return defineActor(
    import.meta,
    name,
    fromTransition((state: Sink, event: LeaderEvent): Sink => {
      const turn = actorContext();
      if (event.type === 'run') {
        const { actors, pings } = event.parameters;
        const neighbours = Array.from({ length: actors }, (_, at) =>
          turn.spawn(of, { id: `peer-${at}`, input: { at, left: pings, sink: turn.self } }),
        );
        return { neighbours, missing: actors, working: actors, pongs: 0, fromOthers: 0, asker: turn.replyTo! };
      }
      if (event.type === 'up') {
        const { neighbours, missing } = state;
        if (missing === 1) {
          for (const each of neighbours) turn.tell(each, { type: 'neighbours', neighbours });
          for (const each of neighbours) turn.tell(each, { type: 'start' });
        }
        return { ...state, missing: missing - 1 };
      }
      const pongs = state.pongs + event.pongs;
      const fromOthers = state.fromOthers + event.fromOthers;
      if (state.working === 1) turn.reply({ pongs, fromOthers }, state.asker);
      return { ...state, working: state.working - 1, pongs, fromOthers };
    }, {} as Sink),
    here,
  );
}

/** Of transition functions. */
export const big = bigOf('savina-big', peer);

/** Of machines. */
export const bigMachines = bigOf(
  'savina-big-of-machines',
  defineActor(import.meta, 'savina-big-machine', peerMachine, crew),
);

/** Of transition functions on several hosts. */
export const bigSpread = bigOf(
  'savina-big-spread',
  defineActor(import.meta, 'savina-big-peer-spread', peerLogic, crewAnywhere),
);
