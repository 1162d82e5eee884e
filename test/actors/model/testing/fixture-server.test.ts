import { expect } from 'chai';
import { fixtureModelServer, type FixtureModelServer } from '../../../../actors/model/index.js';

const body = (more: object = {}) =>
  JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'a b' }], ...more });

describe('fixtureModelServer', () => {
  let server: FixtureModelServer;
  afterEach(() => server.close());

  const post = (text: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(`${server.url}/chat/completions`, { method: 'POST', body: text, headers, signal: signal ?? null });

  it('says what OpenAI’s server says, whole and as events', async () => {
    server = await fixtureModelServer({ script: ['Hello you', { chunks: ['Hel', 'lo'] }] });
    const whole = await (await post(body())).json();
    expect(whole).to.deep.equal({
      id: 'chatcmpl-fixture',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'm',
      choices: [
        { index: 0, message: { role: 'assistant', content: 'Hello you' }, finish_reason: 'stop', logprobs: null },
      ],
      usage: { prompt_tokens: 2, completion_tokens: 2 },
    });
    const response = await post(body({ stream: true }));
    expect(response.headers.get('content-type')).to.equal('text/event-stream');
    const events = (await response.text()).split('\n\n').filter((each) => each !== '');
    expect(events.at(-1)).to.equal('data: [DONE]');
    const deltas = events
      .slice(0, -1)
      .map((each) => JSON.parse(each.slice('data: '.length)) as { choices: { delta: { content?: string } }[] });
    expect(deltas.map(({ choices }) => choices[0]?.delta.content)).to.deep.equal([
      '',
      'Hel',
      'lo',
      undefined,
      undefined,
    ]);
  });

  it('counts what is paid, by call, and what is refused or given up', async () => {
    server = await fixtureModelServer({
      script: ['paid', { status: 500 }, { hold: 'headers' }, { hold: 'body' }],
      apiKey: 'k',
    });
    const key = { authorization: 'Bearer k' };
    await post(body(), { authorization: 'Bearer other' });
    await post(body(), { ...key, 'idempotency-key': 'one' });
    await post(body(), key);
    for (const isPaid of [false, true]) {
      const abort = new AbortController();
      const left = post(body(), key, abort.signal)
        .then((response) => response.text())
        .catch(() => 'left');
      await server.until(({ calls }) => calls.length === (isPaid ? 5 : 4) && calls.at(-1)!.isPaid === isPaid);
      abort.abort();
      expect(await left).to.equal('left');
    }
    await server.until(({ aborted }) => aborted === 2);
    expect(server.calls.map(({ isPaid }) => isPaid)).to.deep.equal([false, true, false, false, true]);
    expect(server.calls[1]!.callId).to.equal('one');
    expect(server.paidCalls).to.equal(2);
  });

  it('holds answers until they are released, and scripts by what is asked', async () => {
    server = await fixtureModelServer({ otherwise: ({ messages }, { index }) => `${index}: ${messages[0]!.content}` });
    server.script({ text: 'held', hold: 'headers' });
    const held = post(body()).then(
      (response) => response.json() as Promise<{ choices: { message: { content: string } }[] }>,
    );
    await server.until(({ held }) => held === 1);
    server.release();
    expect((await held).choices[0]!.message.content).to.equal('held');
    expect(await (await post(body())).text()).to.include('1: a b');
  });

  it('refuses what nobody scripted, and what is no call', async () => {
    server = await fixtureModelServer({ script: [{ status: 500, raw: 'oops' }] });
    expect(await (await post(body())).text()).to.equal('oops');
    expect(server.paidCalls).to.equal(0);
    expect((await post(body())).status).to.equal(400);
    expect((await post('no JSON')).status).to.equal(404);
    expect((await fetch(server.url)).status).to.equal(404);
    expect(server.calls).to.have.length(2);
  });

  it('can be closed while it holds answers, and twice', async () => {
    server = await fixtureModelServer({ script: [{ hold: 'headers' }] });
    const held = post(body()).catch(() => 'broken');
    await server.until(({ calls }) => calls.length === 1);
    await server.close();
    expect(await held).to.equal('broken');
  });
});
