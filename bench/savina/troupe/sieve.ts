/** Sieve: candidates run along a chain of transition functions, each with so many primes. */
import { fromTransition } from 'xstate';
import { type ActorDefinition, type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { isPrimeAmong } from '../compute.js';
import { crew, here, type Run, type Up } from './here.js';

type FilterEvent = Up | { type: 'candidate'; candidate: number } | { type: 'done' };
type LeaderEvent =
  | Run<{ limit: number; primesEach: number; burst: number }>
  | Up
  | { type: 'more' }
  | { type: 'primes'; primes: number };

interface Filter {
  id: number;
  primes: number[];
  primesEach: number;
  leader: ActorRef<LeaderEvent>;
  /** The next one; it gets what came until it was up. */
  next?: ActorRef<FilterEvent>;
  isNextUp: boolean;
  aside: FilterEvent[];
}

type FilterInput = Pick<Filter, 'id' | 'primes' | 'primesEach' | 'leader'>;

/** To the next filter; what comes before that one is up is put aside, so that nothing overtakes. */
function pass(state: Filter, event: FilterEvent): Filter {
  if (state.isNextUp) actorContext().tell(state.next!, event);
  else state.aside.push(event);
  return state;
}

const filter: ActorDefinition<FilterInput, FilterEvent> = defineActor(
  import.meta,
  'savina-filter',
  fromTransition(
    (state: Filter, event: FilterEvent): Filter => {
      const turn = actorContext();
      switch (event.type) {
        case 'candidate': {
          const { primes, primesEach } = state;
          if (!isPrimeAmong(event.candidate, primes)) return state;
          if (state.next !== undefined) return pass(state, event);
          if (primes.length < primesEach) {
            primes.push(event.candidate);
            return state;
          }
          const input = { id: state.id + 1, primes: [event.candidate], primesEach, leader: state.leader };
          return { ...state, next: turn.spawn(filter, { id: 'next', input }) };
        }
        case 'up':
          for (const each of state.aside) turn.tell(state.next!, each);
          return { ...state, isNextUp: true, aside: [] };
        case 'done':
          if (state.next !== undefined) return pass(state, event);
          turn.tell(state.leader, { type: 'primes', primes: (state.id - 1) * state.primesEach + state.primes.length });
          return state;
      }
    },
    ({ input }: { input: FilterInput }): Filter => ({ ...input, isNextUp: false, aside: [] }),
  ),
  crew,
);

interface Leading {
  next: number;
  burst: number;
  limit: number;
  first: ActorRef<FilterEvent>;
  asker: ReplyTo;
}

/** Sends the candidates. */
export const sieve = defineActor(
  import.meta,
  'savina-sieve',
  fromTransition((state: Leading, event: LeaderEvent): Leading => {
    const turn = actorContext();
    switch (event.type) {
      case 'run': {
        const { limit, primesEach, burst } = event.parameters;
        const input = { id: 1, primes: [2], primesEach, leader: turn.self };
        return { next: 3, burst, limit, first: turn.spawn(filter, { id: 'first', input }), asker: turn.replyTo! };
      }
      case 'up':
      case 'more': {
        const end = Math.min(state.limit, state.next + 2 * state.burst);
        let { next } = state;
        for (; next < end; next += 2) turn.tell(state.first, { type: 'candidate', candidate: next });
        if (next < state.limit) turn.tell(turn.self, { type: 'more' });
        else turn.tell(state.first, { type: 'done' });
        return { ...state, next };
      }
      case 'primes':
        turn.reply({ primes: event.primes }, state.asker);
        return state;
    }
  }, {} as Leading),
  here,
);
