import { MockLanguageModelV3, simulateReadableStream } from 'ai/test';
import { expect } from 'chai';
import { aiSdkModel, type AiSdkLanguageModel, retryAfterMsOf } from '../../../../actors/model/index.js';
import { thrownBy } from '../../../helpers/fake-port.js';
import { rejection } from '../../../helpers/with-system.js';
import { ask, bothWays, callOf, collect, readFile, textsOf } from '../helpers.js';

type Mock = NonNullable<ConstructorParameters<typeof MockLanguageModelV3>[0]>;
type Result = Extract<NonNullable<Mock['doGenerate']>, { content: unknown }>;
type StreamPart =
  Extract<NonNullable<Mock['doStream']>, { stream: unknown }>['stream'] extends ReadableStream<infer P> ? P : never;

const usage: Result['usage'] = {
  inputTokens: { total: 100, noCache: 60, cacheRead: 40, cacheWrite: 0 },
  outputTokens: { total: 7, text: 7, reasoning: 0 },
};
const content: Result['content'] = [
  { type: 'reasoning', text: 'hm' },
  { type: 'text', text: 'I ' },
  { type: 'text', text: 'look.' },
  { type: 'tool-call', toolCallId: 'a', toolName: 'readFile', input: '{"path":"x"}' },
  { type: 'tool-call', toolCallId: 'b', toolName: 'readFile', input: "{path: 'y',}" },
  { type: 'tool-call', toolCallId: 'c', toolName: 'webSearch', input: '{}', providerExecuted: true },
  { type: 'tool-call', toolCallId: 'd', toolName: 'readFile', input: 'no JSON' },
];
const finishReason = (unified: Result['finishReason']['unified']): Result['finishReason'] => ({
  unified,
  raw: unified,
});
const result = (more: Partial<Result> = {}): Result => ({
  content,
  finishReason: finishReason('tool-calls'),
  usage,
  warnings: [],
  ...more,
});

/** The same as a stream. */
function partsOf({ content: said, finishReason: finish, usage: used }: Result): StreamPart[] {
  const parts: StreamPart[] = [{ type: 'stream-start', warnings: [] }];
  for (const [index, part] of said.entries()) {
    const id = String(index);
    if (part.type === 'text') {
      parts.push({ type: 'text-start', id }, { type: 'text-delta', id, delta: part.text }, { type: 'text-end', id });
    } else if (part.type === 'reasoning') {
      parts.push(
        { type: 'reasoning-start', id },
        { type: 'reasoning-delta', id, delta: part.text },
        { type: 'reasoning-end', id },
      );
    } else if (part.type === 'tool-call') {
      parts.push({ type: 'tool-input-start', id: part.toolCallId, toolName: part.toolName });
      parts.push({ type: 'tool-input-delta', id: part.toolCallId, delta: part.input });
      parts.push({ type: 'tool-input-end', id: part.toolCallId }, part);
    }
  }
  return [...parts, { type: 'finish', finishReason: finish, usage: used }];
}

const streamOf = (chunks: StreamPart[]) => ({
  stream: simulateReadableStream({ chunks, initialDelayInMs: null, chunkDelayInMs: null }),
});
const mock = (more: Partial<Result> = {}) =>
  new MockLanguageModelV3({
    provider: 'test',
    modelId: 'one',
    doGenerate: result(more),
    doStream: streamOf(partsOf(result(more))),
  });
/** The contract of AI SDK 7 differs in nothing that we use. */
const asV4 = (model: MockLanguageModelV3): AiSdkLanguageModel =>
  Object.assign(Object.create(model) as MockLanguageModelV3, {
    specificationVersion: 'v4' as const,
  }) as unknown as AiSdkLanguageModel;

describe('aiSdkModel', () => {
  for (const [version, as] of [
    ['v3', (model: MockLanguageModelV3): AiSdkLanguageModel => model],
    ['v4', asV4],
  ] as const) {
    for (const [way, run] of bothWays) {
      it(`says text, tool calls, usage and cost of a ${version} model, ${way}`, async () => {
        const model = aiSdkModel(as(mock()), { prices: { inputUsd: 1, outputUsd: 10, cachedUsd: 0 } });
        expect(model.name).to.equal('test/one');
        expect(await run(model, ask('?', { tools: [readFile] }))).to.deep.equal({
          model: 'test/one',
          text: 'I look.',
          toolCalls: [
            { id: 'a', name: 'readFile', args: { path: 'x' } },
            { id: 'b', name: 'readFile', args: { path: 'y' } },
            { id: 'd', name: 'readFile', args: undefined, badArgs: 'no JSON' },
          ],
          usage: { inputTokens: 100, outputTokens: 7, cachedTokens: 40, costUsd: 0.00013 },
          finish: 'tools',
        });
      });
    }
  }

  it('streams in the provider’s pieces', async () => {
    const { parts } = await collect(aiSdkModel(mock()).stream(ask('?'), callOf()));
    expect(textsOf(parts)).to.deep.equal(['I ', 'look.']);
    expect(parts.map(({ type }) => type)).to.deep.equal(['text', 'text', 'toolCall', 'toolCall', 'toolCall', 'done']);
  });

  it('asks in the words of the SDK', async () => {
    const inner = mock();
    const { signal } = new AbortController();
    await aiSdkModel(inner).complete(
      {
        messages: [
          { role: 'system', text: 'Be brief.' },
          { role: 'user', text: 'Read a.' },
          { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'readFile', args: { path: 'a' } }] },
          { role: 'tool', callId: 'c1', name: 'readFile', text: 'A' },
          { role: 'assistant', text: 'hm', toolCalls: [{ id: 'c2', name: 'readFile', args: undefined, badArgs: '{' }] },
          { role: 'tool', callId: 'c2', name: 'readFile', text: 'no', failed: true },
        ],
        tools: [readFile],
        toolChoice: { name: 'readFile' },
        output: { name: 'answer', schema: { type: 'object' } },
        temperature: 0,
        maxOutputTokens: 9,
        seed: 3,
        stop: ['END'],
      },
      callOf('/a~1:b c', signal),
    );
    const { abortSignal, ...given } = inner.doGenerateCalls[0]!;
    expect(abortSignal).to.equal(signal);
    expect(given).to.deep.equal({
      prompt: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Read a.' }] },
        {
          role: 'assistant',
          content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'readFile', input: { path: 'a' } }],
        },
        {
          role: 'tool',
          content: [
            { type: 'tool-result', toolCallId: 'c1', toolName: 'readFile', output: { type: 'text', value: 'A' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'hm' },
            { type: 'tool-call', toolCallId: 'c2', toolName: 'readFile', input: { notJson: '{' } },
          ],
        },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: 'c2',
              toolName: 'readFile',
              output: { type: 'error-text', value: 'no' },
            },
          ],
        },
      ],
      headers: { 'idempotency-key': '/a~1:b%20c' },
      tools: [{ type: 'function', name: 'readFile', description: 'Read a text file', inputSchema: readFile.input }],
      toolChoice: { type: 'tool', toolName: 'readFile' },
      responseFormat: { type: 'json', name: 'answer', schema: { type: 'object' } },
      temperature: 0,
      maxOutputTokens: 9,
      seed: 3,
      stopSequences: ['END'],
    });
  });

  it('asks for nothing that the request does not say', async () => {
    const inner = mock();
    await aiSdkModel(inner).complete(ask('?', { tools: [] }), callOf());
    expect(Object.keys(inner.doGenerateCalls[0]!).sort()).to.deep.equal(['abortSignal', 'headers', 'prompt']);
  });

  for (const [way, run] of bothWays) {
    it(`says why it ended, ${way}`, async () => {
      for (const [unified, finish] of [
        ['stop', 'stop'],
        ['length', 'length'],
        ['content-filter', 'refused'],
        ['other', 'stop'],
        ['tool-calls', 'stop'],
      ] as const) {
        const said: Partial<Result> = { content: [{ type: 'text', text: 'a' }], finishReason: finishReason(unified) };
        expect((await run(aiSdkModel(mock(said)), ask('?'))).finish, unified).to.equal(finish);
      }
      const cut: Partial<Result> = {
        content: [{ type: 'tool-call', toolCallId: 'a', toolName: 'b', input: '{"sum":1' }],
        finishReason: finishReason('length'),
      };
      expect((await run(aiSdkModel(mock(cut)), ask('?'))).toolCalls[0]).to.include({ badArgs: '{"sum":1' });
      const failed = aiSdkModel(mock({ finishReason: finishReason('error') }));
      expect(await rejection(run(failed, ask('?')))).to.have.property('code', 'MODEL_UNAVAILABLE');
    });

    it(`has a code for what the provider throws, and keeps nothing else of it, ${way}`, async () => {
      const thrown = (message: string, more: object) =>
        Object.assign(new Error(message), { requestHeaders: { authorization: 'canary-key' } }, more);
      for (const [error, code] of [
        [thrown('slow down', { statusCode: 429, responseHeaders: { 'retry-after': '3' } }), 'MODEL_RATE_LIMITED'],
        [thrown('no key', { statusCode: 401 }), 'MODEL_REJECTED'],
        [thrown('oops', { statusCode: 500 }), 'MODEL_UNAVAILABLE'],
        [thrown('bad JSON', { name: 'AI_JSONParseError' }), 'MODEL_PROTOCOL'],
        [thrown('fetch failed', {}), 'MODEL_UNAVAILABLE'],
        ['a text', 'MODEL_UNAVAILABLE'],
      ] as const) {
        const failing = () => Promise.reject(error);
        const model = aiSdkModel(new MockLanguageModelV3({ doGenerate: failing, doStream: failing }));
        const typed = await rejection(run(model, ask('?')));
        expect(typed).to.have.property('code', code);
        expect(JSON.stringify(typed) + String(typed.cause)).to.not.include('canary');
        if (code === 'MODEL_RATE_LIMITED') expect(retryAfterMsOf(typed)).to.equal(3_000);
      }
    });
  }

  it('takes an error in the stream, and a stream without an end, for failures', async () => {
    const erring = partsOf(result()).slice(0, 3);
    const error = { statusCode: 503, message: 'overloaded' };
    const model = aiSdkModel(
      new MockLanguageModelV3({ doStream: [streamOf([...erring, { type: 'error', error }]), streamOf(erring)] }),
    );
    // The mock counts its calls from one.
    expect(await rejection(collect(model.stream(ask('?'), callOf())))).to.have.property('code', 'MODEL_UNAVAILABLE');
    expect(await rejection(collect(model.stream(ask('?'), callOf())))).to.have.property('code', 'MODEL_PROTOCOL');
  });

  it('AI SDK #9146: ends what the provider began when it is aborted or left', async () => {
    const signals: AbortSignal[] = [];
    const endless = new MockLanguageModelV3({
      doStream: async ({ abortSignal }) => {
        signals.push(abortSignal!);
        const parts = partsOf(result()).slice(0, 6);
        return {
          stream: new ReadableStream<StreamPart>({
            start(controller) {
              for (const part of parts) controller.enqueue(part);
            },
          }),
        };
      },
    });
    const model = aiSdkModel(endless);
    for await (const part of model.stream(ask('?'), callOf())) {
      expect(part.type).to.equal('text');
      break;
    }
    const abort = new AbortController();
    const running = rejection(collect(model.stream(ask('?'), callOf('a', abort.signal))));
    await new Promise(setImmediate);
    abort.abort();
    expect(await running).to.have.property('code', 'MODEL_ABORTED');
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true, true]);
  });

  it('refuses what is no such model', () => {
    for (const given of [
      'openai/gpt-4o',
      null,
      {},
      { specificationVersion: 'v2', doStream: () => {} },
      { specificationVersion: 'v3' },
    ]) {
      expect(thrownBy(() => aiSdkModel(given as never))).to.include({ code: 'OPTION_TYPE', field: 'languageModel' });
    }
  });
});
