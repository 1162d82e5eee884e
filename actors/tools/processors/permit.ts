/** Calls that a grant allows and a rule does not: by their arguments, by the hour, by whatever is known. */
import type { ProcessedCall, ToolProcessor } from '../processor.js';
import { requireFunction } from '../tool.js';

/**
 * A processor that asks a rule. What it does not permit is TOOL_REFUSED, and counts as denied. A rule that throws
 * permits nothing.
 *
 *   permit(({ from, args }) => from === 'boss' || (args as { amount: number }).amount < 100 || 'only up to 100')
 *
 * @param rule true: go on; a text: refused, for this reason; anything else: refused
 * @param options `tools`: of which tools. Default: of all of the bus
 * @throws TroupeError OPTION_TYPE
 */
export function permit(
  rule: (call: ProcessedCall) => boolean | string | Promise<boolean | string>,
  options: { tools?: readonly string[] } = {},
): ToolProcessor {
  requireFunction(rule, 'permit: rule', 'rule');
  return {
    name: 'permit',
    ...options,
    async before(call) {
      const answer: unknown = await rule(call);
      if (answer === true) return undefined;
      return { refuse: typeof answer === 'string' && answer !== '' ? answer : 'it is not permitted' };
    },
  };
}
