/** Which implementation of a cell's logic runs a definition. */
import type { AnyActorLogic } from 'xstate';
import type { CellLogic } from './logic.js';
import { type EffectFunction, withEffects } from './named-effects.js';
import { transitionLogic } from './transition-logic.js';
import { hasEffect, isMachine } from './xstate-internals.js';
import { xstateLogic } from './xstate-logic.js';

/**
 * The cell logic for a definition. Keep it: it is the same for all actors of the definition.
 * @param logic any XState logic that `checkLogic` has accepted
 * @param effects those the definition names; default: none
 */
export function logicFor(logic: AnyActorLogic, effects?: Readonly<Record<string, EffectFunction>>): CellLogic {
  const alone = isMachine(logic) || hasEffect(logic) ? xstateLogic(logic) : transitionLogic(logic);
  return effects === undefined ? alone : withEffects(alone, effects);
}
