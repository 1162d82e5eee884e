/** A contender's process: does the one thing it is told to, and says what it measured as one line of JSON. */
import { writeSync } from 'node:fs';
import type { ContenderInput, Measures } from '../kernel/contender.js';
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

const [name = '', input = '{}'] = process.argv.slice(2);
const contender = contenders[name];
if (contender === undefined) throw new Error(`there is no contender ${name}`);
const measures = await contender(JSON.parse(input) as ContenderInput<Sizes>);
// Written at once: the process may be killed as soon as the line is out.
writeSync(1, `${JSON.stringify(measures)}\n`);
if (name === 'prepare') process.kill(process.pid, 'SIGKILL');
