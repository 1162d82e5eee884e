/** nact, as its documentation writes it: a stateful actor, `dispatch`, and `query` with a function of the sender. */
import { loadPeer } from '../runner/peers.js';

/** An actor, or whoever asks. */
export type Ref = object;

/** What of nact is used here. */
export interface Nact {
  start(): Ref;
  spawn<S, M>(parent: Ref, handle: (state: S, message: M, context: Context) => S, name?: string, more?: object): Ref;
  dispatch(actor: Ref, message: unknown): void;
  query<R>(actor: Ref, message: (sender: Ref) => unknown, timeoutMs: number): Promise<R>;
  stop(actor: Ref): void;
}

/** What an actor is told about itself. */
export interface Context {
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
