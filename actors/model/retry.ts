/**
 * Trying again, as a model around a model. For waits that must survive the process use an actor's timers instead; this
 * one is for the seconds a server asks for.
 *
 * RT1  A stream is tried again only while nothing of it was handed on: nobody shall read a beginning twice.
 * RT2  The server's own word about when to come back counts more than the schedule, up to `waitMsMax`.
 * RT3  What tries that failed were paid for is in the usage of the reply, or of the error.
 */
import { type Clock, systemClock } from '../../src/core/clock.js';
import { TroupeError } from '../../src/core/errors.js';
import { checkOptions } from '../../src/core/options.js';
import { type Backoff, backoffMs, checkBackoff, scattered } from '../../supervisors/backoff.js';
import type { Model, ModelCall, ModelReply, ModelRequest, Usage } from './model.js';
import { abortedError, havingUsed, type ModelErrorCode, retryAfterMsOf, usageOfError } from './model-error.js';
import { modelFrom } from './model-from.js';
import { addUsage, havingPaid, noUsage } from './usage.js';

/** When and how often. */
export interface RetryOptions {
  /** Calls in all, the first included. Default 3. */
  attempts?: number;
  /** The waits between them; the jitter comes of the call's id. Default `{ minMs: 500, maxMs: 30_000 }`. */
  backoff?: Backoff;
  /** Which failures are worth another try. Default: MODEL_RATE_LIMITED, MODEL_UNAVAILABLE and MODEL_TIMEOUT. */
  on?: readonly ModelErrorCode[];
  /** A server that wants to be left alone for longer is not waited for: its error is the call's. Default 60,000. */
  waitMsMax?: number;
  /** Told of each failure that is tried again, and how long is waited, in milliseconds. */
  onRetry?: (failure: { error: TroupeError; attempt: number; waitMs: number }) => void;
  /** Default: the machine's. */
  clock?: Clock;
}

const retryable: readonly ModelErrorCode[] = ['MODEL_RATE_LIMITED', 'MODEL_UNAVAILABLE', 'MODEL_TIMEOUT'];

/**
 * A model that asks another one again when it fails for reasons that pass. Each try has the same call id, so a server
 * that heeds it does the work once. The signal ends the waits as well.
 *
 *   const patient = withRetry(openAiModel({ ... }), { attempts: 5 });
 *
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function withRetry(model: Model, options: RetryOptions = {}): Model {
  const policy = checkOptions<Required<RetryOptions>>(
    options,
    {
      attempts: { type: 'integer', min: 1, max: 1_000, default: 3 },
      backoff: { type: 'object', default: { minMs: 500, maxMs: 30_000 } satisfies Backoff },
      on: { type: 'array', default: retryable },
      waitMsMax: { type: 'number', min: 0, default: 60_000 },
      onRetry: { type: 'function', default: () => {} },
      clock: { type: 'object', default: systemClock },
    },
    'withRetry',
  );
  checkBackoff(policy.backoff);
  /** Wait, or throw what is not to be tried again. */
  const pause = async (error: unknown, attempt: number, call: ModelCall): Promise<void> => {
    const { attempts, on, waitMsMax, backoff, onRetry, clock } = policy;
    if (!TroupeError.is(error) || !on.includes(error.code as ModelErrorCode) || attempt >= attempts) throw error;
    const asked = retryAfterMsOf(error) ?? 0;
    if (asked > waitMsMax) throw error;
    // RT2: never earlier than asked; the schedule may be later.
    const waitMs = Math.max(asked, backoffMs(attempt, backoff, scattered(`${call.callId}/${attempt}`)));
    onRetry({ error, attempt, waitMs });
    await waited(waitMs, clock, call, model.name);
  };
  /** RT3: note what a try has used; then as `pause`. */
  const next = async (error: unknown, attempt: number, call: ModelCall, before: Usage): Promise<Usage> => {
    // Whoever gave the call up has counted all of it.
    if (TroupeError.is(error, 'MODEL_ABORTED')) throw error;
    const usage = usageOfError(error);
    call.meter?.ended(usage);
    await pause(havingUsed(error, before), attempt, call);
    return addUsage(before, usage);
  };
  return modelFrom({
    name: model.name,
    ...(model.prices === undefined ? {} : { prices: model.prices }),
    async complete(request: ModelRequest, call: ModelCall): Promise<ModelReply> {
      let used = noUsage;
      for (let attempt = 1; ; attempt += 1) {
        try {
          call.meter?.begin(request, model.prices);
          return havingPaid(await model.complete(request, call), used);
        } catch (error) {
          used = await next(error, attempt, call, used);
        }
      }
    },
    async *stream(request, call) {
      let used = noUsage;
      for (let attempt = 1; ; attempt += 1) {
        let hasBegun = false;
        try {
          call.meter?.begin(request, model.prices);
          for await (const part of model.stream(request, call)) {
            hasBegun = true;
            yield part.type === 'done' ? { type: 'done', reply: havingPaid(part.reply, used) } : part;
          }
          return;
        } catch (error) {
          if (hasBegun) throw TroupeError.is(error, 'MODEL_ABORTED') ? error : havingUsed(error, used);
          used = await next(error, attempt, call, used);
        }
      }
    },
  });
}

async function waited(ms: number, clock: Clock, { signal, meter }: ModelCall, name: string): Promise<void> {
  if (signal.aborted) throw abortedError(name, meter?.total());
  let leave = (): void => {};
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = clock.after(ms, resolve);
      leave = () => {
        timer.cancel();
        reject(abortedError(name, meter?.total()));
      };
      signal.addEventListener('abort', leave, { once: true });
    });
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
