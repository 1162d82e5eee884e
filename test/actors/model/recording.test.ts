import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ModelRecord,
  type ModelRequest,
  modelFrom,
  recordingModel,
  replayModel,
  scriptedModel,
} from '../../../actors/model/index.js';
import { canonicalText, requestHash } from '../../../actors/model/canonical.js';
import { TroupeError } from '../../../src/index.js';
import { thrownBy } from '../../helpers/fake-port.js';
import { rejection } from '../../helpers/with-system.js';
import { ask, bothWays, callOf, collect, readFile } from './helpers.js';

describe('a recorded run', () => {
  let lines: string[];
  const sink = (line: string): void => void lines.push(line);
  beforeEach(() => {
    lines = [];
  });

  const limited = () =>
    new TroupeError('MODEL_RATE_LIMITED', 'm: slow down', { value: { model: 'm', retryAfterMs: 7 } });

  for (const [way, run] of bothWays) {
    it(`comes out the same when it is replayed, in whatever order, ${way}`, async () => {
      const model = scriptedModel([
        { chunks: ['Hel', 'lo'] },
        { toolCalls: [{ name: 'readFile', args: { path: 'ä' } }] },
        limited(),
        'second time',
      ]);
      const recorded = recordingModel(model, sink);
      const requests: ModelRequest[] = [ask('a'), ask('b', { tools: [readFile] }), ask('c'), ask('a')];
      const outcome = (each: Promise<unknown>) => each.catch((error) => TroupeError.toPlain(error).code);
      const first: unknown[] = [];
      for (const request of requests) first.push(await outcome(run(recorded, request)));
      const replayed = replayModel(lines.join(''));
      expect(replayed.name).to.equal('scripted');
      const again: unknown[] = [];
      for (const at of [2, 1, 0, 3]) again[at] = await outcome(run(replayed, requests[at]!));
      expect(again).to.deep.equal(first);
    });
  }

  it('streams in the pieces it came in, and keeps an error’s facts', async () => {
    const recorded = recordingModel(
      scriptedModel([{ chunks: ['a', 'bc'] }, { chunks: ['half'], error: limited() }]),
      sink,
    );
    const live = await collect(recorded.stream(ask('a'), callOf()));
    const first = await rejection(collect(recorded.stream(ask('b'), callOf())));
    const replayed = replayModel(lines.join(''));
    expect(await collect(replayed.stream(ask('a'), callOf()))).to.deep.equal(live);
    const error = await rejection(collect(replayed.stream(ask('b'), callOf())));
    expect(error).to.deep.include({ code: 'MODEL_RATE_LIMITED', message: 'm: slow down' });
    expect((error as TroupeError).value).to.deep.equal((first as TroupeError).value);
    expect((error as TroupeError).value).to.include({ model: 'm', retryAfterMs: 7 });
  });

  it('is one line of JSON for each call, without a stack', async () => {
    const recorded = recordingModel(scriptedModel(['one\ntwo', new Error('no')]), sink);
    await recorded.complete(ask('a'), callOf('the-call-id'));
    await rejection(recorded.complete(ask('b'), callOf()));
    expect(lines.map((line) => line.indexOf('\n') === line.length - 1)).to.deep.equal([true, true]);
    const records = lines.map((line) => JSON.parse(line) as ModelRecord);
    expect(records[0]).to.deep.include({ version: 1, nth: 0, model: 'scripted', request: ask('a') });
    expect(records[1]!.error).to.deep.equal({ name: 'Error', message: 'no' });
    expect(lines.join('')).to.not.include('the-call-id');
  });

  it('holds no call that was given up', async () => {
    const abort = new AbortController();
    const recorded = recordingModel(scriptedModel([{ hangs: true }]), sink);
    const running = rejection(recorded.complete(ask('a'), callOf('a', abort.signal)));
    abort.abort();
    await running;
    await new Promise(setImmediate);
    expect(lines).to.deep.equal([]);
  });

  it('holds no secret it was told of', async () => {
    const recorded = recordingModel(scriptedModel(['the "pass" is open sesame']), sink, {
      secrets: ['open sesame', '"pass"'],
    });
    const reply = await recorded.complete(ask('say "pass"'), callOf());
    expect(reply.text).to.include('open sesame');
    expect(lines.join('')).to.not.include('sesame').and.not.include('\\"pass\\"');
    expect((await replayModel(lines.join('')).complete(ask('say "pass"'), callOf())).text).to.equal(
      'the [secret] is [secret]',
    );
  });

  it('whose sink fails is not silently half a record', async () => {
    const recorded = recordingModel(scriptedModel(['a', 'b']), () => Promise.reject(new Error('disk full')));
    for (const [, run] of bothWays) expect((await rejection(run(recorded, ask('?')))).message).to.equal('disk full');
  });

  it('names what differs when something else is asked', async () => {
    const recorded = recordingModel(scriptedModel(['x', 'y']), sink);
    await recorded.complete(ask('how warm is it?', { temperature: 0 }), callOf());
    await recorded.complete(
      {
        messages: [
          { role: 'system', text: 'a' },
          { role: 'user', text: 'b' },
        ],
      },
      callOf(),
    );
    const replayed = replayModel(lines.join(''));
    for (const [request, words] of [
      [ask('how cold is it?', { temperature: 0 }), 'messages[0].text is "how cold is it?", and was "how warm is it?"'],
      [ask('how warm is it?'), 'temperature is not there, and was 0'],
      [ask('how warm is it?', { temperature: 0, seed: 1 }), 'seed is 1, and was not there'],
      [{ messages: [{ role: 'system', text: 'a' }] }, 'messages[1] is not there, and was an object'],
    ] as const) {
      const error = await rejection(replayed.complete(request as ModelRequest, callOf()));
      expect(error).to.have.property('code', 'MODEL_NOT_RECORDED');
      expect(error.message).to.include(words);
      expect(((error as TroupeError).value as { differences: string[] }).differences).to.include(words);
    }
  });

  it('is not asked more often than it was recorded', async () => {
    await recordingModel(scriptedModel(['x']), sink).complete(ask('a'), callOf());
    const replayed = replayModel(lines.join(''));
    await replayed.complete(ask('a'), callOf());
    const error = await rejection(replayed.complete(ask('a'), callOf()));
    expect(error.message).to.include('recorded once, and is asked once more');
    expect((await rejection(replayModel('').complete(ask('a'), callOf()))).message).to.include('nothing is recorded');
  });

  it('is refused by the line when it is no record', () => {
    for (const line of ['{"version":1}', 'half a li', '{"version":2,"hash":"a","nth":0,"reply":{}}', 'null']) {
      const error = thrownBy(() => replayModel(`\n${line}\n`));
      expect(error).to.have.property('code', 'MODEL_NOT_RECORDED');
      expect(error.message).to.include('line 2');
    }
  });

  it('may be of a model whose own replies say who answered', async () => {
    const row = modelFrom({
      name: 'row',
      async *stream() {
        const usage = { inputTokens: 1, outputTokens: 1, cachedTokens: 0, costUsd: 0.5 };
        yield { type: 'done', reply: { model: 'second', text: '', toolCalls: [], usage, finish: 'stop' } };
      },
    });
    const reply = await recordingModel(row, sink).complete(ask('a'), callOf());
    expect(reply).to.deep.include({ model: 'second' });
    expect(await replayModel(lines.join('')).complete(ask('a'), callOf())).to.deep.equal(reply);
  });
});

describe('the key of a request', () => {
  it('does not depend on the order of properties, nor on those that are undefined', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
        const turned = Object.fromEntries([...Object.entries(given).reverse(), ['gone', undefined]]);
        if ('gone' in given) return;
        expect(canonicalText(turned)).to.equal(canonicalText(given));
        expect(JSON.parse(canonicalText(given))).to.deep.equal(JSON.parse(JSON.stringify(given)));
      }),
    );
  });

  it('tells requests apart', () => {
    const texts = ['a', 'A', 'a ', '', '{}'];
    const hashes = [...texts.map((text) => ask(text)), ask('a', { seed: 1 }), ask('a', { seed: 2 })].map(requestHash);
    expect(new Set(hashes).size).to.equal(hashes.length);
  });
});
