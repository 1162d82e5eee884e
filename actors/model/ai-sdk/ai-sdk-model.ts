/**
 * Models of the AI SDK's providers as models of ours: `openai('gpt-4o')`, `anthropic('claude-...')` and their like.
 *
 * AS1  Tools that the provider itself executes are its own affair: neither their calls nor their results are ours.
 * AS2  Errors of a provider may hold a request's headers, so of what it throws only the words and the status are kept.
 */
import { systemClock } from '../../../src/core/clock.js';
import { describeBriefly, TroupeError } from '../../../src/core/errors.js';
import { checkOptions } from '../../../src/core/options.js';
import { argsOf } from '../json-text.js';
import type { Model, ModelCall, ModelPart, ModelReply, ModelRequest, Prices, ToolCall } from '../model.js';
import { modelError } from '../model-error.js';
import { modelFrom, nameRule, pricesRule } from '../model-from.js';
import { errorOf } from '../openai/errors.js';
import { type AiSdkFinish, type AiSdkLanguageModel, type AiSdkPart, finishOf, optionsOf, usageOf } from './wire.js';

/** What one may choose. */
export interface AiSdkModelOptions {
  /** Default: the provider's name and the model's, as `openai.chat/gpt-4o`. */
  name?: string;
  /** See `Prices`. Default: not known. */
  prices?: Prices;
}

/**
 * Make a model of one of the AI SDK's.
 *
 *   import { openai } from '@ai-sdk/openai';
 *   const model = aiSdkModel(openai('gpt-4o'));
 *
 * Reasoning, sources and files in a reply are left out. Nothing is tried again: see `withRetry`. Calls fail with the
 * codes of `openAiModel`, by the status the provider reports.
 *
 * @param languageModel a model object (not a name) of specification v3 or v4, as AI SDK 6 and 7 have it
 * @throws TroupeError OPTION_TYPE for anything else; OPTION_UNKNOWN, OPTION_RANGE
 */
export function aiSdkModel(languageModel: AiSdkLanguageModel, options: AiSdkModelOptions = {}): Model {
  const { specificationVersion: version, provider, modelId } = (languageModel ?? {}) as Partial<AiSdkLanguageModel>;
  if ((version !== 'v3' && version !== 'v4') || typeof languageModel.doStream !== 'function') {
    const what = version === undefined ? describeBriefly(languageModel) : `one of specification ${version}`;
    const message = `aiSdkModel: the model must be a language model of the AI SDK (v3 or v4), but is ${what}`;
    throw new TroupeError('OPTION_TYPE', message, { field: 'languageModel' });
  }
  const { name, prices } = checkOptions<Required<AiSdkModelOptions>>(
    options,
    { name: { ...nameRule, default: `${provider}/${modelId}` }, prices: pricesRule },
    'aiSdkModel',
  );
  return modelFrom({
    name,
    ...(prices === undefined ? {} : { prices }),
    complete: (request, call) => completed(languageModel, request, call, name),
    stream: (request, call) => streamed(languageModel, request, call, name),
  });
}

async function completed(
  model: AiSdkLanguageModel,
  request: ModelRequest,
  { callId, signal }: ModelCall,
  name: string,
): Promise<ModelReply> {
  try {
    const { content, finishReason, usage } = await model.doGenerate(optionsOf(request, callId, signal));
    const parts = content as readonly AiSdkPart[];
    const text = parts.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
    return replyFrom(name, text, parts.filter(isToolCall), finishReason, usageOf(usage));
  } catch (error) {
    throw typed(error, name);
  }
}

async function* streamed(
  model: AiSdkLanguageModel,
  request: ModelRequest,
  { callId, signal, meter }: ModelCall,
  name: string,
): AsyncGenerator<ModelPart> {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  signal.addEventListener('abort', leave, { once: true });
  const given = optionsOf(request, callId, leaving.signal);
  const texts: string[] = [];
  const calls: AiSdkPart[] = [];
  try {
    const { stream } = await model.doStream(given);
    for await (const part of stream as AsyncIterable<AiSdkPart>) {
      if (part.type === 'text-delta' && part.delta !== undefined && part.delta !== '') {
        texts.push(part.delta);
        yield { type: 'text', text: part.delta };
      } else if (isToolCall(part)) calls.push(part);
      // Paid for, and not handed on as it comes.
      else if (part.type === 'tool-input-delta' || part.type === 'reasoning-delta')
        meter?.heard(part.delta?.length ?? 0);
      else if (part.type === 'error') throw part.error;
      else if (part.type === 'finish') {
        const reply = replyFrom(name, texts.join(''), calls, part.finishReason!, usageOf(part.usage!));
        for (const call of reply.toolCalls) yield { type: 'toolCall', call };
        yield { type: 'done', reply };
        return;
      }
    }
  } catch (error) {
    throw typed(error, name);
  } finally {
    // Providers end what they began at the signal, not when their stream is left.
    signal.removeEventListener('abort', leave);
    leave();
  }
  throw modelError('MODEL_PROTOCOL', name, 'its stream ended before it finished');
}

/** AS1. */
function isToolCall(part: AiSdkPart): boolean {
  return part.type === 'tool-call' && part.providerExecuted !== true;
}

function replyFrom(
  model: string,
  text: string,
  calls: readonly AiSdkPart[],
  finishReason: AiSdkFinish,
  usage: ModelReply['usage'],
): ModelReply {
  if (finishReason.unified === 'error') throw modelError('MODEL_UNAVAILABLE', model, 'its provider failed');
  const isWhole = finishReason.unified !== 'length';
  const toolCalls = calls.map(({ toolCallId, toolName, input }): ToolCall => {
    return { id: toolCallId!, name: toolName!, ...argsOf(input ?? '', isWhole) };
  });
  return { model, text, toolCalls, usage, finish: finishOf(finishReason, toolCalls) };
}

/** AS2. */
function typed(error: unknown, name: string): unknown {
  if (TroupeError.is(error)) return error;
  const {
    message,
    statusCode,
    responseHeaders,
    name: kind,
  } = (error ?? {}) as {
    message?: unknown;
    statusCode?: unknown;
    responseHeaders?: Record<string, string>;
    name?: unknown;
  };
  const body = typeof message === 'string' ? message : describeBriefly(error);
  if (typeof statusCode === 'number') {
    const headers = new Headers(responseHeaders ?? {});
    return errorOf({ status: statusCode, headers, body }, name, (text) => text, systemClock);
  }
  const isMisread =
    typeof kind === 'string' && /JSONParse|TypeValidation|InvalidResponse|NoContent|EmptyRes/.test(kind);
  const isNetwork = error instanceof Error;
  if (isMisread) return modelError('MODEL_PROTOCOL', name, `its provider could not read the answer: ${body}`);
  return modelError('MODEL_UNAVAILABLE', name, isNetwork ? `its provider failed: ${body}` : `it said: ${body}`);
}
