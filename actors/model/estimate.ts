/**
 * About how many tokens something is, where nobody counts them: four characters are a token, and a message costs a few
 * by itself. Good for windows, and for budgets that must hold although a call did not live to say what it used.
 */
import type { ModelMessage, ModelRequest, Prices, Usage } from './model.js';
import { costOf } from './usage.js';

const charsPerToken = 4;
const tokensPerMessage = 4;

/** How many tokens so many characters are, about. */
export function tokensOfChars(chars: number): number {
  return Math.ceil(chars / charsPerToken);
}

/** How many tokens a message is, about. */
export function tokensOf(message: ModelMessage): number {
  let chars = message.text.length;
  if (message.role === 'assistant') {
    for (const { name, args, badArgs } of message.toolCalls ?? [])
      chars += name.length + (badArgs ?? JSON.stringify(args) ?? '').length;
  }
  return tokensPerMessage + tokensOfChars(chars);
}

/** How many tokens a request is, about: its messages, its tools and the form it asks for. */
export function tokensOfRequest({ messages, tools = [], output }: ModelRequest): number {
  const said = messages.reduce((sum, message) => sum + tokensOf(message), 0);
  const shown = tools.length === 0 ? 0 : tokensOfChars(JSON.stringify(tools).length);
  return said + shown + (output === undefined ? 0 : tokensOfChars(JSON.stringify(output.schema).length));
}

/** What a call has used, about. @param outputChars of what has come of the reply */
export function estimatedUsage(inputTokens: number, outputChars: number, prices: Prices | undefined): Usage {
  const counts = { inputTokens, outputTokens: tokensOfChars(outputChars), cachedTokens: 0 };
  return { ...counts, costUsd: costOf(counts, prices), isEstimated: true };
}
