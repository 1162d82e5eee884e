/**
 * Effect's fibers, as its documentation writes them: a fiber takes what is in its queue for ever, and whoever asks puts
 * a Deferred into the message and awaits it. All on one thread: fibers have no other.
 */
import { loadPeer } from '../runner/peers.js';

/** An effect: `yield*` gives its result. */
interface Io<T> {
  [Symbol.iterator](): Iterator<unknown, T, unknown>;
}
/** Of messages. */
export interface Queue<M> {
  readonly of?: M;
}
/** What is answered later. */
export interface Deferred<T> {
  readonly of?: T;
}
/** A generator whose `yield*` runs an effect; what it yields is Effect's own business. */
type Steps<T> = Generator<unknown, T, unknown>;

/** What of Effect is used here. */
export interface Effect {
  readonly Effect: {
    gen<T>(steps: () => Steps<T>): Io<T>;
    forever<T>(io: Io<T>): Io<never>;
    forkDetach<T>(io: Io<T>): Io<object>;
    runPromise<T>(io: Io<T>): Promise<T>;
    runFork<T>(io: Io<T>): object;
    readonly never: Io<never>;
  };
  readonly Queue: {
    unbounded<M>(): Io<Queue<M>>;
    offer<M>(queue: Queue<M>, message: M): Io<boolean>;
    offerUnsafe<M>(queue: Queue<M>, message: M): boolean;
    take<M>(queue: Queue<M>): Io<M>;
    takeAll<M>(queue: Queue<M>): Io<readonly M[]>;
  };
  readonly Deferred: {
    make<T>(): Io<Deferred<T>>;
    succeed<T>(deferred: Deferred<T>, value: T): Io<boolean>;
    await<T>(deferred: Deferred<T>): Io<T>;
  };
}

/** What the fiber that counts understands. */
export type Message = { type: 'add'; by: number } | { type: 'total' | 'next'; reply: Deferred<number> };

/** A fiber that counts, and how to ask it. */
export async function counting() {
  const { Deferred, Effect, Queue } = await loadPeer<Effect>('effect');
  const queue = await Effect.runPromise(Queue.unbounded<Message>());
  let total = 0;
  const handleAll = Effect.gen(function* () {
    for (const message of yield* Queue.takeAll(queue)) {
      if (message.type === 'add') {
        total += message.by;
        continue;
      }
      if (message.type === 'next') total += 1;
      yield* Deferred.succeed(message.reply, total);
    }
  });
  Effect.runFork(Effect.forever(handleAll));
  const question = (type: 'total' | 'next') =>
    Effect.gen(function* () {
      const reply = yield* Deferred.make<number>();
      yield* Queue.offer(queue, { type, reply });
      return yield* Deferred.await(reply);
    });
  const ask = (type: 'total' | 'next') => Effect.runPromise(question(type));
  const tell = (by: number) => void Queue.offerUnsafe(queue, { type: 'add', by });
  return { ask, tell };
}
