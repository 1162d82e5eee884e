/** The little work some programs do for a message. */
import { SavinaRandom } from './random.js';

/** What fork-join does for each message. */
export function computeSine(theta: number): number {
  const sine = Math.sin(theta);
  return sine * sine;
}

/** What an item of the bounded buffer costs: a hundred logarithms for each unit. */
export function workOn(term: number, cost: number): number {
  const random = new SavinaRandom(cost);
  let sum = term;
  for (let at = 0; at < cost * 100; at += 1) sum += Math.log(1 / (random.next() + 1) + 0.01);
  return sum;
}

/** So many steps of nothing. @returns their number, so that they are not left out */
export function busyWait(steps: number): number {
  let count = 0;
  for (let at = 0; at < steps; at += 1) count = (count + 1) | 0;
  return count;
}

/** Does none of these primes divide it? */
export function isPrimeAmong(candidate: number, primes: readonly number[]): boolean {
  for (const prime of primes) if (candidate % prime === 0) return false;
  return true;
}
