/**
 * The parts of AI SDK's language models that we use, as their shapes: so that `ai` need not be installed, and versions
 * 3 and 4 of the contract fit alike. Both say the same of everything that stands here.
 */
import { idempotencyKey } from '../call-key.js';
import type { ModelMessage, ModelReply, ModelRequest, ToolCall, Usage } from '../model.js';

/** A model of AI SDK 6 (v3) or 7 (v4). */
export interface AiSdkLanguageModel {
  readonly specificationVersion: 'v3' | 'v4';
  readonly provider: string;
  readonly modelId: string;
  // biome-ignore-start lint/suspicious/noExplicitAny: the two versions' options differ in what we do not use
  doGenerate(options: any): PromiseLike<AiSdkResult>;
  doStream(options: any): PromiseLike<{ stream: ReadableStream<any> }>;
  // biome-ignore-end lint/suspicious/noExplicitAny: end of the above
}

/** What `doGenerate` comes to. */
export interface AiSdkResult {
  readonly content: readonly { readonly type: string }[];
  readonly finishReason: AiSdkFinish;
  readonly usage: AiSdkUsage;
}

/** Why it ended. */
export interface AiSdkFinish {
  readonly unified: string;
}

/** What it used. */
export interface AiSdkUsage {
  readonly inputTokens: { readonly total: number | undefined; readonly cacheRead: number | undefined };
  readonly outputTokens: { readonly total: number | undefined };
}

/** A part of a stream, or of a result's content, with the fields of those we read. */
export interface AiSdkPart {
  readonly type: string;
  readonly text?: string;
  readonly delta?: string;
  readonly toolCallId?: string;
  readonly toolName?: string;
  readonly input?: string;
  readonly providerExecuted?: boolean;
  readonly finishReason?: AiSdkFinish;
  readonly usage?: AiSdkUsage;
  readonly error?: unknown;
}

/** A request's options for `doGenerate` and `doStream`. */
export function optionsOf(request: ModelRequest, callId: string, abortSignal: AbortSignal): Record<string, unknown> {
  const { tools = [], toolChoice, output, temperature, maxOutputTokens, seed, stop } = request;
  const options: Record<string, unknown> = {
    prompt: request.messages.map(messageOf),
    abortSignal,
    headers: { 'idempotency-key': idempotencyKey(callId) },
  };
  if (tools.length > 0) {
    options.tools = tools.map(({ name, description, input }) => {
      return { type: 'function', name, description, inputSchema: input };
    });
    const type = typeof toolChoice === 'object' ? 'tool' : toolChoice;
    const named = typeof toolChoice === 'object' ? { toolName: toolChoice.name } : {};
    if (type !== undefined) options.toolChoice = { type, ...named };
  }
  if (output !== undefined) options.responseFormat = { type: 'json', ...output };
  const rest = { temperature, maxOutputTokens, seed, stopSequences: stop };
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) options[name] = value;
  return options;
}

function messageOf(message: ModelMessage): Record<string, unknown> {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.text };
    case 'user':
      return { role: 'user', content: [{ type: 'text', text: message.text }] };
    case 'assistant': {
      const { text, toolCalls = [] } = message;
      const said = text === '' && toolCalls.length > 0 ? [] : [{ type: 'text', text }];
      return { role: 'assistant', content: [...said, ...toolCalls.map(callPartOf)] };
    }
    default: {
      const { callId: toolCallId, name: toolName, text: value, failed } = message;
      const output = { type: failed === true ? 'error-text' : 'text', value };
      return { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output }] };
    }
  }
}

function callPartOf({ id, name, args, badArgs }: ToolCall): Record<string, unknown> {
  const input = badArgs === undefined ? (args ?? {}) : { notJson: badArgs };
  return { type: 'tool-call', toolCallId: id, toolName: name, input };
}

/** Tokens as we count them; what the provider does not say is 0. */
export function usageOf({ inputTokens, outputTokens }: AiSdkUsage): Usage {
  const count = (value: number | undefined): number => (Number.isSafeInteger(value) ? value! : 0);
  return {
    inputTokens: count(inputTokens?.total),
    outputTokens: count(outputTokens?.total),
    cachedTokens: count(inputTokens?.cacheRead),
    costUsd: 0,
  };
}

const finishes: Readonly<Record<string, ModelReply['finish']>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tools',
  'content-filter': 'refused',
};

/** Why it ended. Calls that are there are wanted, whatever the provider says of its end. */
export function finishOf({ unified }: AiSdkFinish, toolCalls: readonly ToolCall[]): ModelReply['finish'] {
  const finish = finishes[unified] ?? 'stop';
  if (finish === 'stop' && toolCalls.length > 0) return 'tools';
  return finish === 'tools' && toolCalls.length === 0 ? 'stop' : finish;
}
