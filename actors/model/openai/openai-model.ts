/**
 * Any server that speaks OpenAI's chat completions: OpenAI and its like, Ollama, llama.cpp, vLLM, LM Studio, gateways.
 *
 * OA1  One call is one request, with the call's id as its `Idempotency-Key`. Nothing is tried again here: see
 *      `withRetry`.
 * OA2  Whatever ends a call, the connection does not outlive it.
 */
import type { Model, ModelCall, ModelPart, ModelReply, ModelRequest } from '../model.js';
import { modelFrom } from '../model-from.js';
import { eventsOf } from './events.js';
import { Exchange } from './exchange.js';
import { checkSettings, type OpenAiModelOptions, type Settings } from './options.js';
import { bodyOf } from './to-wire.js';
import { WireReply } from './wire-reply.js';

/**
 * Make a model of a server.
 *
 *   const model = openAiModel({
 *     url: 'https://api.openai.com/v1', model: 'gpt-4o-mini', apiKeyFrom: () => process.env['OPENAI_API_KEY'] ?? '',
 *   });
 *
 * Arguments of tool calls that are no JSON are repaired, else handed on as `badArgs`. A server that does not say what
 * it used is taken to use a token for four characters. A stream that is answered with one JSON body is read as that.
 *
 * Calls fail with: MODEL_RATE_LIMITED (429; `value.retryAfterMs` where the server said), MODEL_UNAVAILABLE (5xx, no
 * connection, a connection that broke), MODEL_TIMEOUT, MODEL_REJECTED (other statuses from 300 to 499, an empty purse),
 * MODEL_PROTOCOL (no JSON, no choices, cut off before its end, longer than `replyCharsMax`), MODEL_ABORTED.
 *
 * @param options see `OpenAiModelOptions`
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE, none of which repeats a key
 */
export function openAiModel(options: OpenAiModelOptions): Model {
  const settings = checkSettings(options);
  const { name, prices } = settings;
  return modelFrom({
    name,
    ...(prices === undefined ? {} : { prices }),
    complete: (request, call) => completed(request, call, settings),
    stream: (request, call) => streamed(request, call, settings),
  });
}

async function completed(request: ModelRequest, call: ModelCall, settings: Settings): Promise<ModelReply> {
  const body = JSON.stringify(bodyOf(request, settings, false));
  const exchange = Exchange.begin(settings, call);
  try {
    await exchange.send(body);
    const reply = replyFor(exchange, body, call, settings);
    await takeWhole(reply, exchange, settings);
    return reply.reply();
  } finally {
    exchange.close();
  }
}

async function* streamed(request: ModelRequest, call: ModelCall, settings: Settings): AsyncGenerator<ModelPart> {
  const body = JSON.stringify(bodyOf(request, settings, true));
  const exchange = Exchange.begin(settings, call);
  try {
    const kind = await exchange.send(body);
    const reply = replyFor(exchange, body, call, settings);
    if (/\bjson\b/.test(kind)) {
      const text = await takeWhole(reply, exchange, settings);
      if (text !== '') yield { type: 'text', text };
    } else {
      for await (const text of texts(reply, exchange, settings)) yield { type: 'text', text };
    }
    const whole = reply.reply();
    for (const toolCall of whole.toolCalls) yield { type: 'toolCall', call: toolCall };
    yield { type: 'done', reply: whole };
  } finally {
    exchange.close();
  }
}

function replyFor(exchange: Exchange, body: string, { callId, meter }: ModelCall, settings: Settings): WireReply {
  const { name, replyCharsMax: charsMax } = settings;
  const protocolError = (said: string) => exchange.protocolError(said);
  const onArgs = (chars: number) => meter?.heard(chars);
  return new WireReply({ name, callId, charsMax, requestChars: body.length, protocolError, onArgs });
}

async function takeWhole(reply: WireReply, exchange: Exchange, settings: Settings): Promise<string> {
  return reply.take(parsed(await exchange.readText(settings.replyCharsMax), exchange), 'message');
}

/** The texts of a stream's events, until the server says that it is done. */
async function* texts(reply: WireReply, exchange: Exchange, settings: Settings): AsyncGenerator<string> {
  const { replyCharsMax, silenceMs } = settings;
  const read = () => exchange.read(silenceMs);
  for await (const data of eventsOf(read, replyCharsMax, (said, cause) => exchange.protocolError(said, cause))) {
    if (data.trim() === '[DONE]') return exchange.finish();
    const text = reply.take(parsed(data, exchange), 'delta');
    if (text !== '') yield text;
  }
  // Not every server says [DONE]; but one that has not even said why it ended was cut off.
  if (!reply.isFinished) throw exchange.protocolError('its answer broke off before its end');
}

/** JSON of the server; an error in it is the call's. */
function parsed(text: string, exchange: Exchange): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw exchange.protocolError(`its answer is no JSON: ${text.slice(0, 200)}`, error);
  }
  const { error } = (value ?? {}) as { error?: unknown };
  if (error !== undefined && error !== null) throw exchange.refusalOf(value);
  return value;
}
