/** What a contender of this suite gets and gives. */
import type { ContenderInput, Measures } from '../kernel/contender.js';
import type { Sample } from '../runner/entrant.js';
import type { Sizes } from './sizes.js';

/** What the runner gives a contender. */
export type EnduranceInput = ContenderInput<Sizes>;

/** What it measured, and what it sampled while it worked. */
export interface Endured {
  readonly measures: Measures;
  readonly samples?: readonly Sample[];
}

/** One thing to endure, in a process of its own. */
export type EnduranceContender = (input: EnduranceInput) => Promise<Endured>;
