/** How the actors of a run are called. */
import type { Address } from './run-state.js';

/** As much of an address as fits into the id of an actor, with the number behind it. */
const charsMax = 100;

/**
 * The id of the actor of an address: legal in a path, and never used before in this run.
 * @param serial tells it from all others
 */
export function nameOfActor(at: Address, serial: number): string {
  const text = at.replaceAll('/', '.').replaceAll('[', '-').replaceAll(']', '');
  return `${text.slice(-charsMax)}.${serial}`;
}
