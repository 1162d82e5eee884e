/** The contenders of the suite, each in a process of its own. */
import type { ContenderInput } from '../kernel/contender.js';
import { startEmpty } from '../kernel/recovery.js';
import { contend } from '../runner/contend.js';
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

const flat = Object.entries(contenders).map(([name, contender]) => [
  name,
  async (input: EnduranceInput) => {
    const { measures, samples } = await contender(input);
    return { ...measures, samples };
  },
]);

await contend<EnduranceInput>(Object.fromEntries(flat), { dying: ['prepare-history'] });
