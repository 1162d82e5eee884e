/**
 * A model that says what a test wrote down. Deterministic: what it answers depends on its script and on what it was
 * asked, and its tokens are words.
 *
 * SM1  An entry answers once, unless it says `times`.
 * SM2  A call is answered by the first entry left that fits: one with `when` fits the requests it says, one without
 *      fits any. What no entry fits is remembered, and fails the call and `assertComplete`.
 */
import { describeBriefly, TroupeError } from '../../src/core/errors.js';
import { checkOptions } from '../../src/core/options.js';
import type { Model, ModelCall, ModelPart, ModelReply, ModelRequest, Prices, ToolCall, Usage } from './model.js';
import { modelFrom, nameRule, pricesRule } from './model-from.js';
import { countWords, wordsOfRequest } from './words.js';

/** One reply of a script. Without anything it is an empty text. */
export interface ScriptedReply {
  text?: string;
  /** The text as a stream's parts; default: word by word. */
  chunks?: readonly string[];
  /** Ids are `call-1`, `call-2` and so on where none is given. */
  toolCalls?: readonly (Omit<ToolCall, 'id'> & { id?: string })[];
  /** Default: by words, and no cost but by `prices`. */
  usage?: Partial<Usage>;
  /** Default: `tools` where tools are called, else `stop`. */
  finish?: ModelReply['finish'];
  /** Throw this instead, after the chunks, if there are any. */
  error?: Error;
  /** Say nothing after the chunks, until the call is aborted. */
  hangs?: boolean;
}

/** What may stand for a reply: a text, an error to throw, or a function of the request. */
export type ScriptedAnswer =
  | string
  | Error
  | ScriptedReply
  | ((
      request: ModelRequest,
      call: ModelCall,
    ) => string | Error | ScriptedReply | Promise<string | Error | ScriptedReply>);

/** One entry of a script. */
export type ScriptEntry =
  | ScriptedAnswer
  | {
      /** Which requests it answers. Default: any. */
      when?: (request: ModelRequest) => boolean;
      answer: ScriptedAnswer;
      /** How often it answers; Infinity for always, which `assertComplete` does not wait for. Default 1. */
      times?: number;
    };

/** A call a scripted model got. */
export interface ScriptedCall {
  readonly request: ModelRequest;
  readonly callId: string;
  /** Which entry of the script answered; -1 when none did. */
  readonly entry: number;
}

/** See `scriptedModel`. */
export interface ScriptedModel extends Model {
  /** Every call so far, in order. */
  readonly calls: readonly ScriptedCall[];
  /** @throws TroupeError MODEL_SCRIPT naming the entries that were not used and the calls nobody expected */
  assertComplete(): void;
}

/** What one may choose. */
export interface ScriptedModelOptions {
  /** Default: `scripted`. */
  name?: string;
  /** Default: none, so that nothing costs anything. */
  prices?: Prices;
}

interface Entry {
  when: (request: ModelRequest) => boolean;
  answer: ScriptedAnswer;
  left: number;
}

/**
 * Make a model of a script.
 *
 *   const model = scriptedModel([
 *     { toolCalls: [{ name: 'readFile', args: { path: 'a.txt' } }] },
 *     ({ messages }) => `It says: ${messages.at(-1)?.text}`,
 *   ]);
 *   ...
 *   model.assertComplete();
 *
 * @param script see `ScriptEntry`
 * @throws TroupeError MODEL_SCRIPT for an entry that is none; OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function scriptedModel(script: readonly ScriptEntry[], options: ScriptedModelOptions = {}): ScriptedModel {
  const { name, prices } = checkOptions<Required<ScriptedModelOptions>>(
    options,
    { name: { ...nameRule, default: 'scripted' }, prices: pricesRule },
    'scriptedModel',
  );
  const entries = script.map(entryOf);
  const calls: ScriptedCall[] = [];
  let toolCallCount = 0;
  const stream = async function* (request: ModelRequest, call: ModelCall): AsyncGenerator<ModelPart> {
    const entry = entries.findIndex(({ left, when }) => left > 0 && when(request));
    calls.push({ request, callId: call.callId, entry });
    if (entry < 0) throw scriptError(`${name}: call ${calls.length} was not expected: ${lastWords(request)}`);
    entries[entry]!.left -= 1;
    const reply = await answered(entries[entry]!.answer, request, call);
    const { toolCalls = [], error, hangs = false } = reply;
    const chunks = reply.chunks ?? (reply.text ?? '').match(/\s*\S+|\s+/g) ?? [];
    for (const text of chunks) yield { type: 'text', text };
    if (error !== undefined) throw error;
    if (hangs) await new Promise(() => {});
    const named = toolCalls.map((each): ToolCall => ({ ...each, id: each.id ?? `call-${++toolCallCount}` }));
    for (const each of named) yield { type: 'toolCall', call: each };
    const text = chunks.join('');
    const finish = reply.finish ?? (named.length > 0 ? 'tools' : 'stop');
    const usage = { ...usageOf(request, text, named), ...reply.usage };
    yield { type: 'done', reply: { model: name, text, toolCalls: named, usage, finish } };
  };
  const model = modelFrom({ name, ...(prices === undefined ? {} : { prices }), stream });
  return Object.freeze({ ...model, calls, assertComplete: () => assertComplete(name, entries, calls) });
}

function scriptError(message: string): TroupeError {
  return new TroupeError('MODEL_SCRIPT', message, { field: 'script' });
}

function entryOf(given: ScriptEntry, index: number): Entry {
  const isAnswer = typeof given === 'string' || typeof given === 'function' || given instanceof Error;
  if (typeof given !== 'object' && !isAnswer) {
    throw scriptError(`entry ${index} of the script must be a reply, but is ${describeBriefly(given)}`);
  }
  const entry = isAnswer || !('answer' in given) ? { answer: given as ScriptedAnswer } : given;
  const {
    when = () => true,
    answer,
    times = 1,
  } = entry as { when?: Entry['when'] } & typeof entry & { times?: number };
  if (!(times >= 1)) throw scriptError(`entry ${index} of the script: times must be at least 1, but is ${times}`);
  return { when, answer, left: times };
}

async function answered(answer: ScriptedAnswer, request: ModelRequest, call: ModelCall): Promise<ScriptedReply> {
  const said = typeof answer === 'function' ? await answer(request, call) : answer;
  if (typeof said === 'string') return { text: said };
  return said instanceof Error ? { error: said } : said;
}

function usageOf(request: ModelRequest, text: string, calls: readonly ToolCall[]): Usage {
  const args = calls.map((each) => JSON.stringify(each.args ?? '')).join(' ');
  const outputTokens = countWords(`${text} ${args}`);
  return { inputTokens: wordsOfRequest(request), outputTokens, cachedTokens: 0, costUsd: 0 };
}

function lastWords({ messages }: ModelRequest): string {
  const last = messages.at(-1)!;
  return `${last.role} ${describeBriefly(last.text)}`;
}

function assertComplete(name: string, entries: readonly Entry[], calls: readonly ScriptedCall[]): void {
  const problems: string[] = [];
  for (const [index, { left, answer }] of entries.entries()) {
    if (left > 0 && left < Infinity) problems.push(`entry ${index} (${describeAnswer(answer)}) was not used`);
  }
  for (const [index, { entry, request }] of calls.entries()) {
    if (entry < 0) problems.push(`call ${index + 1} was not expected: ${lastWords(request)}`);
  }
  if (problems.length > 0) throw scriptError(`${name}: ${problems.join('; ')}`);
}

function describeAnswer(answer: ScriptedAnswer): string {
  if (typeof answer !== 'object' || answer instanceof Error) return describeBriefly(answer);
  const { text, chunks, toolCalls = [] } = answer;
  const tools = toolCalls.map((call) => `calls ${call.name}`);
  return [describeBriefly(text ?? chunks?.join('') ?? ''), ...tools].join(', ');
}
