/**
 * Effect's fibers, as its documentation writes them: a fiber takes what is in its queue for ever, and whoever asks puts
 * a Deferred into the message and awaits it. All on one thread: fibers have no other.
 */
import { loadPeer } from '../runner/peers.js';
import { askAll, makeMany, type MessagesContender, pingPong, tellTally } from './load.js';

/** An effect: `yield*` gives its result. */
interface Io<T> {
  [Symbol.iterator](): Iterator<unknown, T, unknown>;
}
interface Queue<M> {
  readonly of?: M;
}
interface Deferred<T> {
  readonly of?: T;
}
/** A generator whose `yield*` runs an effect; what it yields is Effect's own business. */
type Steps<T> = Generator<unknown, T, unknown>;

/** What of Effect is used here. */
interface Effect {
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

type Message = { type: 'add'; by: number } | { type: 'total' | 'next'; reply: Deferred<number> };

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

/** Messages from outside to a fiber. */
export const effectTell: MessagesContender = async ({ sizes }) => {
  const { ask, tell } = await counting();
  return tellTally({ tell, total: () => ask('total') }, sizes.functionTells, sizes);
};

/** Questions from outside to a fiber. */
export const effectAsk: MessagesContender = async ({ sizes }) => {
  const { ask } = await counting();
  return askAll(() => ask('next'), sizes);
};

/** Two fibers, a queue each. */
export const effectPing: MessagesContender = async ({ sizes }) => {
  const { Deferred, Effect, Queue } = await loadPeer<Effect>('effect');
  interface Ball {
    left: number;
    seen: number;
    done: Deferred<number>;
  }
  const [ping, pong] = await Promise.all([1, 2].map(() => Effect.runPromise(Queue.unbounded<Ball>())));
  const player = (mine: Queue<Ball>, theirs: Queue<Ball>) =>
    Effect.forever(
      Effect.gen(function* () {
        const { left, seen, done } = yield* Queue.take(mine);
        if (left === 0) yield* Deferred.succeed(done, seen);
        else yield* Queue.offer(theirs, { left: left - 1, seen: seen + 1, done });
      }),
    );
  Effect.runFork(player(ping!, pong!));
  Effect.runFork(player(pong!, ping!));
  const play = (left: number) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const done = yield* Deferred.make<number>();
        yield* Queue.offer(ping!, { left, seen: 0, done });
        return yield* Deferred.await(done);
      }),
    );
  return pingPong(play, sizes);
};

/** Fibers that wait at an empty queue of their own. */
export const effectMany: MessagesContender = async ({ sizes }) => {
  const { Effect, Queue } = await loadPeer<Effect>('effect');
  const kept: object[] = [];
  const spawn = Effect.gen(function* () {
    const queue = yield* Queue.unbounded<Message>();
    kept.push(yield* Effect.forkDetach(Effect.forever(Queue.takeAll(queue))));
  });
  return makeMany(async (count) => {
    await Effect.runPromise(
      Effect.gen(function* () {
        for (let at = 0; at < count; at += 1) yield* spawn;
      }),
    );
    return new Set(kept).size;
  }, sizes);
};
