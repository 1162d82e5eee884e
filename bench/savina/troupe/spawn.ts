/** Spawn: transition functions and machines that are made, and each reports that it is up. */
import { fromTransition } from 'xstate';
import { type ActorDefinition, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { idleMachine } from '../machines/spawn.js';
import { crew, here, type Run, type Up } from './here.js';

const idle = defineActor(
  import.meta,
  'savina-idle',
  fromTransition((count: number, _event: { type: 'hello' }) => count + 1, 0),
  crew,
);

interface Leading {
  up: number;
  actors: number;
  asker: ReplyTo;
}

/** Makes them, and counts the reports. */
function spawnOf(name: string, of: ActorDefinition) {
  return defineActor(
    import.meta,
    name,
    fromTransition((state: Leading, event: Run<{ actors: number }> | Up): Leading => {
      const turn = actorContext();
      if (event.type === 'run') {
        const { actors } = event.parameters;
        for (let at = 0; at < actors; at += 1) turn.spawn(of, { id: `idle-${at}` });
        return { up: 0, actors, asker: turn.replyTo! };
      }
      const up = state.up + 1;
      if (up === state.actors) turn.reply({ up }, state.asker);
      return { ...state, up };
    }, {} as Leading),
    here,
  );
}

/** Transition functions. */
export const spawnMany = spawnOf('savina-spawn', idle);

/** Machines. */
export const spawnManyMachines = spawnOf(
  'savina-spawn-of-machines',
  defineActor(import.meta, 'savina-idle-machine', idleMachine, crew),
);
