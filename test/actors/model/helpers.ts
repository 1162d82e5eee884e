/** What tests of models need again and again: calls, requests, and the parts a stream came in. */
import type { Model, ModelCall, ModelPart, ModelReply, ModelRequest, ToolFacts } from '../../../actors/model/index.js';

/** A call that nobody gives up, unless a signal is given. */
export function callOf(callId = 'call-id', signal: AbortSignal = new AbortController().signal): ModelCall {
  return { callId, signal };
}

/** A request of one user message. */
export function ask(text: string, more: Partial<ModelRequest> = {}): ModelRequest {
  return { messages: [{ role: 'user', text }], ...more };
}

/** All parts of a stream, and what they come to. */
export async function collect(stream: AsyncIterable<ModelPart>): Promise<{ parts: ModelPart[]; reply: ModelReply }> {
  const parts: ModelPart[] = [];
  for await (const part of stream) parts.push(part);
  const last = parts.at(-1);
  if (last?.type !== 'done') throw new Error('the last part is not done');
  return { parts, reply: last.reply };
}

/** The texts among parts. */
export function textsOf(parts: readonly ModelPart[]): string[] {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
}

/** Ask in both ways: what fails or succeeds in one must in the other. */
export const bothWays: readonly [
  way: string,
  run: (model: Model, request: ModelRequest, call?: ModelCall) => Promise<ModelReply>,
][] = [
  ['whole', (model, request, call = callOf()) => model.complete(request, call)],
  ['streamed', async (model, request, call = callOf()) => (await collect(model.stream(request, call))).reply],
];

/** A tool that reads a file. */
export const readFile: ToolFacts = {
  name: 'readFile',
  description: 'Read a text file',
  input: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
};
