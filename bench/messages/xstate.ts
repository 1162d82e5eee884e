/** XState by itself, on one thread, nothing kept. */
import { type ActorRef, type ActorRefFrom, sendTo, setup } from 'xstate';
import { tallyMachine } from '../kernel/actors.js';
import { xstateTell } from '../kernel/xstate-alone.js';
import { makeXstate, spawnXstate } from '../kernel/xstate-spawn.js';
import { makeMany, type MessagesContender, pingPong } from './load.js';
import type { Sizes } from './sizes.js';

/** Messages by `actor.send`, every one to another machine. */
export function tellXstate(machines: keyof Sizes, tells: keyof Sizes): MessagesContender {
  return (input) => {
    const sizes = { ...input.sizes, machines: input.sizes[machines], tells: input.sizes[tells] };
    return xstateTell({ ...input, sizes });
  };
}

interface Ball {
  type: 'ball';
  left: number;
  seen: number;
  from: ActorRef<never, Ball>;
  done: (seen: number) => void;
}

const player = setup({
  types: { events: {} as Ball },
  actions: {
    finish: ({ event }) => event.done(event.seen),
    returnBall: sendTo(
      ({ event }) => event.from,
      ({ event: { left, seen, done }, self }) => {
        const from = self as unknown as ActorRef<never, Ball>;
        return { type: 'ball' as const, left: left - 1, seen: seen + 1, from, done };
      },
    ),
  },
}).createMachine({
  on: {
    ball: [{ guard: ({ event }) => event.left === 0, actions: 'finish' }, { actions: 'returnBall' }],
  },
});

/** Two machines send each other a number that counts down. */
export const xstatePing: MessagesContender = async ({ sizes }) => {
  const [ping, pong] = spawnXstate(player, 2);
  const play = (left: number) =>
    new Promise<number>((done) => {
      ping?.send({ type: 'ball', left, seen: 0, from: pong as unknown as ActorRef<never, Ball>, done });
    });
  return pingPong(play, sizes);
};

/** Machines that do nothing, made in one of two ways. */
function many(make: (count: number) => readonly ActorRefFrom<typeof tallyMachine>[]): MessagesContender {
  return async ({ sizes }) => {
    let kept: readonly ActorRefFrom<typeof tallyMachine>[] = [];
    return makeMany(async (count) => {
      kept = make(count);
      return kept.filter((actor) => actor.getSnapshot().status === 'active').length;
    }, sizes);
  };
}

/** Each a root: made sooner. */
export const xstateMany = many((count) => makeXstate(tallyMachine, count));

/** All of one parent: less memory. */
export const xstateChildren = many((count) => spawnXstate(tallyMachine, count));
