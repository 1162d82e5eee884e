import { expect } from 'chai';
import { fixtureModelServer, type FixtureModelServer, openAiModel } from '../../../../actors/model/index.js';
import { rejection } from '../../../helpers/with-system.js';
import { ask, bothWays, callOf } from '../helpers.js';

describe('openAiModel, when the call is given up', () => {
  let server: FixtureModelServer;
  let abort: AbortController;
  const model = () => openAiModel({ url: server.url, model: 'fixture' });

  beforeEach(async () => {
    server = await fixtureModelServer();
    abort = new AbortController();
  });
  afterEach(() => server.close());

  for (const [way, run] of bothWays) {
    for (const hold of ['headers', 'body'] as const) {
      it(`closes what it asked upstream while it waits for the ${hold}, ${way}`, async () => {
        server.script({ text: 'a b c d', hold });
        const running = rejection(run(model(), ask('?'), callOf('a', abort.signal)));
        await server.until(({ calls, paidCalls }) => (hold === 'headers' ? calls.length : paidCalls) === 1);
        abort.abort();
        expect(await running).to.have.property('code', 'MODEL_ABORTED');
        await server.until(({ aborted }) => aborted === 1);
        expect(server.calls[0]!.isDone).to.equal(false);
      });
    }

    it(`asks nothing when it was given up before, ${way}`, async () => {
      abort.abort();
      expect(await rejection(run(model(), ask('?'), callOf('a', abort.signal)))).to.have.property(
        'code',
        'MODEL_ABORTED',
      );
      expect(server.calls).to.deep.equal([]);
    });
  }

  it('closes a stream whose reader is busy, at once', async () => {
    server.script({ chunks: ['a', 'b', 'c'], hold: 'body' });
    const stream = model().stream(ask('?'), callOf('a', abort.signal))[Symbol.asyncIterator]();
    await stream.next();
    abort.abort();
    await server.until(({ aborted }) => aborted === 1);
    expect(await rejection(stream.next())).to.have.property('code', 'MODEL_ABORTED');
  });

  it('closes a stream that its reader leaves', async () => {
    server.script({ chunks: ['a', 'b', 'c'], hold: 'body' });
    for await (const part of model().stream(ask('?'), callOf())) {
      expect(part.type).to.equal('text');
      break;
    }
    await server.until(({ aborted }) => aborted === 1);
  });

  it('is over although the transport heeds no signal', async () => {
    const deaf = openAiModel({ url: server.url, model: 'deaf', fetch: () => new Promise(() => {}) });
    for (const [, run] of bothWays) {
      const controller = new AbortController();
      const running = rejection(run(deaf, ask('?'), callOf('a', controller.signal)));
      controller.abort();
      expect(await running).to.have.property('code', 'MODEL_ABORTED');
    }
  });

  it('leaves no listener on a signal that many calls share', async () => {
    const listeners = new Set<unknown>();
    const { signal } = abort;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: never, ...rest: never[]) => {
      listeners.add(listener);
      (add as (...args: unknown[]) => void)(type, listener, ...rest);
    };
    signal.removeEventListener = (type: string, listener: never) => {
      listeners.delete(listener);
      (remove as (...args: unknown[]) => void)(type, listener);
    };
    server.script('ok', 'ok', { status: 500 }, { status: 500 });
    for (const [, run] of bothWays) await run(model(), ask('?'), callOf('a', signal));
    for (const [, run] of bothWays) await rejection(run(model(), ask('?'), callOf('a', signal)));
    expect(listeners.size).to.equal(0);
  });

  it('may share its signal with many others, and nobody is warned of them', async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error): void => void warnings.push(warning);
    process.on('warning', hear);
    server.script(...Array<string>(30).fill('ok'));
    const shared = callOf('a', abort.signal);
    await Promise.all(
      Array.from({ length: 15 }, () => bothWays.map(([, run]) => run(model(), ask('?'), shared))).flat(),
    );
    await new Promise(setImmediate);
    process.off('warning', hear);
    expect(warnings).to.deep.equal([]);
  });

  it('reads no further than it is asked to', async () => {
    // Sixteen megabytes, which no buffer on the way holds: the server can only end when the reader has read.
    const chunk = 'x'.repeat(65_536);
    server.script({ chunks: Array<string>(256).fill(chunk) });
    const stream = openAiModel({ url: server.url, model: 'm', replyCharsMax: 2 ** 26 }).stream(ask('?'), callOf());
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(server.calls[0]!.isDone).to.equal(false);
    for (let step = await iterator.next(); step.done !== true; ) step = await iterator.next();
    expect(server.calls[0]!.isDone).to.equal(true);
  });
});
