/** What the fixture server says, in the words of OpenAI's chat completions: bodies, events, errors. Pure. */

/** One answer of the fixture server. Without anything it is a short text. */
export interface FixtureAnswer {
  /** What the model says. Default: `ok`, unless tools are called. */
  text?: string;
  /** The text as the stream's chunks; default: word by word. */
  chunks?: readonly string[];
  /** Tools to call. `args` as an object, or as the raw text a bad model would write. */
  toolCalls?: readonly { name: string; args: unknown; id?: string }[];
  /** Default: by words. Null leaves it out. */
  usage?: { prompt_tokens?: unknown; completion_tokens?: unknown; prompt_tokens_details?: unknown } | null;
  /** `finish_reason`. Default: `tool_calls` where tools are called, else `stop`. */
  finish?: string;
  /** An HTTP status that refuses, with `error` as the body's. Default: 200. */
  status?: number;
  error?: { message?: string; type?: string; code?: string | number };
  /** More headers of the answer: `retry-after`. */
  headers?: Readonly<Record<string, string>>;
  /** Sent as it is, in place of everything above; as `text/event-stream`, or `contentType`. */
  raw?: string | Uint8Array;
  contentType?: string;
  /** An error said in the stream, after its chunks. */
  streamError?: { message?: string; type?: string; code?: string | number };
  /** Answer nothing before `release`: neither headers, or not the body's rest. */
  hold?: 'headers' | 'body';
  /** Milliseconds before the headers, and before each chunk. */
  delayMs?: number;
  chunkDelayMs?: number;
  /** Break the connection, or end the answer as if it were whole, after so many chunks of it. */
  cutAfter?: number;
  endAfter?: number;
}

const id = 'chatcmpl-fixture';
const created = 1_700_000_000;

function words(text: string): number {
  return text.split(/\s+/).filter((each) => each !== '').length;
}

function argsText(args: unknown): string {
  return typeof args === 'string' ? args : JSON.stringify(args);
}

function toolCallsOf({ toolCalls = [] }: FixtureAnswer, nth: number): Record<string, unknown>[] {
  return toolCalls.map(({ id: given, name, args }, index) => ({
    id: given ?? `call_${nth}_${index}`,
    type: 'function',
    function: { name, arguments: argsText(args) },
  }));
}

function textOf({ text, chunks, toolCalls = [] }: FixtureAnswer): string {
  return text ?? chunks?.join('') ?? (toolCalls.length > 0 ? '' : 'ok');
}

function usageOf(answer: FixtureAnswer, request: string): unknown {
  const said = textOf(answer) + (answer.toolCalls ?? []).map(({ args }) => ` ${argsText(args)}`).join('');
  return { prompt_tokens: words(request), completion_tokens: words(said), ...answer.usage };
}

function finishOf({ finish, toolCalls = [] }: FixtureAnswer): string {
  return finish ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop');
}

/** The body of an answer that is not streamed. @param nth the number of the call, for the ids of tool calls */
export function completionOf(answer: FixtureAnswer, model: string, request: string, nth: number): string {
  const calls = toolCallsOf(answer, nth);
  const text = textOf(answer);
  const message = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const choices = [{ index: 0, message, finish_reason: finishOf(answer), logprobs: null }];
  const usage = answer.usage === null ? {} : { usage: usageOf(answer, request) };
  return JSON.stringify({ id, object: 'chat.completion', created, model, choices, ...usage });
}

/** The events of a stream, each as its bytes are written. */
export function eventsOf(answer: FixtureAnswer, model: string, request: string, nth: number): string[] {
  const event = (choices: unknown[], more: object = {}): string =>
    `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created, model, choices, ...more })}\n\n`;
  const delta = (said: object, finish: string | null = null): string =>
    event([{ index: 0, delta: said, finish_reason: finish, logprobs: null }]);
  const events = [delta({ role: 'assistant', content: '' })];
  for (const text of answer.chunks ?? textOf(answer).match(/\s*\S+\s*?|\s+/g) ?? [])
    events.push(delta({ content: text }));
  for (const [index, call] of toolCallsOf(answer, nth).entries()) {
    const { name, arguments: args } = call.function as { name: string; arguments: string };
    const begin = { index, id: call.id, type: 'function', function: { name, arguments: '' } };
    events.push(delta({ tool_calls: [begin] }));
    for (const piece of args.match(/[\s\S]{1,8}/g) ?? []) {
      events.push(delta({ tool_calls: [{ index, function: { arguments: piece } }] }));
    }
  }
  if (answer.streamError !== undefined)
    return [...events, `data: ${JSON.stringify({ error: answer.streamError })}\n\n`];
  events.push(delta({}, finishOf(answer)));
  if (answer.usage !== null) events.push(event([], { usage: usageOf(answer, request) }));
  return [...events, 'data: [DONE]\n\n'];
}

/** The body of a refusal. */
export function refusalOf({ status, error }: FixtureAnswer): string {
  return JSON.stringify({ error: { message: `the fixture answers ${status}`, type: 'fixture', ...error } });
}
