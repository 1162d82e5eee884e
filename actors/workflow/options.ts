/** What the parts of a flow are checked for, where they are made. */
import type { PlainError } from '../../src/core/errors.js';
import { limits as kernel } from '../../src/core/limits.js';
import { nearestName } from '../../src/core/options.js';
import { describeBriefly, TroupeError } from '../../src/index.js';
import { type Backoff, backoffMs, scattered } from '../../supervisors/index.js';

/** When and how often something that failed is tried again. */
export interface Retry {
  /** How often it is tried in all, 1 to 1,000. Default 3. */
  attempts: number;
  /** How long before the second attempt, in milliseconds. Default 100. */
  minMs?: number;
  /** The longest wait, in milliseconds, at least `minMs`. Default 10,000. */
  maxMs?: number;
  /** How much longer each next wait is. Default 2. */
  factor?: number;
  /** Part of each wait added by chance, 0 to 1. Default 0. */
  jitter?: number;
  /** Is it worth another attempt? Default: every error is. A pure function. */
  retryIf?(error: { readonly name: string; readonly message: string; readonly code?: string | number }): boolean;
}

/** Every object answers to these; as keys of what a run keeps they would not be found, or not be kept. */
const isTaken = (name: string): boolean => name in Object.prototype;
const legalId = /^[A-Za-z0-9_-]{1,64}$/;
const attemptsMax = 1_000;
/** As timers of the kernel. */
const msMax = kernel.timerDelayMsMax;
const retryNames = ['attempts', 'minMs', 'maxMs', 'factor', 'jitter', 'retryIf'] as const satisfies (keyof Retry)[];
const retryDefault: Retry = { attempts: 3 };

/** Refuse a part of a flow. @throws TroupeError WORKFLOW_FLOW */
export function refuseFlow(id: string, field: string, value: unknown, what: string): never {
  const message = `${id}: ${field} ${what}, and is ${describeBriefly(value)}`;
  throw new TroupeError('WORKFLOW_FLOW', message, { field: `${id}.${field}`, value });
}

/**
 * Refuse options that are none: a word that is not known would count for nothing, silently.
 * @param field whose options they are, where they are not the part's own: `retry`
 * @throws TroupeError WORKFLOW_FLOW naming the option, with what was meant or what is known
 */
export function checkKnown(id: string, options: unknown, known: readonly string[], field = ''): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    refuseFlow(id, field || 'options', options, 'must be an object');
  for (const [name, value] of Object.entries(options as object)) {
    if (known.includes(name)) continue;
    // `retries`: too far for a typing error.
    const near = nearestName(name, known) ?? known.find((each) => name.startsWith(each.slice(0, 4)));
    const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
    const place = field === '' ? name : `${field}.${name}`;
    throw new TroupeError('WORKFLOW_FLOW', `${id}: ${place} is not an option; ${hint}`, {
      field: `${id}.${place}`,
      value,
    });
  }
}

/** @throws TroupeError WORKFLOW_FLOW */
export function checkId(id: unknown, where: string): void {
  if (typeof id !== 'string' || !legalId.test(id))
    refuseFlow(where, 'id', id, 'must be 1 to 64 letters, digits, `_` and `-`');
  if (isTaken(id)) refuseFlow(where, 'id', id, 'must not be the name of something that every object has');
}

/** @throws TroupeError WORKFLOW_FLOW */
export function checkSignal(id: string, signal: unknown): void {
  if (typeof signal !== 'string' || signal === '') refuseFlow(id, 'signal', signal, 'must be a name');
  if (isTaken(signal)) refuseFlow(id, 'signal', signal, 'must not be the name of something that every object has');
}

/** @throws TroupeError WORKFLOW_FLOW */
export function checkMs(id: string, field: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0 && value <= msMax) return;
  refuseFlow(id, field, value, 'must be milliseconds, from 0 to 100 years');
}

/** @throws TroupeError WORKFLOW_FLOW */
export function checkCount(id: string, field: string, value: unknown): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return;
  refuseFlow(id, field, value, 'must be a whole number from 1');
}

/** @throws TroupeError WORKFLOW_FLOW */
export function checkRetry(id: string, field: string, retry: Retry | undefined): Retry {
  if (retry === undefined) return retryDefault;
  checkKnown(id, retry, retryNames, field);
  const { attempts, minMs, maxMs, factor, jitter, retryIf } = retry;
  checkCount(id, `${field}.attempts`, attempts);
  if (attempts > attemptsMax) refuseFlow(id, `${field}.attempts`, attempts, `must be at most ${attemptsMax}`);
  if (minMs !== undefined) checkMs(id, `${field}.minMs`, minMs);
  if (maxMs !== undefined) checkMs(id, `${field}.maxMs`, maxMs);
  if (factor !== undefined && !(factor >= 1 && factor < Infinity))
    refuseFlow(id, `${field}.factor`, factor, 'must be a number from 1');
  if (jitter !== undefined && !(jitter >= 0 && jitter <= 1))
    refuseFlow(id, `${field}.jitter`, jitter, 'must be between 0 and 1');
  const { minMs: least, maxMs: most } = backoffOf(retry);
  if (most < least) refuseFlow(id, `${field}.maxMs`, most, 'must be at least minMs');
  if (retryIf !== undefined && typeof retryIf !== 'function')
    refuseFlow(id, `${field}.retryIf`, retryIf, 'must be a function');
  return retry;
}

/**
 * How long to wait before an attempt: as long as a supervisor would.
 * @param attempt 2 for the first one after a failure
 * @param of what is tried: decides the jitter
 * @returns milliseconds, no more than a timer takes
 */
export function retryMs(attempt: number, retry: Retry, of: string): number {
  const ms = backoffMs(attempt - 1, backoffOf(retry), scattered(`${of}#${attempt}`));
  // Nothing, as often as one likes, is nothing; also when that is more often than can be counted.
  return Number.isNaN(ms) ? 0 : Math.min(ms, msMax);
}

/**
 * Is another attempt to be made?
 * @param attempt the number of the one that has failed
 */
export function isWorthwhile(retry: Retry, attempt: number, error: PlainError): boolean {
  if (attempt >= retry.attempts) return false;
  try {
    return retry.retryIf === undefined || retry.retryIf(error as Parameters<NonNullable<Retry['retryIf']>>[0]);
  } catch {
    // One who cannot say is no reason to go on.
    return false;
  }
}

function backoffOf({ minMs = 100, maxMs = Math.max(10_000, minMs), factor = 2, jitter = 0 }: Retry): Backoff {
  return { minMs, maxMs, factor, jitter };
}
