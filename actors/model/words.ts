/** Tokens of models that have none: words. */
import type { ModelRequest } from './model.js';

/** How many words a text has: what stands between spaces. */
export function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

/** How many words a request has: its messages, and what it says of tools and form. */
export function wordsOfRequest({ messages, tools = [], output }: ModelRequest): number {
  let words = output === undefined ? 0 : countWords(JSON.stringify(output.schema));
  for (const { name, description } of tools) words += countWords(`${name} ${description}`);
  for (const message of messages) {
    words += countWords(message.text);
    if (message.role === 'assistant') words += message.toolCalls?.length ?? 0;
  }
  return words;
}
