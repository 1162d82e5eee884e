/** Dining philosophers, as transition functions and as machines, and the arbiter who has the forks. */
import { fromTransition } from 'xstate';
import { type ActorDefinition, type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import {
  type ArbiterEvent,
  type PhilosopherEvent,
  type PhilosopherInput,
  philosopherMachine,
} from '../machines/philosophers.js';
import { crew, here, type Run, type Up } from './here.js';

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

/** Has the forks. */
function arbiterOf(name: string, of: ActorDefinition<PhilosopherInput, PhilosopherEvent>) {
  return defineActor(
    import.meta,
    name,
    fromTransition((state: Arbiter, event: LeaderEvent): Arbiter => {
      const turn = actorContext();
      switch (event.type) {
        case 'run': {
          const { philosophers: count, rounds } = event.parameters;
          const philosophers = Array.from({ length: count }, (_, at) =>
            turn.spawn(of, { id: `philosopher-${at}`, input: { at, left: rounds, arbiter: turn.self } }),
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
    }, {} as Arbiter),
    here,
  );
}

/** Of transition functions. */
export const philosophers = arbiterOf('savina-arbiter', philosopher);

const machine = defineActor(import.meta, 'savina-philosopher-machine', philosopherMachine, crew);

/** Of machines. */
export const philosophersMachines = arbiterOf('savina-arbiter-of-machines', machine);
