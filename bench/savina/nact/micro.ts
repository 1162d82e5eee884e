/** Savina's micro benchmarks with nact. */
import { complement } from '../colours.js';
import { computeSine } from '../compute.js';
import type { Outcome } from '../program.js';
import type * as micro from '../programs/micro.js';
import { SavinaRandom } from '../random.js';
import { begin, type NactProgram, type Ref } from './api.js';

/** The parameters of a program. */
type Of<T> = T extends { readonly full: infer P } ? P : never;

/** See `programs/micro.ts`. */
export const pingPong: NactProgram<Of<typeof micro.pingPong>> = ({ spawn, dispatch }, system, { pings }) =>
  new Promise<Outcome>((resolve) => {
    const pong = spawn(
      system,
      (count: number, message: { type: 'ping' | 'stop' }, { self, sender }) => {
        if (message.type === 'stop') {
          dispatch(sender, { type: 'pongs', count }, self);
          return count;
        }
        dispatch(sender, { type: 'pong' }, self);
        return count + 1;
      },
      'pong',
      { initialState: 0 },
    );
    type Message = { type: 'begin' | 'next' | 'pong' } | { type: 'pongs'; count: number };
    const ping = spawn(
      system,
      (left: number, message: Message, { self }) => {
        if (message.type === 'pongs') resolve({ pongs: message.count });
        else if (message.type !== 'pong') {
          dispatch(pong, { type: 'ping' }, self);
          return left - 1;
        } else if (left > 0) dispatch(self, { type: 'next' });
        else dispatch(pong, { type: 'stop' }, self);
        return left;
      },
      'ping',
      { initialState: pings },
    );
    dispatch(ping, begin);
  });

/** See `programs/micro.ts`. */
export const counting: NactProgram<Of<typeof micro.counting>> = ({ spawn, dispatch }, system, { messages, burst }) =>
  new Promise<Outcome>((resolve) => {
    const counter = spawn(
      system,
      (count: number, message: { type: 'increment' | 'retrieve' }, { sender }) => {
        if (message.type === 'increment') return count + 1;
        dispatch(sender, { type: 'count', count });
        return count;
      },
      'counter',
      { initialState: 0 },
    );
    const producer = spawn(
      system,
      (left: number, message: { type: 'begin' | 'more' } | { type: 'count'; count: number }, { self }) => {
        if (message.type === 'count') {
          resolve({ count: message.count });
          return left;
        }
        const sent = Math.min(left, burst);
        for (let at = 0; at < sent; at += 1) dispatch(counter, { type: 'increment' });
        if (sent > 0) dispatch(self, { type: 'more' });
        else dispatch(counter, { type: 'retrieve' }, self);
        return left - sent;
      },
      'producer',
      { initialState: messages },
    );
    dispatch(producer, begin);
  });

/** See `programs/micro.ts`. */
export const forkJoinThroughput: NactProgram<Of<typeof micro.forkJoinThroughput>> = (
  { spawn, dispatch },
  system,
  { actors, messages, burst },
) =>
  new Promise<Outcome>((resolve) => {
    const rounds = Math.floor(burst / actors);
    let working = actors;
    let handled = 0;
    const leader = spawn(
      system,
      (left: number, message: { type: 'begin' | 'more' } | { type: 'handled'; count: number }, { self }) => {
        if (message.type === 'handled') {
          working -= 1;
          handled += message.count;
          if (working === 0) resolve({ handled });
          return left;
        }
        const sent = Math.min(left, rounds);
        for (let at = 0; at < sent; at += 1) for (const each of workers) dispatch(each, { type: 'message' });
        if (sent < left) dispatch(self, { type: 'more' });
        return left - sent;
      },
      'leader',
      { initialState: messages },
    );
    const workers = Array.from({ length: actors }, (_, at) =>
      spawn(
        system,
        (before: number) => {
          computeSine(37.2);
          const count = before + 1;
          if (count === messages) dispatch(leader, { type: 'handled', count });
          return count;
        },
        `worker-${at}`,
        { initialState: 0 },
      ),
    );
    dispatch(leader, begin);
  });

/** See `programs/micro.ts`. */
export const forkJoinCreate: NactProgram<Of<typeof micro.forkJoinCreate>> = (
  { spawn, dispatch, stop },
  system,
  { actors },
) =>
  new Promise<Outcome>((resolve) => {
    let ended = 0;
    const afterStop = () => {
      ended += 1;
      if (ended === actors) resolve({ ended });
    };
    for (let at = 0; at < actors; at += 1) {
      const worker = spawn(
        system,
        (_state: undefined, _message: unknown, { self }) => {
          computeSine(37.2);
          stop(self);
        },
        `worker-${at}`,
        { afterStop },
      );
      dispatch(worker, { type: 'message' });
    }
  });

/** See `programs/micro.ts`. */
export const threadRing: NactProgram<Of<typeof micro.threadRing>> = ({ spawn, dispatch }, system, { actors, hops }) =>
  new Promise<Outcome>((resolve) => {
    const links = Array.from({ length: actors }, (_, at) =>
      spawn(
        system,
        (next: Ref, message: { type: 'next'; next: Ref } | { type: 'token'; left: number }) => {
          if (message.type === 'next') return message.next;
          if (message.left === 0) resolve({ endedAt: at });
          else dispatch(next, { type: 'token', left: message.left - 1 });
          return next;
        },
        `link-${at}`,
      ),
    );
    for (const [at, link] of links.entries()) dispatch(link, { type: 'next', next: links[(at + 1) % actors] });
    dispatch(links[0]!, { type: 'token', left: hops });
  });

/** See `programs/micro.ts`. */
export const chameneos: NactProgram<Of<typeof micro.chameneos>> = (
  { spawn, dispatch },
  system,
  { creatures, meetings },
) =>
  new Promise<Outcome>((resolve) => {
    interface Mall {
      left: number;
      waiting: Ref | undefined;
      creatures: number;
      sum: number;
    }
    const mall = spawn(
      system,
      (state: Mall, message: { type: 'meet'; from: Ref } | { type: 'met'; count: number }, { self }): Mall => {
        if (message.type === 'met') {
          const sum = state.sum + message.count;
          if (state.creatures === 1) resolve({ met: sum });
          return { ...state, creatures: state.creatures - 1, sum };
        }
        if (state.left === 0) {
          dispatch(message.from, { type: 'faded' }, self);
          return state;
        }
        if (state.waiting === undefined) return { ...state, waiting: message.from };
        dispatch(state.waiting, message, self);
        return { ...state, left: state.left - 1, waiting: undefined };
      },
      'mall',
      { initialState: { left: meetings, waiting: undefined, creatures, sum: 0 } },
    );
    type Message = { type: 'meet'; from: Ref; colour: number } | { type: 'change'; colour: number } | { type: 'faded' };
    for (let at = 0; at < creatures; at += 1) {
      const from = spawn(
        system,
        (state: { colour: number; met: number }, message: Message, { self }) => {
          if (message.type === 'faded') {
            dispatch(mall, { type: 'met', count: state.met });
            return state;
          }
          const colour = message.type === 'meet' ? complement(state.colour, message.colour) : message.colour;
          if (message.type === 'meet') dispatch(message.from, { type: 'change', colour });
          dispatch(mall, { type: 'meet', from: self, colour });
          return { colour, met: state.met + 1 };
        },
        `creature-${at}`,
        { initialState: { colour: at % 3, met: 0 } },
      );
      dispatch(mall, { type: 'meet', from, colour: at % 3 });
    }
  });

/** See `programs/micro.ts`. */
export const big: NactProgram<Of<typeof micro.big>> = ({ spawn, dispatch }, system, { actors, pings }) =>
  new Promise<Outcome>((resolve) => {
    let working = actors;
    let pongs = 0;
    let fromOthers = 0;
    const sink = spawn(
      system,
      (_state: undefined, message: { pongs: number; fromOthers: number }) => {
        working -= 1;
        pongs += message.pongs;
        fromOthers += message.fromOthers;
        if (working === 0) resolve({ pongs, fromOthers });
      },
      'sink',
    );
    interface Peer {
      left: number;
      expected: number;
      pongs: number;
      fromOthers: number;
    }
    const peers: Ref[] = Array.from({ length: actors }, (_, at) => {
      const random = new SavinaRandom(at);
      const pingNext = (state: Peer): Peer => {
        if (state.left === 0) {
          dispatch(sink, { pongs: state.pongs, fromOthers: state.fromOthers });
          return { ...state, expected: -1 };
        }
        const expected = random.below(actors);
        dispatch(peers[expected]!, { type: 'ping', from: at });
        return { ...state, expected, left: state.left - 1 };
      };
      return spawn(
        system,
        (state: Peer, message: { type: 'begin' } | { type: 'ping' | 'pong'; from: number }): Peer => {
          if (message.type === 'begin') return pingNext(state);
          if (message.type === 'ping') {
            dispatch(peers[message.from]!, { type: 'pong', from: at });
            return state;
          }
          const others = state.fromOthers + (message.from === state.expected ? 0 : 1);
          return pingNext({ ...state, pongs: state.pongs + 1, fromOthers: others });
        },
        `peer-${at}`,
        { initialState: { left: pings, expected: -1, pongs: 0, fromOthers: 0 } },
      );
    });
    for (const each of peers) dispatch(each, begin);
  });

/** See `programs/micro.ts`. There is no hook before the first message: each is told one, and answers it. */
export const spawnMany: NactProgram<Of<typeof micro.spawnMany>> = ({ spawn, dispatch }, system, { actors }) =>
  new Promise<Outcome>((resolve) => {
    let up = 0;
    const leader = spawn(
      system,
      () => {
        up += 1;
        if (up === actors) resolve({ up });
      },
      'leader',
    );
    for (let at = 0; at < actors; at += 1) {
      const idle = spawn(
        system,
        (count: number, _message: unknown, { sender }) => {
          dispatch(sender, { type: 'up' });
          return count + 1;
        },
        `idle-${at}`,
        { initialState: 0 },
      );
      dispatch(idle, { type: 'hello' }, leader);
    }
  });
