/**
 * A model for examples and first tries: no key, no network, always the same answer to the same question, and it says
 * what it is. It understands nothing; it goes through the motions of a model that uses tools.
 *
 * DM1  What it says depends on the request alone.
 * DM2  Every text it writes says that it is a demo. A form it fills in has no room for that, and says it where a text
 *      of the form is free.
 */
import { checkOptions } from '../../src/core/options.js';
import type { JsonSchema } from '../schema/index.js';
import { mentions, sampleOf } from './demo-sample.js';
import type { Model, ModelMessage, ModelPart, ModelReply, ModelRequest, Prices, ToolCall, ToolFacts } from './model.js';
import { modelFrom, nameRule, pricesRule } from './model-from.js';
import { countWords, wordsOfRequest } from './words.js';

/** What one may choose. */
export interface DemoModelOptions {
  /** Default: `demo`. */
  name?: string;
  /** To see costs. Default: none; it is free. */
  prices?: Prices;
}

/** How much of a tool's result it quotes, in characters. */
const quoteCharsMax = 280;
const disclaimer = 'This is the demo model: it runs offline and understands nothing.';

/**
 * Make one. A request with `output` is answered with a value of the schema. Where tools are offered, and none has
 * answered since the last question, it calls the tool whose name and description share most words with the question
 * (the first one, if none does), with arguments taken from the question. Else it answers, quoting what the tools said.
 * Tokens are words.
 *
 *   const model = process.env['OPENAI_API_KEY'] ? openAiModel({ ... }) : demoModel();
 *
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function demoModel(options: DemoModelOptions = {}): Model {
  const { name, prices } = checkOptions<Required<DemoModelOptions>>(
    options,
    { name: { ...nameRule, default: 'demo' }, prices: pricesRule },
    'demoModel',
  );
  return modelFrom({
    name,
    ...(prices === undefined ? {} : { prices }),
    async *stream(request): AsyncGenerator<ModelPart> {
      const reply = replyTo(request, name);
      for (const text of reply.text.match(/\s*\S+|\s+/g) ?? []) yield { type: 'text', text };
      for (const call of reply.toolCalls) yield { type: 'toolCall', call };
      yield { type: 'done', reply };
    },
  });
}

function replyTo(request: ModelRequest, model: string): ModelReply {
  const asked = request.messages.findLastIndex(({ role }) => role === 'user');
  const question = request.messages[asked]?.text ?? '';
  const results = request.messages.slice(asked + 1).filter((message) => message.role === 'tool');
  const tool = results.length === 0 ? toolFor(request, question) : undefined;
  const calls = tool === undefined ? [] : [callOf(tool, question, request)];
  const said =
    request.output === undefined ? answer(question, results) : formOf(request.output.schema, question, results);
  const { text, isCut } = shortened(tool === undefined ? said : '', request.maxOutputTokens);
  const usage = {
    inputTokens: wordsOfRequest(request),
    outputTokens: countWords(text) + calls.reduce((sum, { args }) => sum + 1 + countWords(JSON.stringify(args)), 0),
    cachedTokens: 0,
    costUsd: 0,
  };
  return { model, text, toolCalls: calls, usage, finish: tool !== undefined ? 'tools' : isCut ? 'length' : 'stop' };
}

function toolFor({ tools = [], toolChoice = 'auto' }: ModelRequest, question: string): ToolFacts | undefined {
  if (toolChoice === 'none') return undefined;
  if (typeof toolChoice === 'object') return tools.find(({ name }) => name === toolChoice.name);
  const score = ({ name, description }: ToolFacts): number => {
    const words = `${name.replace(/([a-z])([A-Z])/g, '$1 $2')} ${description}`.split(/[^\p{L}\p{N}]+/u);
    return new Set(words.filter((word) => word.length > 2 && mentions(question, word))).size;
  };
  // Stable: of those that share as many words, the first.
  return [...tools].sort((a, b) => score(b) - score(a))[0];
}

function callOf({ name, input }: ToolFacts, question: string, { messages }: ModelRequest): ToolCall {
  const before = messages.reduce(
    (sum, each) => sum + (each.role === 'assistant' ? (each.toolCalls?.length ?? 0) : 0),
    0,
  );
  return { id: `demo-${before + 1}`, name, args: sampleOf({ type: 'object', ...input }, question) };
}

function answer(question: string, results: readonly Extract<ModelMessage, { role: 'tool' }>[]): string {
  const said = results.map(
    ({ name, text, failed }) => `${name} ${failed === true ? 'failed' : 'said'}: ${quoted(text)}`,
  );
  return [disclaimer, `You asked: ${quoted(question)}`, ...said].join(' ');
}

/** A form: of what the tools said, where they said something, else of the question. */
function formOf(schema: JsonSchema, question: string, results: readonly ModelMessage[]): string {
  const text = results.length === 0 ? question : results.map((each) => each.text).join(' ');
  return JSON.stringify(sampleOf(schema, `${disclaimer} ${shortLine(text)}`));
}

function quoted(text: string): string {
  return `"${shortLine(text)}"`;
}

function shortLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > quoteCharsMax ? `${line.slice(0, quoteCharsMax)}...` : line;
}

function shortened(text: string, wordsMax = Infinity): { text: string; isCut: boolean } {
  const words = text.match(/\s*\S+/g) ?? [];
  return words.length <= wordsMax ? { text, isCut: false } : { text: words.slice(0, wordsMax).join(''), isCut: true };
}
