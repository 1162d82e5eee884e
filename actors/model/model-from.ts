/**
 * A model made of one function that streams. The rest of the contract is kept here, for every model of this package:
 *
 * MF1  Requests are checked before anything is asked.
 * MF2  An aborted call throws at once, whether or not the stream heeds the signal (P3); what the stream then still
 *      does is its own affair, and nobody waits for it.
 * MF3  After `done` nothing follows; a stream that ends without it is no reply.
 * MF4  Where there are prices, the reply costs what they say.
 * MF5  A call that was given up says what it had used, about; so does one whose reply broke off.
 * MF6  What the function says is checked (check-reply.ts), and has an end: after so many characters the call fails.
 * MF7  A stream that never waits for anything lets the event loop have its turns, so that an abort is heard.
 */
import { setMaxListeners } from 'node:events';
import { LoopTurns } from '../../src/thread/loop-turns.js';
import type { TroupeError } from '../../src/core/errors.js';
import { checkOptions, type OptionsSpec } from '../../src/core/options.js';
import { checkPart, checkReply, replyCharsMax } from './check-reply.js';
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
 * What the function throws is passed on as it is; throw TroupeErrors with MODEL_ codes to have policies know them. What
 * it says and is not of the contract, or longer than 33,554,432 characters, is MODEL_PROTOCOL.
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
  return made({ name, prices, stream, complete }, prices);
}

/** Models of `modelFrom`, which keep the contract by themselves. */
const keepers = new WeakSet<Model>();

/**
 * A model that keeps the contract, of one that may not: an object that somebody wrote by hand. Its name, its prices and
 * what it says are its own.
 */
export function keptToContract(model: Model): Model {
  if (keepers.has(model)) return model;
  const { name, prices } = model;
  return made(
    {
      name,
      prices,
      stream: (request, call) => model.stream(request, call),
      complete: (request, call) => model.complete(request, call),
    },
    undefined,
  );
}

type Made = Pick<ModelFromOptions, 'name' | 'stream'> & {
  prices: Prices | undefined;
  complete: ModelFromOptions['complete'] | undefined;
};

/** @param replyPrices by which the reply's cost is computed; undefined: it is what the reply says */
function made({ name, prices, stream, complete }: Made, replyPrices: Prices | undefined): Model {
  /** MF4. */
  const priced = (reply: ModelReply): ModelReply => {
    if (replyPrices === undefined) return reply;
    return { ...reply, usage: { ...reply.usage, costUsd: costOf(reply.usage, replyPrices) } };
  };
  /** MF6. Where it does not make sense, and does not say what it has used, that is about what has come of it. */
  const checked = (given: unknown, asked: Asked): ModelReply => {
    const text: unknown = (given as Partial<ModelReply> | null | undefined)?.text;
    if (asked.chars === 0 && typeof text === 'string') asked.chars = text.length;
    return priced(checkReply(given, name, () => usageSoFar(asked)));
  };
  const parts = async function* (request: ModelRequest, given: ModelCall): AsyncGenerator<ModelPart> {
    const call = metered(given);
    const turns = new LoopTurns();
    let asked: Asked | undefined;
    let chars = 0;
    const begin = () => {
      asked = call.meter.begin(request, prices);
      return stream(request, call);
    };
    try {
      for await (const given of untilAborted(begin, call, name)) {
        const known = asked as unknown as Asked;
        const part = checkPart(given, name, () => usageSoFar(known));
        if (part.type === 'done') {
          yield { type: 'done', reply: checked(part.reply, known) };
          return;
        }
        const more = part.type === 'text' ? part.text.length : 0;
        call.meter.heard(more, known);
        chars += more;
        if (chars > replyCharsMax) throw tooLong(name);
        // MF7
        await turns.letRun();
        yield part;
      }
    } catch (error) {
      // MF5: when nothing has come, nobody knows whether anything was begun.
      throw asked === undefined || asked.chars === 0 ? error : brokenOff(error, usageSoFar(asked));
    }
    throw modelError('MODEL_PROTOCOL', name, 'the reply ended before it was done');
  };
  const whole = async (
    request: ModelRequest,
    given: ModelCall,
    ask: NonNullable<typeof complete>,
  ): Promise<ModelReply> => {
    const call = metered(given);
    let asked: Asked | undefined;
    const begin = () => {
      asked = call.meter.begin(request, prices);
      return ask(request, call);
    };
    const reply = await orAborted(begin, call, name);
    return checked(reply, asked as unknown as Asked);
  };
  const model: Model = {
    name,
    ...(prices === undefined ? {} : { prices }),
    async complete(request, call) {
      checkRequest(request, call);
      expectListeners(call.signal);
      if (complete !== undefined) return whole(request, call, complete);
      return replyOf(parts(request, call));
    },
    stream(request, call) {
      checkRequest(request, call);
      expectListeners(call.signal);
      return parts(request, call);
    },
  };
  keepers.add(model);
  return Object.freeze(model);
}

function tooLong(name: string): TroupeError {
  return modelError('MODEL_PROTOCOL', name, `the reply is longer than ${replyCharsMax} characters`);
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
