/** nact, written as its documentation does: stateful actors, `dispatch`, and `query` with a function of the sender. */
import { loadPeer } from '../runner/peers.js';
import { askAll, makeMany, type MessagesContender, pingPong, tellTally } from './load.js';

type Ref = object;

/** What of nact is used here. */
interface Nact {
  start(): Ref;
  spawn<S, M>(parent: Ref, handle: (state: S, message: M, context: Context) => S, name?: string, more?: object): Ref;
  dispatch(actor: Ref, message: unknown): void;
  query<R>(actor: Ref, message: (sender: Ref) => unknown, timeoutMs: number): Promise<R>;
  stop(actor: Ref): void;
}

interface Context {
  readonly self: Ref;
}

type Message = { type: 'add'; by: number } | { type: 'total' | 'next'; sender: Ref };

const timeoutMs = 60_000;

/** A system with an actor that counts. */
export async function counting() {
  const nact = await loadPeer<Nact>('nact');
  const system = nact.start();
  const handle = (total: number, message: Message): number => {
    if (message.type === 'add') return total + message.by;
    const next = message.type === 'next' ? total + 1 : total;
    nact.dispatch(message.sender, next);
    return next;
  };
  const actor = nact.spawn<number, Message>(system, handle, 'tally', { initialState: 0 });
  const ask = (type: 'total' | 'next') => nact.query<number>(actor, (sender) => ({ type, sender }), timeoutMs);
  return { nact, system, actor, ask };
}

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
