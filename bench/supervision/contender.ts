/** What a contender of this suite gets. */
import type { ContenderInput, Measures } from '../kernel/contender.js';
import type { Sizes } from './sizes.js';

/** What the runner gives a contender. */
export type SupervisionInput = ContenderInput<Sizes>;

/** One way of doing the work, run in a process of its own. */
export type SupervisionContender = (input: SupervisionInput) => Promise<Measures>;
