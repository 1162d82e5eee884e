import { expect } from 'chai';
import {
  type FixtureAnswer,
  fixtureModelServer,
  type FixtureModelServer,
  openAiModel,
  type OpenAiModelOptions,
  retryAfterMsOf,
} from '../../../../actors/model/index.js';
import { TestClock } from '../../../../src/testing/index.js';
import { thrownBy } from '../../../helpers/fake-port.js';
import { rejection } from '../../../helpers/with-system.js';
import { ask, bothWays, callOf, collect } from '../helpers.js';

describe('openAiModel, when the call fails', () => {
  let server: FixtureModelServer;
  let clock: TestClock;
  const model = (more: Partial<OpenAiModelOptions> = {}) =>
    openAiModel({ url: server.url, model: 'fixture', clock, ...more });

  beforeEach(async () => {
    clock = new TestClock();
    server = await fixtureModelServer({ clock });
  });
  afterEach(() => server.close());

  for (const [way, run] of bothWays) {
    describe(way, () => {
      it('has a code for what the server said', async () => {
        for (const [answer, code] of [
          [{ status: 400 }, 'MODEL_REJECTED'],
          [{ status: 401 }, 'MODEL_REJECTED'],
          [{ status: 404 }, 'MODEL_REJECTED'],
          [{ status: 408 }, 'MODEL_TIMEOUT'],
          [{ status: 409 }, 'MODEL_UNAVAILABLE'],
          [{ status: 429 }, 'MODEL_RATE_LIMITED'],
          [{ status: 429, error: { code: 'insufficient_quota' } }, 'MODEL_REJECTED'],
          [{ status: 500 }, 'MODEL_UNAVAILABLE'],
          [{ status: 503 }, 'MODEL_UNAVAILABLE'],
          [{ status: 529 }, 'MODEL_UNAVAILABLE'],
          [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'MODEL_REJECTED'],
        ] as const) {
          server.script(answer as FixtureAnswer);
          const error = await rejection(run(model(), ask('?')));
          expect(error, JSON.stringify(answer)).to.have.property('code', code);
          expect((error as { value?: unknown }).value).to.include({ model: 'fixture', status: answer.status });
        }
        expect(server.paidCalls).to.equal(0);
      });

      it('repeats the words of the server, and reads those of others as well', async () => {
        server.script(
          { status: 400, error: { message: 'context too long' } },
          { status: 500, raw: 'upstream connect error', contentType: 'text/plain' },
          { status: 422, raw: '{"error":"model not loaded"}', contentType: 'application/json' },
          { status: 422, raw: '{"detail":[{"msg":"field required"}]}', contentType: 'application/json' },
          { status: 500, raw: 'x'.repeat(200_000), contentType: 'text/html' },
        );
        const words = ['context too long', 'upstream connect error', 'model not loaded', 'field required', 'xxxx'];
        for (const each of words) {
          const { message } = await rejection(run(model(), ask('?')));
          expect(message).to.include(each);
          expect(message.length).to.be.lessThan(600);
        }
      });

      it('says how long the server wants to be left alone', async () => {
        const at = new Date(clock.now() + 90_000).toUTCString();
        for (const [headers, ms] of [
          [{ 'retry-after': '2' }, 2_000],
          [{ 'retry-after': '0.5' }, 500],
          [{ 'retry-after': at }, 90_000],
          [{ 'retry-after-ms': '75', 'retry-after': '2' }, 75],
          [{ 'retry-after': 'soon' }, undefined],
          [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
          [{}, undefined],
        ] as const) {
          server.script({ status: 429, headers: headers as Record<string, string> });
          expect(retryAfterMsOf(await rejection(run(model(), ask('?')))), JSON.stringify(headers)).to.equal(ms);
        }
      });

      it('cannot reach a server that is not there', async () => {
        const { url } = server;
        await server.close();
        const error = await rejection(run(model({ url }), ask('?')));
        expect(error).to.have.property('code', 'MODEL_UNAVAILABLE');
        expect(error.message).to.include('ECONNREFUSED');
        expect(error.cause).to.be.an('error');
      });

      it('waits no longer than it was told for a server that says nothing', async () => {
        server.script({ hold: 'headers' });
        const running = rejection(run(model({ timeoutMs: 1_000 }), ask('?')));
        await server.until(({ calls }) => calls.length === 1);
        clock.advance(999);
        expect(server.aborted).to.equal(0);
        clock.advance(1);
        expect(await running).to.have.property('code', 'MODEL_TIMEOUT');
        await server.until(({ aborted }) => aborted === 1);
      });

      it('waits no longer than it was told for the rest of an answer', async () => {
        server.script({ text: 'a b c d', hold: 'body' });
        const running = rejection(run(model({ timeoutMs: 1_000 }), ask('?')));
        await server.until(({ paidCalls }) => paidCalls === 1);
        // The wait for the rest begins when the beginning has come, some time after it was sent.
        const over = { yes: false };
        void running.then(() => {
          over.yes = true;
        });
        while (!over.yes) {
          clock.advance(1_000);
          await new Promise(setImmediate);
        }
        expect(await running).to.have.property('code', 'MODEL_TIMEOUT');
        await server.until(({ aborted }) => aborted === 1);
      });
    });
  }

  it('knows a failure that is told in the middle of a stream', async () => {
    for (const [streamError, code] of [
      [{ message: 'slow down', type: 'rate_limit_error' }, 'MODEL_RATE_LIMITED'],
      [{ message: 'oops', type: 'server_error' }, 'MODEL_UNAVAILABLE'],
      [{ message: 'oops', code: 502 }, 'MODEL_UNAVAILABLE'],
      [{ message: 'bad', type: 'invalid_request_error' }, 'MODEL_REJECTED'],
    ] as const) {
      server.script({ text: 'half', streamError });
      const error = await rejection(collect(model().stream(ask('?'), callOf())));
      expect(error).to.have.property('code', code);
      expect(error.message).to.include(streamError.message);
    }
  });

  it('minds the silence of the server, and not that of the reader', async () => {
    server.script({ chunks: ['a', 'b', 'c'], hold: 'body' });
    const stream = model({ timeoutMs: 1_000, silenceMs: 100 }).stream(ask('?'), callOf())[Symbol.asyncIterator]();
    expect((await stream.next()).value).to.deep.equal({ type: 'text', text: 'a' });
    clock.advance(5_000);
    await server.until(({ held }) => held === 1);
    server.release();
    const rest = [];
    for (let step = await stream.next(); step.done !== true; step = await stream.next()) rest.push(step.value.type);
    expect(rest).to.deep.equal(['text', 'text', 'done']);
  });

  it('waits no longer in all than it was told, however often a little is said', async () => {
    const event = `data: ${JSON.stringify({ choices: [{ delta: { content: 'a' } }] })}\n\n`;
    const body = () =>
      new ReadableStream<Uint8Array>(
        {
          pull: async (controller) => {
            await new Promise(setImmediate);
            clock.advance(300);
            controller.enqueue(new TextEncoder().encode(event));
          },
        },
        { highWaterMark: 0 },
      );
    const fetch = async () => new Response(body(), { headers: { 'content-type': 'text/event-stream' } });
    const dripping = model({ fetch, timeoutMs: 1_000, silenceMs: 500, replyCharsMax: 99 }).stream(ask('?'), callOf());
    const texts: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const part of dripping) texts.push(part.type);
    };
    expect(await rejection(reading())).to.have.property('code', 'MODEL_TIMEOUT');
    expect(texts).to.deep.equal(['text', 'text', 'text']);
  });

  it('leaves no timer behind', async () => {
    server.script('ok', { status: 500 }, { raw: 'x', contentType: 'application/json' });
    await model().complete(ask('?'), callOf());
    await rejection(model().complete(ask('?'), callOf()));
    await rejection(model().complete(ask('?'), callOf()));
    expect(clock.waitingCount).to.equal(0);
  });

  it('refuses options that are none, at the door', () => {
    const good = { url: 'http://127.0.0.1:1/v1', model: 'm' };
    for (const [options, field] of [
      [{ ...good, url: 'ftp://a' }, 'url'],
      [{ ...good, url: 'somewhere' }, 'url'],
      [{ ...good, url: 'http://user:pass@a/v1' }, 'url'],
      [{ ...good, model: '' }, 'model'],
      [{ ...good, timeoutMs: 0 }, 'timeoutMs'],
      [{ ...good, prices: { inputUsd: -1, outputUsd: 0 } }, 'prices'],
      [{ ...good, headers: { 'bad header': 'a' } }, 'headers.bad header'],
      [{ ...good, headers: { a: 'line\nbreak' } }, 'headers.a'],
      [{ ...good, apiKey: 'a', apiKeyFrom: () => 'b' }, 'apiKeyFrom'],
      [{ ...good, modle: 'm' }, 'modle'],
    ] as const) {
      const error = thrownBy(() => openAiModel(options as OpenAiModelOptions));
      expect(error, field).to.have.property('field', field);
      expect(error.code).to.match(/^OPTION_/);
    }
  });

  it('finds the endpoint, whether or not the URL says it', async () => {
    for (const url of [server.url, `${server.url}/`, `${server.url}/chat/completions`, `${server.url}?version=1`]) {
      server.script('ok');
      expect((await model({ url }).complete(ask('?'), callOf())).text).to.equal('ok');
    }
  });
});
