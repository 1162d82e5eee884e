/** troupe's workflow of five steps, at the levels that keep something. */
import { defineWorkflow, sequence, step } from '../../actors/index.js';

const addOne = ({ input }: { input: number }): number => input + 1;

const line = sequence(
  'line',
  step('one', addOne),
  step('two', addOne),
  step('three', addOne),
  step('four', addOne),
  step('five', addOne),
);

/** By level. */
export const lines = {
  flushed: defineWorkflow(import.meta, 'bench.line-flushed', line, { durability: 'flushed' }),
  committed: defineWorkflow(import.meta, 'bench.line-committed', line, { durability: 'committed' }),
};
