/**
 * A model made of one function that streams. The rest of the contract is kept here, for every model of this package:
 *
 * MF1  Requests are checked before anything is asked.
 * MF2  An aborted call throws at once, whether or not the stream heeds the signal (P3); what the stream then still
 *      does is its own affair, and nobody waits for it.
 * MF3  After `done` nothing follows; a stream that ends without it is no reply.
 * MF4  Where there are prices, the reply costs what they say.
 * MF5  A call that was given up says what it had used, about; so does one whose reply broke off.
 */
import { setMaxListeners } from 'node:events';
import { checkOptions, type OptionsSpec } from '../../src/core/options.js';
import { type Asked, UsageMeter, usageSoFar } from './meter.js';
import type { Model, ModelCall, ModelPart, ModelReply, ModelRequest, Prices } from './model.js';
import { abortedError, brokenOff, modelError } from './model-error.js';
import { checkRequest } from './request.js';
import { costOf } from './usage.js';

/** What a model is made of. */
export interface ModelFromOptions {
  /** See `Model`. */
  name: string;
  /** See `Prices`. When given, the reply's `costUsd` is computed of them, whatever the stream says. */
  prices?: Prices;
  /**
   * Ask, and yield the reply in parts, the last of which is `done`, with a reply whose `model` is the name. Should end
   * what it began when it is left. What comes of the reply and is no text yet is told to `call.meter`, by its length.
   */
  stream: (request: ModelRequest, call: ModelCall) => AsyncIterable<ModelPart>;
  /** Ask for the whole reply at once. Default: what the stream comes to. */
  complete?: (request: ModelRequest, call: ModelCall) => Promise<ModelReply>;
}

const isPrice = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < Infinity;

/** The rule for `prices` in anybody's options. */
export const pricesRule: OptionsSpec[string] = {
  type: 'custom',
  check: (value) => {
    const { inputUsd, outputUsd, cachedUsd = 0 } = (value ?? {}) as Partial<Prices>;
    return [inputUsd, outputUsd, cachedUsd].every(isPrice)
      ? undefined
      : '{ inputUsd, outputUsd, cachedUsd? }, each a number of at least 0';
  },
};

/** The rule for `name` in anybody's options. */
export const nameRule: OptionsSpec[string] = {
  type: 'custom',
  check: (value) => (typeof value === 'string' && value !== '' ? undefined : 'a text'),
};

/**
 * Make a model of a function.
 *
 *   const echo = modelFrom({ name: 'echo', async *stream({ messages }) {
 *     const text = messages.at(-1)!.text;
 *     yield { type: 'text', text };
 *     yield { type: 'done', reply: { model: 'echo', text, toolCalls: [], usage: noUsage, finish: 'stop' } };
 *   } });
 *
 * What the function throws is passed on as it is; throw TroupeErrors with MODEL_ codes to have policies know them.
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function modelFrom(options: ModelFromOptions): Model {
  const { name, prices, stream, complete } = checkOptions<ModelFromOptions>(
    options,
    {
      name: { ...nameRule, required: true },
      prices: pricesRule,
      stream: { type: 'function', required: true },
      complete: { type: 'function' },
    },
    'modelFrom',
  );
  /** MF4. */
  const priced = (reply: ModelReply): ModelReply => {
    if (prices === undefined) return reply;
    return { ...reply, usage: { ...reply.usage, costUsd: costOf(reply.usage, prices) } };
  };
  const parts = async function* (request: ModelRequest, given: ModelCall): AsyncGenerator<ModelPart> {
    const call = metered(given);
    let asked: Asked | undefined;
    const begin = () => {
      asked = call.meter.begin(request, prices);
      return stream(request, call);
    };
    try {
      for await (const part of untilAborted(begin, call, name)) {
        if (part.type === 'text') call.meter.heard(part.text.length, asked);
        if (part.type !== 'done') {
          yield part;
          continue;
        }
        yield { type: 'done', reply: priced(part.reply) };
        return;
      }
    } catch (error) {
      // MF5: when nothing has come, nobody knows whether anything was begun.
      throw asked === undefined || asked.chars === 0 ? error : brokenOff(error, usageSoFar(asked));
    }
    throw modelError('MODEL_PROTOCOL', name, 'the reply ended before it was done');
  };
  const whole = (request: ModelRequest, given: ModelCall, ask: NonNullable<typeof complete>): Promise<ModelReply> => {
    const call = metered(given);
    const begin = () => {
      call.meter.begin(request, prices);
      return ask(request, call);
    };
    return orAborted(begin, call, name);
  };
  const model: Model = {
    name,
    ...(prices === undefined ? {} : { prices }),
    async complete(request, call) {
      checkRequest(request, call);
      expectListeners(call.signal);
      if (complete !== undefined) return priced(await whole(request, call, complete));
      return replyOf(parts(request, call));
    },
    stream(request, call) {
      checkRequest(request, call);
      expectListeners(call.signal);
      return parts(request, call);
    },
  };
  return Object.freeze(model);
}

/**
 * The reply a stream comes to.
 * @param stream of a `Model`, whose last part is `done`
 */
export async function replyOf(stream: AsyncIterable<ModelPart>): Promise<ModelReply> {
  for await (const part of stream) if (part.type === 'done') return part.reply;
  throw modelError('MODEL_PROTOCOL', 'a model', 'the reply ended before it was done');
}

/** Many calls may share a signal, each of them listens to it, and each leaves it: no leak, which Node would suspect. */
function expectListeners(signal: AbortSignal): void {
  if (signal instanceof EventTarget) setMaxListeners(0, signal);
}

/** A call with a meter: its own, or that of the model around. */
function metered(call: ModelCall): MeteredCall {
  const { meter = new UsageMeter() } = call;
  return { ...call, meter };
}

type MeteredCall = ModelCall & { readonly meter: UsageMeter };

/** MF2, for a promise. */
async function orAborted<T>(begin: () => Promise<T>, { signal, meter }: MeteredCall, name: string): Promise<T> {
  if (signal.aborted) throw abortedError(name, meter.total());
  let listen = (): void => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      // First of all listeners, so that whatever else an abort makes of the call comes too late.
      listen = () => reject(abortedError(name, meter.total()));
      signal.addEventListener('abort', listen, { once: true });
      begin().then(resolve, reject);
    });
  } finally {
    signal.removeEventListener('abort', listen);
  }
}

/** MF2, for a stream. Who leaves the loop leaves the stream's. */
async function* untilAborted<T>(begin: () => AsyncIterable<T>, call: MeteredCall, name: string): AsyncGenerator<T> {
  const { signal, meter } = call;
  if (signal.aborted) throw abortedError(name, meter.total());
  const iterator = begin()[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const step = await orAborted(() => iterator.next(), call, name);
      if (step.done === true) {
        isOver = true;
        return;
      }
      yield step.value;
    }
  } catch (error) {
    isOver = !signal.aborted;
    throw error;
  } finally {
    if (!isOver) await leave(iterator, signal);
  }
}

/** An iterator that still works would let us wait until it is done, so an aborted one is not waited for. */
async function leave(iterator: AsyncIterator<unknown>, signal: AbortSignal): Promise<void> {
  // It was left: what its clean-up has to say concerns nobody.
  const left = iterator.return?.().then(
    () => {},
    () => {},
  );
  if (!signal.aborted) await left;
}
