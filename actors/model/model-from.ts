/**
 * A model made of one function that streams. The rest of the contract is kept here, for every model of this package:
 *
 * MF1  Requests are checked before anything is asked.
 * MF2  An aborted call throws at once, whether or not the stream heeds the signal (P3); what the stream then still
 *      does is its own affair, and nobody waits for it.
 * MF3  After `done` nothing follows; a stream that ends without it is no reply.
 * MF4  Where there are prices, the reply costs what they say.
 */
import { setMaxListeners } from 'node:events';
import { checkOptions, type OptionsSpec } from '../../src/core/options.js';
import type { Model, ModelCall, ModelPart, ModelReply, ModelRequest, Prices } from './model.js';
import { abortedError, modelError } from './model-error.js';
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
   * what it began when it is left.
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
  const parts = async function* (request: ModelRequest, call: ModelCall): AsyncGenerator<ModelPart> {
    for await (const part of untilAborted(() => stream(request, call), call.signal, name)) {
      if (part.type !== 'done') {
        yield part;
        continue;
      }
      yield { type: 'done', reply: priced(part.reply) };
      return;
    }
    throw modelError('MODEL_PROTOCOL', name, 'the reply ended before it was done');
  };
  const model: Model = {
    name,
    ...(prices === undefined ? {} : { prices }),
    async complete(request, call) {
      checkRequest(request, call);
      expectListeners(call.signal);
      if (complete !== undefined) return priced(await orAborted(() => complete(request, call), call.signal, name));
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

/** MF2, for a promise. */
async function orAborted<T>(begin: () => Promise<T>, signal: AbortSignal, name: string): Promise<T> {
  if (signal.aborted) throw abortedError(name);
  let listen = (): void => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      // First of all listeners, so that whatever else an abort makes of the call comes too late.
      listen = () => reject(abortedError(name));
      signal.addEventListener('abort', listen, { once: true });
      begin().then(resolve, reject);
    });
  } finally {
    signal.removeEventListener('abort', listen);
  }
}

/** MF2, for a stream. Who leaves the loop leaves the stream's. */
async function* untilAborted<T>(begin: () => AsyncIterable<T>, signal: AbortSignal, name: string): AsyncGenerator<T> {
  if (signal.aborted) throw abortedError(name);
  const iterator = begin()[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const step = await orAborted(() => iterator.next(), signal, name);
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
