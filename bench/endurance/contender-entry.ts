/** A contender's process: does the one thing it is told to, and says what it measured as one line of JSON. */
import { writeSync } from 'node:fs';
import type { ContenderInput } from '../kernel/contender.js';
import { startEmpty } from '../kernel/recovery.js';
import { backlog } from './backlog.js';
import { churn } from './churn.js';
import type { EnduranceContender, EnduranceInput } from './contender.js';
import { million } from './million.js';
import { prepareHistory, startUp } from './start-up.js';

const contenders: Record<string, EnduranceContender> = {
  churn,
  backlog,
  million,
  'prepare-history': prepareHistory,
  'start-up': startUp,
  'start-empty': async ({ folder, prepared }) => ({
    measures: await startEmpty({ folder, prepared } as ContenderInput),
  }),
};

const [name = '', input = '{}'] = process.argv.slice(2);
const contender = contenders[name];
if (contender === undefined) throw new Error(`there is no contender ${name}`);
const { measures, samples } = await contender(JSON.parse(input) as EnduranceInput);
// Written at once: the process may be killed as soon as the line is out.
writeAll(`${JSON.stringify({ ...measures, samples })}\n`);
if (name === 'prepare-history') process.kill(process.pid, 'SIGKILL');

/** A pipe takes a long line in parts. */
function writeAll(text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(1, bytes, done);
}
