/** Effect's fibers: all on one thread. */
import { counting, type Deferred, type Effect, type Message, type Queue } from '../counting/effect.js';
import { loadPeer } from '../runner/peers.js';
import { askAll, makeMany, type MessagesContender, pingPong, tellTally } from './load.js';

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
