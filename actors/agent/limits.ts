/** What a run of an agent may use, and which limit it has come to. Pure. */
import { describeBriefly, TroupeError } from '../../src/index.js';
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

/** The limits of who says nothing. */
const defaultLimits: AgentLimits = Object.freeze({ steps: 20, timeMs: 600_000 });

const timeMsMax = 100 * 366 * 86_400_000;

/**
 * Check limits, and complete them.
 * @param where whose they are
 * @throws TroupeError AGENT_SPEC or AGENT_INPUT naming the field: one of nothing at all would come to no answer
 */
export function checkLimits(
  given: Partial<AgentLimits>,
  where: string,
  code: 'AGENT_SPEC' | 'AGENT_INPUT' = 'AGENT_SPEC',
): AgentLimits {
  const refuse = (field: string, value: unknown, what: string): never => {
    const message = `${where}: limits.${field} must be ${what}, and is ${describeBriefly(value)}`;
    throw new TroupeError(code, message, { field: `limits.${field}`, value });
  };
  if (typeof given !== 'object' || given === null) refuse('', given, 'an object');
  for (const [field, value] of Object.entries(given)) {
    if (!['steps', 'timeMs', 'tokens', 'costUsd'].includes(field)) refuse(field, value, 'no limit at all: unknown');
  }
  const { steps = defaultLimits.steps, timeMs = defaultLimits.timeMs, tokens, costUsd } = given;
  if (!Number.isSafeInteger(steps) || steps < 1) refuse('steps', steps, 'a whole number from 1');
  if (!(timeMs > 0 && timeMs <= timeMsMax)) refuse('timeMs', timeMs, 'milliseconds above 0');
  if (tokens !== undefined && !(Number.isSafeInteger(tokens) && tokens >= 1))
    refuse('tokens', tokens, 'a whole number from 1');
  if (costUsd !== undefined && !(costUsd > 0)) refuse('costUsd', costUsd, 'above 0');
  const limits: AgentLimits = { steps, timeMs };
  if (tokens !== undefined) limits.tokens = tokens;
  if (costUsd !== undefined) limits.costUsd = costUsd;
  return limits;
}

/** The limit that leaves nothing for another call of a model; undefined when there is something left. */
export function reachedLimit({ steps, usage }: Used, limits: AgentLimits): LimitName | undefined {
  if (steps >= limits.steps) return 'steps';
  if (limits.tokens !== undefined && tokensOf(usage) >= limits.tokens) return 'tokens';
  if (limits.costUsd !== undefined && usage.costUsd >= limits.costUsd) return 'cost';
  return undefined;
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
