/**
 * Sums of tokens and money. Money is counted in billionths of a dollar, so that the sum of many calls does not depend
 * on the order they came in.
 */
import type { ModelReply, Prices, Usage } from './model.js';

/** Nothing used. Frozen; `addUsage` makes new ones. */
export const noUsage: Usage = Object.freeze({ inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 });

/** The sum of what was used; an estimate, where part of it is one. */
export function addUsage(...usages: readonly Usage[]): Usage {
  const sum: Usage = { ...noUsage };
  for (const { inputTokens, outputTokens, cachedTokens, costUsd, isEstimated } of usages) {
    sum.inputTokens += inputTokens;
    sum.outputTokens += outputTokens;
    sum.cachedTokens += cachedTokens;
    sum.costUsd = inBillionths(sum.costUsd + costUsd);
    if (isEstimated) sum.isEstimated = true;
  }
  return sum;
}

/**
 * What of a usage makes no sense: `at` is where in it, `.inputTokens` or nothing for all of it.
 * @returns undefined when each count is a finite number of at least 0
 */
export function wrongCount(usage: unknown): { at: string; value: unknown; expected: string } | undefined {
  if (typeof usage !== 'object' || usage === null) return { at: '', value: usage, expected: 'must be an object' };
  for (const field of ['inputTokens', 'outputTokens', 'cachedTokens', 'costUsd'] as const) {
    const value: unknown = (usage as Partial<Usage>)[field];
    if (typeof value === 'number' && value >= 0 && value < Infinity) continue;
    return { at: `.${field}`, value, expected: 'must be a number of at least 0' };
  }
  return undefined;
}

/** A reply, with what calls that came to nothing had used before it came. */
export function havingPaid(reply: ModelReply, used: Usage): ModelReply {
  return used === noUsage ? reply : { ...reply, usage: addUsage(used, reply.usage) };
}

/**
 * What tokens cost.
 * @param usage `inputTokens` include the cached ones
 * @param prices default: not known, which costs 0
 * @returns US dollars, to a billionth
 */
export function costOf(usage: Omit<Usage, 'costUsd' | 'isEstimated'>, prices: Prices | undefined): number {
  if (prices === undefined) return 0;
  const { inputUsd, outputUsd, cachedUsd = inputUsd } = prices;
  const cached = Math.min(usage.cachedTokens, usage.inputTokens);
  const millionths = (usage.inputTokens - cached) * inputUsd + cached * cachedUsd + usage.outputTokens * outputUsd;
  return inBillionths(millionths / 1e6);
}

function inBillionths(usd: number): number {
  return Math.round(usd * 1e9) / 1e9;
}
