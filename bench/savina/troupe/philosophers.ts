/** Dining philosophers as transition functions, and the arbiter who has the forks. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { crew, here, type Run, type Up } from './here.js';

/** What a philosopher hears. */
export type PhilosopherEvent = { type: 'start' } | { type: 'denied' } | { type: 'eat' };

/** What the arbiter hears of one. */
export type ArbiterEvent =
  | { type: 'hungry'; from: ActorRef<PhilosopherEvent>; at: number }
  | { type: 'done'; at: number }
  | { type: 'left' };

/** How one is started. */
export interface PhilosopherInput {
  at: number;
  left: number;
  arbiter: ActorRef<ArbiterEvent>;
}

const philosopher = defineActor(
  import.meta,
  'savina-philosopher',
  fromTransition(
    (state: PhilosopherInput, event: PhilosopherEvent): PhilosopherInput => {
      const turn = actorContext();
      const { at, arbiter } = state;
      if (event.type !== 'eat') {
        turn.tell(arbiter, { type: 'hungry', from: turn.self, at });
        return state;
      }
      turn.tell(arbiter, { type: 'done', at });
      const left = state.left - 1;
      if (left > 0) turn.tell(turn.self, { type: 'start' });
      else turn.tell(arbiter, { type: 'left' });
      return { at, left, arbiter };
    },
    ({ input }: { input: PhilosopherInput }) => input,
  ),
  crew,
);

interface Arbiter {
  philosophers: readonly ActorRef<PhilosopherEvent>[];
  missing: number;
  taken: boolean[];
  dining: number;
  meals: number;
  clashes: number;
  asker: ReplyTo;
}

type LeaderEvent = Run<{ philosophers: number; rounds: number }> | Up | ArbiterEvent;

/** The arbiter. @param spawn starts a philosopher */
function arbiterLogic(spawn: (options: { id: string; input: PhilosopherInput }) => ActorRef<PhilosopherEvent>) {
  return fromTransition((state: Arbiter, event: LeaderEvent): Arbiter => {
    const turn = actorContext();
    switch (event.type) {
      case 'run': {
        const { philosophers: count, rounds } = event.parameters;
        const philosophers = Array.from({ length: count }, (_, at) =>
          spawn({ id: `philosopher-${at}`, input: { at, left: rounds, arbiter: turn.self } }),
        );
        const taken = philosophers.map(() => false);
        return { philosophers, missing: count, taken, dining: count, meals: 0, clashes: 0, asker: turn.replyTo! };
      }
      case 'up':
        if (state.missing === 1) for (const each of state.philosophers) turn.tell(each, { type: 'start' });
        return { ...state, missing: state.missing - 1 };
      case 'hungry': {
        const { taken } = state;
        const right = (event.at + 1) % taken.length;
        const isFree = !taken[event.at] && !taken[right];
        if (isFree) taken[event.at] = taken[right] = true;
        turn.tell(event.from, { type: isFree ? 'eat' : 'denied' });
        return state;
      }
      case 'done': {
        const { taken } = state;
        const right = (event.at + 1) % taken.length;
        const clashes = state.clashes + (taken[event.at] && taken[right] ? 0 : 1);
        taken[event.at] = taken[right] = false;
        return { ...state, meals: state.meals + 1, clashes };
      }
      case 'left':
        if (state.dining === 1) turn.reply({ meals: state.meals, clashes: state.clashes }, state.asker);
        return { ...state, dining: state.dining - 1 };
    }
  }, {} as Arbiter);
}

/** Has the forks. */
export const philosophers = defineActor(
  import.meta,
  'savina-arbiter',
  arbiterLogic((options) => actorContext().spawn(philosopher, options)),
  here,
);
