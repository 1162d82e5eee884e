/** What a run of an agent may use, and which limit it has come to. Pure. */
import { TroupeError } from '../../src/index.js';
import { addUsage, type Usage } from '../model/index.js';

/** What a run may use, those of its sub-agents included. */
export interface AgentLimits {
  /** Calls of models. Default 20. */
  steps: number;
  /** Milliseconds; a durable timer, so time in which the process is down counts. Default 600,000. */
  timeMs: number;
  /** Tokens, of requests and replies. Default: any number. */
  tokens?: number;
  /** US dollars. Default: any sum. */
  costUsd?: number;
}

/** Which limit a run has come to. */
export type LimitName = 'steps' | 'time' | 'tokens' | 'cost';

/** What a run has used. */
export interface Used {
  steps: number;
  usage: Usage;
}

/** The limit that leaves nothing for another call of a model; undefined when there is something left. */
export function reachedLimit({ steps, usage }: Used, limits: AgentLimits): LimitName | undefined {
  if (steps >= limits.steps) return 'steps';
  if (limits.tokens !== undefined && tokensOf(usage) >= limits.tokens) return 'tokens';
  if (limits.costUsd !== undefined && usage.costUsd >= limits.costUsd) return 'cost';
  return undefined;
}

const fieldOf = { steps: 'steps', time: 'timeMs', tokens: 'tokens', cost: 'costUsd' } as const;

/**
 * A run that has come to a limit, for people and programs: which one, what was used of it, and what was not done.
 * @param ms how long the run has taken, in milliseconds
 * @param undone names of what its model asked for, and what was not called any more
 * @returns AGENT_LIMIT: `field` is `limits.costUsd`, or another one, and `value` is `{ used, limit }`
 */
export function limitError(
  name: LimitName,
  used: Used,
  limits: AgentLimits,
  ms: number,
  undone: readonly string[],
): TroupeError {
  const { steps, usage } = used;
  const field = fieldOf[name];
  const value = {
    used: { steps, timeMs: ms, tokens: tokensOf(usage), costUsd: usage.costUsd }[field],
    limit: limits[field],
  };
  const amounts = `${value.used} of limits.${field}, which is ${value.limit}`;
  // A model may make up any number of names, of any length.
  const names = undone.slice(0, 10).map((each) => each.slice(0, 64));
  const dropped = names.length === 0 ? '' : `; asked for and not called: ${names.join(', ')}`;
  const message = `the limit of ${name} was reached before there was an answer: it has used ${amounts}${dropped}`;
  return new TroupeError('AGENT_LIMIT', message, { field: `limits.${field}`, value });
}

/**
 * What is left for a sub-agent: it gets no more than its caller still has.
 * @param startedAt when the caller began, in milliseconds since 1970
 * @param others how many begin together, and share what is left
 * @returns undefined when nothing is left
 */
export function whatIsLeft(
  used: Used,
  limits: AgentLimits,
  { startedAt, now, others = 1 }: { startedAt: number; now: number; others?: number },
): AgentLimits | undefined {
  const steps = Math.floor((limits.steps - used.steps) / others);
  const timeMs = limits.timeMs - (now - startedAt);
  if (steps < 1 || timeMs <= 0) return undefined;
  const left: AgentLimits = { steps, timeMs };
  if (limits.tokens !== undefined) left.tokens = Math.floor((limits.tokens - tokensOf(used.usage)) / others);
  if (limits.costUsd !== undefined) left.costUsd = (limits.costUsd - used.usage.costUsd) / others;
  if ((left.tokens ?? 1) < 1 || (left.costUsd ?? 1) <= 0) return undefined;
  return left;
}

/** The lesser of each. */
export function lesserLimits(a: AgentLimits, b: AgentLimits): AgentLimits {
  const lesser: AgentLimits = { steps: Math.min(a.steps, b.steps), timeMs: Math.min(a.timeMs, b.timeMs) };
  const tokens = Math.min(a.tokens ?? Number.POSITIVE_INFINITY, b.tokens ?? Number.POSITIVE_INFINITY);
  const costUsd = Math.min(a.costUsd ?? Number.POSITIVE_INFINITY, b.costUsd ?? Number.POSITIVE_INFINITY);
  if (Number.isFinite(tokens)) lesser.tokens = tokens;
  if (Number.isFinite(costUsd)) lesser.costUsd = costUsd;
  return lesser;
}

/** More was used. */
export function usedMore(used: Used, steps: number, usage: Usage): Used {
  return { steps: used.steps + steps, usage: addUsage(used.usage, usage) };
}

function tokensOf({ inputTokens, outputTokens }: Usage): number {
  return inputTokens + outputTokens;
}
