import { expect } from 'chai';
import {
  fixtureModelServer,
  type FixtureModelServer,
  openAiModel,
  type OpenAiModelOptions,
} from '../../../../actors/model/index.js';
import { ask, bothWays, callOf, collect, readFile, textsOf } from '../helpers.js';

describe('openAiModel, on a server that speaks the wire format', () => {
  let server: FixtureModelServer;
  const model = (more: Partial<OpenAiModelOptions> = {}) =>
    openAiModel({ url: server.url, model: 'fixture', prices: { inputUsd: 1, outputUsd: 2 }, ...more });

  beforeEach(async () => {
    server = await fixtureModelServer();
  });
  afterEach(() => server.close());

  for (const [way, run] of bothWays) {
    describe(`asked for the ${way} reply`, () => {
      it('says text, usage and cost', async () => {
        server.script({
          text: 'It is four.',
          usage: { prompt_tokens: 1_000, completion_tokens: 10, prompt_tokens_details: { cached_tokens: 100 } },
        });
        expect(
          await run(model({ prices: { inputUsd: 1, outputUsd: 2, cachedUsd: 0.5 } }), ask('2 + 2?')),
        ).to.deep.equal({
          model: 'fixture',
          text: 'It is four.',
          toolCalls: [],
          usage: { inputTokens: 1_000, outputTokens: 10, cachedTokens: 100, costUsd: 0.00097 },
          finish: 'stop',
        });
      });

      it('wants tools called, several at once', async () => {
        server.script({
          text: 'I look.',
          toolCalls: [
            { name: 'readFile', args: { path: 'ä/"b".txt' }, id: 'one' },
            { name: 'readFile', args: '', id: 'two' },
          ],
        });
        const reply = await run(model(), ask('read', { tools: [readFile] }));
        expect(reply.finish).to.equal('tools');
        expect(reply.toolCalls).to.deep.equal([
          { id: 'one', name: 'readFile', args: { path: 'ä/"b".txt' } },
          { id: 'two', name: 'readFile', args: {} },
        ]);
      });

      it('repairs arguments that are nearly JSON, and hands on those that are none', async () => {
        server.script({
          toolCalls: [
            { name: 'a', args: "{path: 'x.txt',}" },
            { name: 'b', args: 'go and read it' },
            { name: 'c', args: '"{\\"path\\":\\"y\\"}"' },
            { name: 'd', args: '[1' },
          ],
        });
        const { toolCalls } = await run(model(), ask('read'));
        expect(toolCalls.map(({ args, badArgs }) => badArgs ?? args)).to.deep.equal([
          { path: 'x.txt' },
          'go and read it',
          { path: 'y' },
          [1],
        ]);
        expect(toolCalls[1]).to.have.property('args', undefined);
      });

      it('invents no end for arguments that were cut off', async () => {
        server.script({ toolCalls: [{ name: 'pay', args: '{"amount": 10' }], finish: 'length' });
        const reply = await run(model(), ask('pay 1000'));
        expect(reply.finish).to.equal('length');
        expect(reply.toolCalls[0]).to.include({ args: undefined, badArgs: '{"amount": 10' });
      });

      it('says why it ended', async () => {
        for (const [said, finish] of [
          ['stop', 'stop'],
          ['length', 'length'],
          ['content_filter', 'refused'],
          ['eos_token', 'stop'],
        ] as const) {
          server.script({ text: 'a', finish: said });
          expect((await run(model(), ask('?'))).finish).to.equal(finish);
        }
      });

      it('counts by itself where the server does not', async () => {
        server.script({ text: 'twelve chars', usage: null });
        const { usage } = await run(model(), ask('?'));
        expect(usage.outputTokens).to.equal(3);
        expect(usage.inputTokens).to.be.within(15, 60);
        expect(usage.costUsd).to.be.greaterThan(0);
      });

      it('asks in the words of the protocol, with the call as its idempotency key', async () => {
        server.script('ok');
        const request = ask('?', {
          messages: [
            { role: 'system', text: 'Be brief.' },
            { role: 'user', text: 'Read a.' },
            { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'readFile', args: { path: 'a' } }] },
            { role: 'tool', callId: 'c1', name: 'readFile', text: 'A' },
            {
              role: 'assistant',
              text: 'x',
              toolCalls: [{ id: 'c2', name: 'readFile', args: undefined, badArgs: '{' }],
            },
            { role: 'tool', callId: 'c2', name: 'readFile', text: 'no', failed: true },
          ],
          tools: [readFile],
          toolChoice: { name: 'readFile' },
          output: { name: 'answer', schema: { type: 'object' } },
          temperature: 0,
          maxOutputTokens: 9,
          seed: 3,
          stop: ['END'],
        });
        const options = { apiKey: 'key-1', headers: { 'x-team': 'blue' }, body: { top_p: 0.5 } };
        await run(model(options), request, callOf('/run~1:think é'));
        const { headers, callId, body } = server.calls[0]!;
        expect(headers).to.include({ authorization: 'Bearer key-1', 'x-team': 'blue' });
        expect(callId).to.equal('/run~1:think%20%C3%A9');
        const { stream, stream_options, ...rest } = body;
        if (way === 'streamed')
          expect({ stream, stream_options }).to.deep.equal({ stream: true, stream_options: { include_usage: true } });
        else expect({ stream, stream_options }).to.deep.equal({ stream: undefined, stream_options: undefined });
        expect(rest).to.deep.equal({
          model: 'fixture',
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'Read a.' },
            {
              role: 'assistant',
              content: null,
              tool_calls: [{ id: 'c1', type: 'function', function: { name: 'readFile', arguments: '{"path":"a"}' } }],
            },
            { role: 'tool', tool_call_id: 'c1', content: 'A' },
            {
              role: 'assistant',
              content: 'x',
              tool_calls: [
                { id: 'c2', type: 'function', function: { name: 'readFile', arguments: '{"notJson":"{"}' } },
              ],
            },
            { role: 'tool', tool_call_id: 'c2', content: 'no' },
          ],
          tools: [
            {
              type: 'function',
              function: { name: 'readFile', description: 'Read a text file', parameters: readFile.input },
            },
          ],
          tool_choice: { type: 'function', function: { name: 'readFile' } },
          response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
          temperature: 0,
          max_tokens: 9,
          seed: 3,
          stop: ['END'],
          top_p: 0.5,
        });
      });

      it('asks for nothing that the request does not say', async () => {
        server.script('ok');
        await run(model({ maxTokensField: 'max_completion_tokens' }), ask('?', { maxOutputTokens: 5, tools: [] }));
        const { stream: _, stream_options: __, ...rest } = server.calls[0]!.body;
        expect(rest).to.deep.equal({
          model: 'fixture',
          messages: [{ role: 'user', content: '?' }],
          max_completion_tokens: 5,
        });
      });

      it('gives every tool call an id of its own', async () => {
        server.script({
          toolCalls: [
            { name: 'a', args: {}, id: 'same' },
            { name: 'b', args: {}, id: 'same' },
            { name: 'c', args: {}, id: '' },
          ],
        });
        const { toolCalls } = await run(model(), ask('?'), callOf('me'));
        expect(toolCalls.map(({ name }) => name)).to.deep.equal(['a', 'b', 'c']);
        expect(new Set(toolCalls.map(({ id }) => id)).size).to.equal(3);
        expect(toolCalls[2]!.id).to.match(/^me#/);
      });
    });
  }

  it('streams text as it comes, then calls, then the whole', async () => {
    server.script({ chunks: ['It ', 'is ', 'four.'], toolCalls: [{ name: 'a', args: { b: 1 }, id: 'x' }] });
    const { parts, reply } = await collect(model().stream(ask('?'), callOf()));
    expect(textsOf(parts)).to.deep.equal(['It ', 'is ', 'four.']);
    expect(parts.map(({ type }) => type)).to.deep.equal(['text', 'text', 'text', 'toolCall', 'done']);
    expect(reply.text).to.equal('It is four.');
  });

  it('hands on the first text while the server is still busy with the rest', async () => {
    server.script({ chunks: ['first ', 'rest'], hold: 'body' });
    const stream = model().stream(ask('?'), callOf())[Symbol.asyncIterator]();
    expect((await stream.next()).value).to.deep.equal({ type: 'text', text: 'first ' });
    await server.until(({ held }) => held === 1);
    expect(server.calls[0]!.isDone).to.equal(false);
    server.release();
    expect((await stream.next()).value).to.deep.equal({ type: 'text', text: 'rest' });
    await stream.return?.();
  });

  it('asks nothing before the first part is waited for', async () => {
    const stream = model().stream(ask('?'), callOf());
    expect(server.calls).to.deep.equal([]);
    server.script('ok');
    await collect(stream);
    expect(server.calls).to.have.length(1);
  });

  it('reads a server that answers a stream with one body, or with bare lines at its end', async () => {
    server.script(
      {
        raw: '{"choices":[{"message":{"content":"all at once"},"finish_reason":"stop"}]}',
        contentType: 'application/json',
      },
      { raw: 'data: {"choices":[{"delta":{"content":"no end mark"},"finish_reason":"stop"}]}' },
      { raw: ': hi\r\nevent: x\r\ndata: {"choices":[{"delta":{"content":"crlf"}}]}\r\n\r\ndata: [DONE]\r\n\r\n' },
      {
        raw: 'data: {"choices":[{"delta":{"content":[{"type":"text","text":"in parts"}]},"finish_reason":"stop"}]}\n\n',
      },
    );
    for (const text of ['all at once', 'no end mark', 'crlf', 'in parts']) {
      expect((await collect(model().stream(ask('?'), callOf()))).reply).to.include({ text, finish: 'stop' });
    }
  });

  it('tells tool calls apart on servers that do not number them', async () => {
    const call = (id: string, name: string, args: object) => ({
      id,
      function: { name, arguments: JSON.stringify(args) },
    });
    const event = (toolCalls: object[], finish: string | null = null) =>
      `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: toolCalls }, finish_reason: finish }] })}\n\n`;
    server.script(
      // Whole calls, without an index, in one event and in two; the same index for each; arguments as an object.
      { raw: event([call('a', 'one', { n: 1 }), call('b', 'two', { n: 2 })], 'tool_calls') },
      { raw: event([call('a', 'one', { n: 1 })]) + event([call('b', 'two', { n: 2 })], 'tool_calls') },
      {
        raw:
          event([{ index: 0, ...call('a', 'one', { n: 1 }) }]) +
          event([{ index: 0, ...call('b', 'two', { n: 2 }) }], 'stop'),
      },
      {
        raw: event([
          { index: 0, id: 'a', function: { name: 'one', arguments: { n: 1 } } },
          { index: 1, id: 'b', function: { name: 'two', arguments: { n: 2 } } },
        ]),
      },
    );
    server.script();
    for (let nth = 0; nth < 3; nth += 1) {
      const { reply } = await collect(model().stream(ask('?'), callOf()));
      expect(reply.toolCalls, `shape ${nth}`).to.deep.equal([
        { id: 'a', name: 'one', args: { n: 1 } },
        { id: 'b', name: 'two', args: { n: 2 } },
      ]);
      expect(reply.finish).to.equal('tools');
    }
  });

  it('uses one connection for calls that come after each other', async () => {
    server.script('one', 'two', 'three');
    for (const text of ['one', 'two', 'three']) {
      expect((await collect(model().stream(ask('?'), callOf()))).reply.text).to.equal(text);
      await server.until(({ calls }) => calls.at(-1)!.isDone);
    }
    expect(server.aborted).to.equal(0);
  });
});
