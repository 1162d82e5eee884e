/** Runs a program as actors of troupe. */
import type { ActorDefinition } from '../../src/index.js';
import { type ContenderInput, type Measures, withSystem } from '../kernel/contender.js';
import type { Outcome, Parameters, Program } from './program.js';
import { repeat } from './repeat.js';
import type { Sizes } from './sizes.js';

const timeoutMs = 300_000;

/**
 * The leader is started before the time runs, and stopped with all of its crew after it.
 * @param hosts threads for actors
 */
export function runTroupe(
  program: Program,
  leader: ActorDefinition,
  input: ContenderInput<Sizes>,
  hosts = 1,
): Promise<Measures> {
  return withSystem(
    input.folder,
    async (system) => {
      let count = 0;
      return repeat(program, parametersOf(program, input.sizes), input.sizes.repetition, async (parameters) => {
        count += 1;
        const ref = await system.spawn(leader, { id: `run-${count}`, input: undefined });
        const begin = performance.now();
        const outcome = (await ref.ask({ type: 'run', parameters }, { timeoutMs })) as Outcome;
        const ms = performance.now() - begin;
        await ref.stop();
        return { ms: program.includesEnd ? performance.now() - begin : ms, outcome };
      });
    },
    { residentActorsMax: 200_000, hosts },
  );
}

/** The parameters of these sizes. */
export function parametersOf<P extends Parameters>(program: Program<P>, sizes: Sizes): P {
  return sizes.isQuick ? program.quick : program.full;
}
