/** nact: every message is for an actor of the same thread. */
import { type Context, counting, type Nact, type Ref } from '../counting/nact.js';
import { loadPeer } from '../runner/peers.js';
import { askAll, makeMany, type MessagesContender, pingPong, tellTally } from './load.js';

const timeoutMs = 60_000;

/** Messages from outside to an actor of the same thread. */
export const nactTell: MessagesContender = async ({ sizes }) => {
  const { nact, system, actor, ask } = await counting();
  const tell = (by: number) => nact.dispatch(actor, { type: 'add', by });
  const measures = await tellTally({ tell, total: () => ask('total') }, sizes.functionTells, sizes);
  nact.stop(system);
  return measures;
};

/** Questions to an actor of the same thread. */
export const nactAsk: MessagesContender = async ({ sizes }) => {
  const { nact, system, ask } = await counting();
  const measures = await askAll(() => ask('next'), sizes);
  nact.stop(system);
  return measures;
};

/** Two actors send each other a number that counts down. */
export const nactPing: MessagesContender = async ({ sizes }) => {
  const nact = await loadPeer<Nact>('nact');
  const system = nact.start();
  interface Ball {
    left: number;
    seen: number;
    sender: Ref;
    asker: Ref;
  }
  const handle = (_: undefined, { left, seen, sender, asker }: Ball, { self }: Context): undefined => {
    if (left === 0) nact.dispatch(asker, seen);
    else nact.dispatch(sender, { left: left - 1, seen: seen + 1, sender: self, asker });
  };
  const ping = nact.spawn(system, handle, 'ping');
  const pong = nact.spawn(system, handle, 'pong');
  const play = (left: number) =>
    nact.query<number>(ping, (asker) => ({ left, seen: 0, sender: pong, asker }), timeoutMs);
  const measures = await pingPong(play, sizes);
  nact.stop(system);
  return measures;
};

/** Actors that do nothing. */
export const nactMany: MessagesContender = async ({ sizes }) => {
  const nact = await loadPeer<Nact>('nact');
  const system = nact.start();
  const refs: Ref[] = [];
  const handle = (total: number): number => total;
  const measures = await makeMany(async (count) => {
    for (let at = 0; at < count; at += 1) refs.push(nact.spawn(system, handle, `tally-${at}`, { initialState: 0 }));
    return new Set(refs).size;
  }, sizes);
  nact.stop(system);
  return measures;
};
