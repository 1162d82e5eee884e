/** How the effects and actors of a run are called. */
import type { Address } from './run-state.js';

/**
 * The name of the effect at an address: there is one at a time, and the kernel tells an effect from the one before it.
 * It is part of the type of an event, and XState keeps something of every type it has met, for ever: so there must not
 * be more of them than there are places in a flow.
 */
export function nameOfChild(at: Address): string {
  return at;
}

/** Runs that began under an earlier version have names with a number behind. */
export function addressOfChild(child: string): Address {
  const number = child.lastIndexOf('#');
  return number < 0 ? child : child.slice(0, number);
}

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
