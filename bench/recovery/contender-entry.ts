/** The contenders of the suite, each in a process of its own. */
import type { ContenderInput, Measures } from '../kernel/contender.js';
import { contend } from '../runner/contend.js';
import { prepare } from './prepare.js';
import { check, history, rawAll, rawLog, rawRows, recoverLog, recoverRows, states } from './reading.js';
import type { Sizes } from './sizes.js';

const contenders: Record<string, (input: ContenderInput<Sizes>) => Promise<Measures>> = {
  prepare,
  'raw-rows': rawRows,
  'raw-log': rawLog,
  'raw-all': rawAll,
  states,
  'recover-rows': recoverRows,
  'recover-log': recoverLog,
  history,
  check,
};

await contend<ContenderInput<Sizes>>(contenders, { dying: ['prepare'] });
