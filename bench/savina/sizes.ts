/** How much each contender does: every program has its own parameters for both. */
import type { Repetition } from './program.js';

/** See the fields. */
export interface Sizes {
  readonly isQuick: boolean;
  readonly repetition: Repetition;
}

/** Savina's own parameters. */
export const fullSizes: Sizes = { isQuick: false, repetition: { budgetMs: 2_000, runsMax: 9 } };

/** To see that everything runs. */
export const quickSizes: Sizes = { isQuick: true, repetition: { budgetMs: 0, runsMax: 1 } };
