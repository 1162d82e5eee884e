/**
 * A row of models, the next of which is asked when one fails.
 *
 * FB1  A stream moves on only while nothing of it was handed on: nobody shall read two beginnings.
 * FB2  A call that was given up is given up: nobody else is asked.
 * FB3  What models that failed were paid for is in the usage of the reply, or of the error.
 */
import { TroupeError } from '../../src/core/errors.js';
import { checkOptions } from '../../src/core/options.js';
import type { Model, ModelCall, ModelPart, ModelReply, ModelRequest } from './model.js';
import { UsageMeter } from './meter.js';
import { havingUsed, type ModelErrorCode, modelError, usageOfError } from './model-error.js';
import { checkRequest } from './request.js';
import { addUsage, havingPaid, noUsage } from './usage.js';

/** What a model of the row failed with. */
export interface FallbackFailure {
  model: string;
  code: string;
  message: string;
}

/** When the next one is asked. */
export interface FallbackOptions {
  /** Default: the names of the models, joined by `|`. */
  name?: string;
  /**
   * After which failures. Default: MODEL_RATE_LIMITED, MODEL_UNAVAILABLE, MODEL_TIMEOUT, MODEL_REJECTED,
   * MODEL_PROTOCOL and MODEL_ALL_FAILED.
   */
  on?: readonly ModelErrorCode[];
  /** Told of each failure after which the next one is asked. */
  onFailure?: (failure: FallbackFailure) => void;
}

const passing: readonly ModelErrorCode[] = [
  'MODEL_RATE_LIMITED',
  'MODEL_UNAVAILABLE',
  'MODEL_TIMEOUT',
  'MODEL_REJECTED',
  'MODEL_PROTOCOL',
  'MODEL_ALL_FAILED',
];

/**
 * A model that asks the first, and the next one when that fails. The reply's `model` says who answered; its usage is
 * that one's, and what the others were paid for before they failed. Put `withRetry` around a single model to try it
 * again first, around the row to begin the row again.
 *
 *   const model = withFallback([withRetry(large), small]);
 *
 * Calls fail with MODEL_ALL_FAILED when each has failed: `value.failures` lists them, `cause` is the last error.
 * @param models at least one
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function withFallback(models: readonly Model[], options: FallbackOptions = {}): Model {
  if (!Array.isArray(models) || models.length === 0) {
    const message = 'withFallback: models must be an array of at least one model';
    throw new TroupeError('OPTION_RANGE', message, { field: 'models', value: models });
  }
  const { name, on, onFailure } = checkOptions<Required<FallbackOptions>>(
    options,
    {
      name: { type: 'string', default: models.map((model) => model.name).join('|') },
      on: { type: 'array', default: passing },
      onFailure: { type: 'function', default: () => {} },
    },
    'withFallback',
  );
  const account = (call: ModelCall) => accountOf(name, models.length, on, onFailure, call);
  /** The models share a meter, so that whoever gives the call up knows of all of them. */
  const shared = (call: ModelCall): ModelCall =>
    call.meter === undefined ? { ...call, meter: new UsageMeter() } : call;
  const nobody = (): TroupeError => modelError('MODEL_ALL_FAILED', name, 'there is no model');
  const parts = async function* (request: ModelRequest, given: ModelCall): AsyncGenerator<ModelPart> {
    const call = shared(given);
    const { failed, paid } = account(call);
    for (const model of models as readonly Model[]) {
      let hasBegun = false;
      try {
        for await (const part of model.stream(request, call)) {
          hasBegun = true;
          yield part.type === 'done' ? { type: 'done', reply: paid(part.reply) } : part;
        }
        return;
      } catch (error) {
        failed(model, error, hasBegun);
      }
    }
    throw nobody();
  };
  // Not by `modelFrom`, which would put its own name and prices upon the reply.
  const row: Model = {
    name,
    async complete(request: ModelRequest, given: ModelCall): Promise<ModelReply> {
      checkRequest(request, given);
      const call = shared(given);
      const { failed, paid } = account(call);
      for (const model of models as readonly Model[]) {
        try {
          return paid(await model.complete(request, call));
        } catch (error) {
          failed(model, error);
        }
      }
      throw nobody();
    },
    stream(request: ModelRequest, call: ModelCall): AsyncIterable<ModelPart> {
      checkRequest(request, call);
      return parts(request, call);
    },
  };
  return Object.freeze(row);
}

/** The row's account of one call. */
function accountOf(
  name: string,
  count: number,
  on: readonly ModelErrorCode[],
  onFailure: (failure: FallbackFailure) => void,
  { meter }: ModelCall,
) {
  const failures: FallbackFailure[] = [];
  let used = noUsage;
  return {
    /** FB3 */
    paid: (reply: ModelReply): ModelReply => havingPaid(reply, used),
    /** Note a failure, or throw it when it ends the call. */
    failed(model: Model, error: unknown, hasBegun = false): void {
      // Whoever gave the call up has counted all of it.
      if (TroupeError.is(error, 'MODEL_ABORTED')) throw error;
      if (hasBegun || !TroupeError.is(error) || !on.includes(error.code as ModelErrorCode)) {
        throw havingUsed(error, used);
      }
      const usage = usageOfError(error);
      meter?.ended(usage);
      used = addUsage(used, usage);
      const failure = { model: model.name, code: error.code, message: error.message };
      failures.push(failure);
      if (failures.length < count) return onFailure(failure);
      const said = `each of ${count} models failed, the last: ${error.message}`;
      throw modelError('MODEL_ALL_FAILED', name, said, { failures, usage: used, cause: error });
    },
  };
}
