/** Cigarette smokers: one arbiter lets one of many transition functions smoke, again and again. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { busyWait } from '../compute.js';
import { nextSmoker } from '../programs/concurrency.js';
import { SavinaRandom } from '../random.js';
import { crew, here, type Run, type Up } from './here.js';

type SmokerEvent = { type: 'smoke'; steps: number };
type ArbiterEvent = Run<{ rounds: number; smokers: number }> | Up | { type: 'started'; at: number };

interface Smoker {
  at: number;
  arbiter: ActorRef<ArbiterEvent>;
}

const smoker = defineActor(
  import.meta,
  'savina-smoker',
  fromTransition(
    (state: Smoker, { steps }: SmokerEvent) => {
      actorContext().tell(state.arbiter, { type: 'started', at: state.at });
      busyWait(steps);
      return state;
    },
    ({ input }: { input: Smoker }) => input,
  ),
  crew,
);

interface Arbiter {
  smokers: readonly ActorRef<SmokerEvent>[];
  missing: number;
  rounds: number;
  round: number;
  turns: number;
  random: SavinaRandom;
  asker: ReplyTo;
}

function choose(state: Arbiter): Arbiter {
  const next = nextSmoker(state.random, state.smokers.length);
  actorContext().tell(state.smokers[next.smoker]!, { type: 'smoke', steps: next.steps });
  return state;
}

/** Chooses who smokes. */
export const smokers = defineActor(
  import.meta,
  'savina-smokers',
  fromTransition((state: Arbiter, event: ArbiterEvent): Arbiter => {
    const turn = actorContext();
    switch (event.type) {
      case 'run': {
        const { rounds, smokers: count } = event.parameters;
        const refs = Array.from({ length: count }, (_, at) =>
          turn.spawn(smoker, { id: `smoker-${at}`, input: { at, arbiter: turn.self } }),
        );
        const rest = { random: new SavinaRandom(rounds * count), asker: turn.replyTo! };
        return { smokers: refs, missing: count, rounds, round: 0, turns: 0, ...rest };
      }
      case 'up':
        if (state.missing === 1) choose(state);
        return { ...state, missing: state.missing - 1 };
      case 'started': {
        const round = state.round + 1;
        const turns = state.turns + event.at * round;
        if (round === state.rounds) {
          turn.reply({ rounds: round, turns }, state.asker);
          return state;
        }
        return choose({ ...state, round, turns });
      }
    }
  }, {} as Arbiter),
  here,
);
