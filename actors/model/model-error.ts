/**
 * Failures of calls, all of one make: a code of the table, a sentence that begins with the model's name, and facts as
 * plain data in `value`, which crosses threads and the journal with the error.
 */
import { type ErrorCode, TroupeError } from '../../src/core/errors.js';
import type { Usage } from './model.js';
import { addUsage, noUsage, wrongCount } from './usage.js';

/** Codes of failed calls. */
export type ModelErrorCode = Extract<ErrorCode, `MODEL_${string}`>;

/** What a failed call's `error.value` says, beside what single codes add. */
export interface ModelErrorValue {
  /** The model's `name`. */
  model: string;
  /** The server's HTTP status, where there was one. */
  status?: number;
  /** How long the server wants to be left alone, in milliseconds, where it said so. */
  retryAfterMs?: number;
  /** What was paid for all the same. */
  usage?: Usage;
}

/** What is said of a failure beside its code and its words. */
type ModelErrorFacts = Omit<ModelErrorValue, 'model'> & { cause?: unknown; field?: string; [fact: string]: unknown };

/** Make one. @param said what happened, without the name of the model; `field` goes to the error's own */
export function modelError(
  code: ModelErrorCode,
  model: string,
  said: string,
  { cause, field, ...more }: ModelErrorFacts = {},
): TroupeError {
  return new TroupeError(code, `${model}: ${said}`, { field, value: { model, ...more }, cause });
}

/** A call that was given up. @param usage what it had used until then */
export function abortedError(model: string, usage: Usage = noUsage): TroupeError {
  return modelError('MODEL_ABORTED', model, 'the call was given up', isNothing(usage) ? {} : { usage });
}

function isNothing({ inputTokens, outputTokens }: Usage): boolean {
  return inputTokens + outputTokens === 0;
}

function factsOf(error: unknown): Partial<ModelErrorValue> {
  if (!TroupeError.is(error) || typeof error.value !== 'object' || error.value === null) return {};
  return error.value;
}

/** How long a failed call's server wants to be left alone, in milliseconds; undefined when it did not say. */
export function retryAfterMsOf(error: unknown): number | undefined {
  const { retryAfterMs } = factsOf(error);
  return typeof retryAfterMs === 'number' ? retryAfterMs : undefined;
}

/**
 * What a failed call was paid for: tokens of attempts that led to nothing. Nothing where the error does not say, or
 * says what makes no sense.
 */
export function usageOfError(error: unknown): Usage {
  const { usage = noUsage } = factsOf(error);
  return wrongCount(usage) === undefined ? usage : noUsage;
}

/** The same error, having used more: for calls made of several, of which earlier ones were paid. */
export function havingUsed(error: unknown, usage: Usage): unknown {
  if (!TroupeError.is(error) || isNothing(usage)) return error;
  const value = { ...factsOf(error), usage: addUsage(usageOfError(error), usage) };
  return new TroupeError(error.code, error.message, { field: error.field, value, cause: error.cause ?? error });
}

/**
 * The same error, with what the call has used so far where it does not say so itself: a reply that broke off was paid
 * for as far as it came.
 */
export function brokenOff(error: unknown, usage: Usage): unknown {
  const isOurs = TroupeError.is(error) && error.code.startsWith('MODEL_') && error.code !== 'MODEL_ABORTED';
  return isOurs && isNothing(usageOfError(error)) ? havingUsed(error, usage) : error;
}
