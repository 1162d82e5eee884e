/**
 * A reply put together of what a server sends: of the deltas of a stream, or of one message, which is read as a delta
 * that says all. Whatever is not of the protocol is refused, by the place; what the protocol does not know is passed
 * over.
 *
 * WR1  Text is handed on as it comes, and kept once, for the reply.
 * WR2  A tool call is complete when the reply is: nothing may be done on half its arguments.
 * WR3  Text and arguments together are no longer than `charsMax`.
 */
import type { TroupeError } from '../../../src/core/errors.js';
import { tokensOfChars } from '../estimate.js';
import { argsOf } from '../json-text.js';
import type { ModelReply, ToolCall, Usage } from '../model.js';

/** What it is told at the beginning. */
export interface WireReplyOptions {
  /** The model's name. */
  name: string;
  /** Begins the ids of calls whose server gave them none. */
  callId: string;
  charsMax: number;
  /** Characters of the request, for servers that do not say what they used. */
  requestChars: number;
  /** Makes the error of an answer that is none. */
  protocolError: (said: string) => TroupeError;
  /** Told how many characters of arguments have come: they are handed on only when they are whole. */
  onArgs: (chars: number) => void;
}

interface OpenCall {
  id: string;
  name: string;
  raw: string;
}

const finishes: Readonly<Record<string, ModelReply['finish']>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tools',
  function_call: 'tools',
  content_filter: 'refused',
};

type Json = Readonly<Record<string, unknown>>;

/** See the file's header. */
export class WireReply {
  private readonly texts: string[] = [];
  private readonly calls = new Map<number, OpenCall>();
  private chars = 0;
  private hasChoice = false;
  private isRefusal = false;
  private finish: ModelReply['finish'] | undefined;
  private usage: Usage | undefined;

  constructor(private readonly options: WireReplyOptions) {}

  /** The server has said why it ended. */
  get isFinished(): boolean {
    return this.finish !== undefined;
  }

  /**
   * Take a chunk of a stream, or a whole completion.
   * @returns the text in it
   * @throws TroupeError MODEL_PROTOCOL
   */
  take(chunk: unknown, part: 'delta' | 'message'): string {
    const { choices, usage } = this.object(chunk, 'what it sent');
    if (usage !== undefined && usage !== null) this.usage = this.usageOf(this.object(usage, 'usage'));
    if (choices === undefined && part === 'delta') return '';
    const choice = this.array(choices, 'choices').find((each) => (this.object(each, 'a choice').index ?? 0) === 0);
    if (choice === undefined) return '';
    this.hasChoice = true;
    const { finish_reason: finish, ...rest } = choice as Json;
    if (typeof finish === 'string') this.finish = Object.hasOwn(finishes, finish) ? finishes[finish]! : 'stop';
    const said = rest[part];
    if (said === undefined || said === null) {
      if (part === 'message') throw this.wrong('there is no message in its choice');
      return '';
    }
    return this.takeDelta(this.object(said, part));
  }

  private takeDelta({ content, refusal, tool_calls: calls }: Json): string {
    const text = this.textOf(content) + this.textOf(refusal);
    if (typeof refusal === 'string' && refusal !== '') this.isRefusal = true;
    if (text !== '') {
      this.count(text);
      this.texts.push(text);
    }
    if (calls !== undefined && calls !== null) {
      for (const [position, call] of this.array(calls, 'tool_calls').entries()) this.takeCall(call, position);
    }
    return text;
  }

  private takeCall(given: unknown, position: number): void {
    const call = this.object(given, 'a tool call');
    const { name, arguments: args } = this.object(call.function ?? {}, 'the function of a tool call');
    const id = typeof call.id === 'string' ? call.id : '';
    const open = this.openCall(typeof call.index === 'number' ? call.index : undefined, position, id);
    if (id !== '') open.id = id;
    // Some servers repeat the name in every delta; others send it in pieces, which no name of ours needs.
    if (typeof name === 'string' && name !== '') open.name = name;
    // Some send the arguments as the object they are.
    const raw = typeof args === 'object' && args !== null ? JSON.stringify(args) : this.textOf(args);
    this.count(raw);
    this.options.onArgs(raw.length);
    open.raw += raw;
  }

  private openCall(index: number | undefined, position: number, id: string): OpenCall {
    // Without an index, what has a new id is a new call, and what has none goes on with the last.
    const known = id === '' ? undefined : [...this.calls].find(([, call]) => call.id === id)?.[0];
    const unnumbered = known ?? (id === '' && this.calls.size > 0 ? this.calls.size - 1 : this.calls.size);
    const at = index ?? Math.max(unnumbered, position);
    const open = this.calls.get(at);
    if (open !== undefined && (id === '' || open.id === '' || open.id === id)) return open;
    const fresh: OpenCall = { id, name: '', raw: '' };
    // The same index for another call: whoever sends whole calls does not always count them.
    this.calls.set(open === undefined ? at : Math.max(...this.calls.keys()) + 1, fresh);
    return fresh;
  }

  /**
   * The whole reply.
   * @throws TroupeError MODEL_PROTOCOL when there is none, or half of one
   */
  reply(): ModelReply {
    const { name } = this.options;
    if (!this.hasChoice) throw this.wrong('there are no choices in its answer');
    const text = this.texts.join('');
    const toolCalls = this.toolCalls();
    if (this.finish === 'tools' && toolCalls.length === 0) throw this.wrong('it wants tools called, and names none');
    const said = this.finish ?? 'stop';
    const finish = this.isRefusal ? 'refused' : said === 'stop' && toolCalls.length > 0 ? 'tools' : said;
    return { model: name, text, toolCalls, usage: this.usage ?? this.estimate(), finish };
  }

  private toolCalls(): ToolCall[] {
    const ids = new Set<string>();
    const inOrder = [...this.calls].sort(([a], [b]) => a - b);
    return inOrder.map(([, { id: given, name, raw }], index) => {
      if (name === '') throw this.wrong('a tool call in its answer has no name');
      // Answers find their calls by id, so two calls must not share one.
      const id = given !== '' && !ids.has(given) ? given : `${given || this.options.callId}#${index}`;
      ids.add(id);
      return { id, name, ...argsOf(raw, this.finish !== 'length') };
    });
  }

  private usageOf({ prompt_tokens: input, completion_tokens: output, prompt_tokens_details: details }: Json): Usage {
    const { cached_tokens: cached } = this.object(details ?? {}, 'usage.prompt_tokens_details');
    const count = (value: unknown, field: string): number => {
      if (value === undefined || value === null) return 0;
      if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
      throw this.wrong(`usage.${field} in its answer is no count`);
    };
    return {
      inputTokens: count(input, 'prompt_tokens'),
      outputTokens: count(output, 'completion_tokens'),
      cachedTokens: count(cached, 'prompt_tokens_details.cached_tokens'),
      costUsd: 0,
    };
  }

  /** For servers that do not count, so that budgets hold there too. */
  private estimate(): Usage {
    const inputTokens = tokensOfChars(this.options.requestChars);
    const outputTokens = tokensOfChars(this.chars);
    return { inputTokens, outputTokens, cachedTokens: 0, costUsd: 0, isEstimated: true };
  }

  private count(text: string): void {
    this.chars += text.length;
    if (this.chars > this.options.charsMax)
      throw this.wrong(`its reply is longer than ${this.options.charsMax} characters`);
  }

  /** Text, or the texts among the parts some servers send. */
  private textOf(value: unknown): string {
    if (typeof value === 'string') return value;
    if (value === undefined || value === null) return '';
    if (!Array.isArray(value)) throw this.wrong('a text in its answer is none');
    return value.map((each: unknown) => this.object(each, 'a part of a text').text ?? '').join('');
  }

  private object(value: unknown, what: string): Json {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
    throw this.wrong(`${what} is no object`);
  }

  private array(value: unknown, what: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    throw this.wrong(value === undefined ? `there are no ${what} in its answer` : `${what} in its answer are no array`);
  }

  private wrong(said: string): TroupeError {
    return this.options.protocolError(said);
  }
}
