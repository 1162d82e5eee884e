/**
 * Replies are checked where they come in, whoever made the model: what is behind this door counts tokens, keeps money
 * and calls tools by them, and trusts what it reads.
 *
 * CR1  What comes out is of the contract, and has nothing else: texts are texts, each count is finite and at least 0.
 * CR2  What does not fit is MODEL_PROTOCOL at once, with the field and what it was, and with what the call has used: as
 *      the reply says it where that makes sense, else about.
 */
import { describeBriefly } from '../../src/core/errors.js';
import type { ModelPart, ModelReply, ToolCall, Usage } from './model.js';
import { modelError } from './model-error.js';
import { wrongCount } from './usage.js';

/**
 * Characters of a reply, of its text and, streamed, of its parts; of more the call fails. A bound for models that never
 * end, not for budgets: those have limits of tokens.
 */
export const replyCharsMax = 33_554_432;

const finishes: readonly unknown[] = ['stop', 'length', 'tools', 'refused'] satisfies ModelReply['finish'][];

type Refuse = (field: string, value: unknown, expected: string) => never;

/**
 * CR1
 * @param given what a model has answered with
 * @param model its name
 * @param used what the call has used, about, for a reply that does not say it
 * @throws TroupeError MODEL_PROTOCOL
 */
export function checkReply(given: unknown, model: string, used: () => Usage): ModelReply {
  const { text, toolCalls, usage, finish, model: by } = (given ?? {}) as Partial<Record<keyof ModelReply, unknown>>;
  const refuse: Refuse = (field, value, expected) =>
    refused(model, field, value, expected, wrongCount(usage) === undefined ? (usage as Usage) : used());
  if (typeof given !== 'object' || given === null) refuse('reply', given, 'must be an object');
  if (typeof by !== 'string') refuse('reply.model', by, 'must be a text');
  if (typeof text !== 'string') return refuse('reply.text', text, 'must be a text');
  if (text.length > replyCharsMax)
    refuse('reply.text.length', text.length, `must be at most ${replyCharsMax} characters`);
  if (!Array.isArray(toolCalls)) return refuse('reply.toolCalls', toolCalls, 'must be an array');
  const wrong = wrongCount(usage);
  if (wrong !== undefined) refuse(`reply.usage${wrong.at}`, wrong.value, wrong.expected);
  if (!finishes.includes(finish)) refuse('reply.finish', finish, `must be one of ${finishes.join(', ')}`);
  const calls = toolCalls.map((call: unknown, at) => checkCall(call, `reply.toolCalls[${at}]`, refuse));
  return {
    model: by as string,
    text,
    toolCalls: calls,
    usage: plainUsage(usage as Usage),
    finish: finish as ModelReply['finish'],
  };
}

/**
 * As `checkReply`, a part of a stream. The reply of the last one is not looked at.
 * @throws TroupeError MODEL_PROTOCOL
 */
export function checkPart(given: unknown, model: string, used: () => Usage): ModelPart {
  const refuse: Refuse = (field, value, expected) => refused(model, field, value, expected, used());
  if (typeof given !== 'object' || given === null) return refuse('part', given, 'must be an object');
  const part = given as ModelPart;
  if (part.type === 'text' && typeof part.text !== 'string') refuse('part.text', part.text, 'must be a text');
  if (part.type === 'toolCall') return { type: 'toolCall', call: checkCall(part.call, 'part.call', refuse) };
  return part;
}

function checkCall(given: unknown, field: string, refuse: Refuse): ToolCall {
  if (typeof given !== 'object' || given === null) return refuse(field, given, 'must be a call of a tool');
  // One without an id is given one by whoever makes the call.
  const { id = '', name, args, badArgs } = given as Partial<ToolCall>;
  if (typeof id !== 'string') refuse(`${field}.id`, id, 'must be a text');
  if (typeof name !== 'string') return refuse(`${field}.name`, name, 'must be a text');
  if (badArgs === undefined) return { id, name, args };
  if (typeof badArgs !== 'string') refuse(`${field}.badArgs`, badArgs, 'must be a text');
  return { id, name, args, badArgs };
}

function plainUsage({ inputTokens, outputTokens, cachedTokens, costUsd, isEstimated }: Usage): Usage {
  const usage: Usage = { inputTokens, outputTokens, cachedTokens, costUsd };
  return isEstimated === true ? { ...usage, isEstimated } : usage;
}

/** CR2 */
function refused(model: string, field: string, value: unknown, expected: string, usage: Usage): never {
  const found = describeBriefly(value);
  throw modelError('MODEL_PROTOCOL', model, `${field} ${expected}, but is ${found}`, { field, found, usage });
}
