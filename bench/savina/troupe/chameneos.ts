/** Chameneos of transition functions: creatures meet in pairs at one place and change colours. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { complement } from '../colours.js';
import { crew, here, type Run, type Up } from './here.js';

interface Meet {
  type: 'meet';
  from: ActorRef<CreatureEvent>;
  colour: number;
}

type CreatureEvent = Meet | { type: 'change'; colour: number } | { type: 'faded' };
type MallEvent = Run<{ creatures: number; meetings: number }> | Up | Meet | { type: 'met'; count: number };

interface Creature {
  colour: number;
  met: number;
  mall: ActorRef<MallEvent>;
}

const creature = defineActor(
  import.meta,
  'savina-creature',
  fromTransition(
    (state: Creature, event: CreatureEvent): Creature => {
      const turn = actorContext();
      const { mall } = state;
      if (event.type === 'faded') {
        turn.tell(mall, { type: 'met', count: state.met });
        return state;
      }
      const colour = event.type === 'meet' ? complement(state.colour, event.colour) : event.colour;
      if (event.type === 'meet') turn.tell(event.from, { type: 'change', colour });
      turn.tell(mall, { type: 'meet', from: turn.self, colour });
      return { colour, met: state.met + 1, mall };
    },
    ({ input }: { input: { colour: number; mall: ActorRef<MallEvent> } }): Creature => ({ ...input, met: 0 }),
  ),
  crew,
);

interface Mall {
  left: number;
  waiting: ActorRef<CreatureEvent> | undefined;
  crew: readonly ActorRef<CreatureEvent>[];
  missing: number;
  creatures: number;
  sum: number;
  asker: ReplyTo;
}

/** Where they meet. */
export const chameneos = defineActor(
  import.meta,
  'savina-mall',
  fromTransition((state: Mall, event: MallEvent): Mall => {
    const turn = actorContext();
    switch (event.type) {
      case 'run': {
        const { creatures, meetings } = event.parameters;
        const crew = Array.from({ length: creatures }, (_, at) =>
          turn.spawn(creature, { id: `creature-${at}`, input: { colour: at % 3, mall: turn.self } }),
        );
        const counts = { left: meetings, missing: creatures, creatures, sum: 0 };
        return { ...counts, crew, waiting: undefined, asker: turn.replyTo! };
      }
      case 'up':
        // A hook does not know the input, so the mall says for them that they have come, and with what colour.
        if (state.missing === 1) {
          for (const [at, from] of state.crew.entries()) turn.tell(turn.self, { type: 'meet', from, colour: at % 3 });
        }
        return { ...state, missing: state.missing - 1 };
      case 'meet':
        if (state.left === 0) {
          turn.tell(event.from, { type: 'faded' });
          return state;
        }
        if (state.waiting === undefined) return { ...state, waiting: event.from };
        turn.tell(state.waiting, event);
        return { ...state, left: state.left - 1, waiting: undefined };
      case 'met': {
        const sum = state.sum + event.count;
        if (state.creatures === 1) turn.reply({ met: sum }, state.asker);
        return { ...state, creatures: state.creatures - 1, sum };
      }
    }
  }, {} as Mall),
  here,
);
