/**
 * What a call of a tool comes to, as plain data: it travels in messages, rests in the journal, and a model reads it.
 */
import { describeBriefly, type ErrorCode, errorTable } from '../../src/index.js';
import { type PlainError, toPlain } from '../../src/core/errors.js';

/** Why a call came to nothing. */
export interface ToolError {
  /** One of the rows `TOOL_...` of the error table; of answers to grants also `GRANT_...`. */
  code: ErrorCode;
  /** What happened, in a sentence that a model can act on. */
  message: string;
  /** Arguments or a result that do not match their schema: where, and why. */
  issues?: readonly { path: string; message: string }[];
  /** What the tool threw, without its stack. */
  cause?: PlainError;
  /** TOOL_RATE_LIMITED: after so many milliseconds it would be this call's turn. */
  retryAfterMs?: number;
}

/**
 * What a call comes to: exactly one of these is answered. `cachedAt`: the tool did not run; this is what it said to the
 * same call at that time, in milliseconds since the epoch.
 */
export type ToolOutcome<O = unknown> = { ok: true; value: O; cachedAt?: number } | { ok: false; error: ToolError };

/** The answer to what is not a call: `cancel`, `grant`, `revoke`. */
export type ToolAnswer = { ok: true } | { ok: false; error: ToolError };

/** An outcome that says no. @param more `issues`, `cause` or `retryAfterMs` */
export function failed(
  code: ErrorCode,
  message: string,
  more: Omit<ToolError, 'code' | 'message'> = {},
): { ok: false; error: ToolError } {
  return { ok: false, error: { code, message, ...more } };
}

/** The outcome of a tool that threw: `TOOL_FAILED`, with what was thrown as its cause. */
export function thrown(tool: string, error: unknown): { ok: false; error: ToolError } {
  const cause = withoutStacks(toPlain(error));
  return failed('TOOL_FAILED', `${tool} failed: ${cause.message || describeBriefly(error)}`, { cause });
}

/** Characters of a text that a tool has made: an error must not be the way to flood its caller. */
const textCharsMax = 2_000;

/** Stacks and values are of the thread that ran the tool: no use to a caller, and long. */
function withoutStacks(plain: PlainError): PlainError {
  const { stack: _stack, value: _value, cause, errors, ...rest } = plain;
  const bare: PlainError = rest;
  for (const field of ['name', 'message', 'field', 'code'] as const) {
    const text = bare[field];
    if (typeof text === 'string' && text.length > textCharsMax) bare[field] = `${text.slice(0, textCharsMax)}...`;
  }
  if (cause !== undefined) bare.cause = withoutStacks(cause);
  if (errors !== undefined) bare.errors = errors.map(withoutStacks);
  return bare;
}

/** Answers that the same call may lead to another outcome. Codes that are not ours may always do. */
const worthAnother: ReadonlySet<string> = new Set(['retry', 'restart', 'failover', 'breaker']);

/** May another attempt help? By the table's `recovery`: of what was thrown for `TOOL_FAILED`, else of the code. */
export function isWorthRetrying({ code, cause }: ToolError): boolean {
  if (code !== 'TOOL_FAILED' && code !== 'TOOL_TIMEOUT') return false;
  const inner = cause?.code;
  if (typeof inner !== 'string' || !Object.hasOwn(errorTable, inner)) return true;
  return worthAnother.has(errorTable[inner as ErrorCode].recovery);
}
