/**
 * The model port: what an agent asks of a language model, and what comes back. Everything here is plain data that
 * messages and the journal carry, except the model itself and the call's signal.
 *
 * P1  A call comes to one `ModelReply`, or throws a TroupeError with one of the MODEL_ codes.
 * P2  A stream's parts are the reply in pieces: its texts joined are `reply.text`, its calls `reply.toolCalls`; the
 *     last part, and only that, is `done`.
 * P3  When the call's signal is aborted the call throws MODEL_ABORTED at once, and what was asked upstream is closed.
 *     What was used until then is in the error's `value.usage`, as an estimate.
 * P4  A stream reads on only while it is asked for more; to leave its loop closes what was asked upstream.
 *
 * A call costs money, so it belongs into an effect of an actor (`fromPromise` or `fromCallback`): then its result is
 * recorded, and never paid for again.
 */
import type { JsonSchema } from '../schema/index.js';
import type { UsageMeter } from './meter.js';

/** A language model. Make one with `modelFrom`, `openAiModel`, `aiSdkModel`, `scriptedModel` or `demoModel`. */
export interface Model {
  /** By which replies, errors and records name it. */
  readonly name: string;
  /** What it costs, when that is known. */
  readonly prices?: Prices;
  /** Ask, and wait for the whole reply. @throws TroupeError with a MODEL_ code (P1) */
  complete(request: ModelRequest, call: ModelCall): Promise<ModelReply>;
  /** Ask, and read the reply as it comes (P2, P4). Nothing is asked before the first part is waited for. */
  stream(request: ModelRequest, call: ModelCall): AsyncIterable<ModelPart>;
}

/** One call, as whoever makes it sees it. */
export interface ModelCall {
  /**
   * The key of the call: the effect's id, which is the same when the effect is begun again after a crash. Goes upstream
   * as `Idempotency-Key`.
   */
  readonly callId: string;
  /** Gives the call up (P3). */
  readonly signal: AbortSignal;
  /** Set by models for the models they ask, and for adapters: what the call has used so far. */
  readonly meter?: UsageMeter;
}

/** A message of the conversation so far. */
export type ModelMessage =
  | { role: 'system' | 'user'; text: string }
  | { role: 'assistant'; text: string; toolCalls?: readonly ToolCall[] }
  /** What a tool said; `failed` when it said no. */
  | { role: 'tool'; callId: string; name: string; text: string; failed?: boolean };

/** A tool the model wants called. */
export interface ToolCall {
  /** Of this call, within the conversation. */
  id: string;
  name: string;
  /** As the model gave them, not yet checked against the tool's schema. */
  args: unknown;
  /** The raw text of the arguments when they were no JSON even after repair; `args` is then undefined. */
  badArgs?: string;
}

/** A tool as a model sees it. */
export interface ToolFacts {
  name: string;
  description: string;
  /** What the arguments must look like. */
  input: JsonSchema;
}

/** What a model is asked. */
export interface ModelRequest {
  messages: readonly ModelMessage[];
  tools?: readonly ToolFacts[];
  /** Default: `auto` where there are tools. */
  toolChoice?: 'auto' | 'none' | 'required' | { name: string };
  /** The form the answer's text must have, as JSON. See `completeStructured`, which also checks it. */
  output?: { name: string; schema: JsonSchema };
  /** 0 or more; default: the model's own. */
  temperature?: number;
  /** Longest reply, in tokens; default: the model's own. */
  maxOutputTokens?: number;
  /** For models that can repeat themselves. */
  seed?: number;
  /** Texts at which the model stops. */
  stop?: readonly string[];
}

/** What calls have used. */
export interface Usage {
  /** Tokens of requests, cached ones included. */
  inputTokens: number;
  outputTokens: number;
  /** Tokens of requests that the server had kept from earlier ones. */
  cachedTokens: number;
  /** US dollars, in billionths; 0 where prices are not known. */
  costUsd: number;
  /** Part of it at least is an estimate: nobody said what a call had used, or it was given up before anybody could. */
  isEstimated?: true;
}

/** What a model costs, in US dollars for a million tokens. */
export interface Prices {
  inputUsd: number;
  outputUsd: number;
  /** Of cached input. Default: `inputUsd`. */
  cachedUsd?: number;
}

/** What a model said. */
export interface ModelReply {
  /** The `name` of the model that answered. */
  model: string;
  text: string;
  toolCalls: readonly ToolCall[];
  usage: Usage;
  /** Why it ended: said all, cut at a length, wants tools called, or refused (also by a filter). */
  finish: 'stop' | 'length' | 'tools' | 'refused';
}

/** A piece of a reply (P2). */
export type ModelPart =
  | { type: 'text'; text: string }
  | { type: 'toolCall'; call: ToolCall }
  | { type: 'done'; reply: ModelReply };
