/** What calls have used that did not live to say it: given up, broken off, tried again. */
import { expect } from 'chai';
import {
  addUsage,
  completeStructured,
  costOf,
  fixtureModelServer,
  type FixtureModelServer,
  jsonSchema,
  type ModelCall,
  openAiModel,
  scriptedModel,
  type ScriptEntry,
  type Usage,
  UsageMeter,
  usageOfError,
  withFallback,
  withRetry,
} from '../../../actors/index.js';
import { TroupeError } from '../../../src/index.js';
import { TestClock } from '../../../src/testing/index.js';
import { rejection } from '../../helpers/with-system.js';
import { ask, bothWays, callOf, collect } from './helpers.js';

const prices = { inputUsd: 2_000, outputUsd: 1_000 };
/** Of `ask('?')`. */
const inputTokens = 5;

function estimated(outputTokens: number): Usage {
  const counts = { inputTokens, outputTokens, cachedTokens: 0 };
  return { ...counts, costUsd: costOf(counts, prices), isEstimated: true };
}

/** Give a call up when so much of its reply has come, and say what it had used. */
async function givenUp(run: (call: ModelCall) => Promise<unknown>, outputTokens: number): Promise<Usage> {
  const abort = new AbortController();
  const meter = new UsageMeter();
  const running = rejection(run({ ...callOf('a', abort.signal), meter }));
  const end = performance.now() + 10_000;
  while (meter.total().inputTokens === 0 || meter.total().outputTokens < outputTokens) {
    // Fails rather than goes on for ever when nothing comes.
    if (performance.now() > end) throw new Error(`it has come no further than ${JSON.stringify(meter.total())}`);
    await new Promise(setImmediate);
  }
  abort.abort();
  const error = await running;
  expect(error).to.have.property('code', 'MODEL_ABORTED');
  return usageOfError(error);
}

describe('the usage of a call that', () => {
  const used: Usage = { inputTokens: 10, outputTokens: 20, cachedTokens: 0, costUsd: 0.5 };
  const paid = (code: 'MODEL_UNAVAILABLE' | 'MODEL_TIMEOUT') =>
    new TroupeError(code, `m: ${code}`, { value: { model: 'm', usage: used } });

  describe('a server answers', () => {
    let server: FixtureModelServer;
    const model = () => openAiModel({ url: server.url, model: 'fixture', prices });
    beforeEach(async () => {
      server = await fixtureModelServer();
    });
    afterEach(() => server.close());

    it('is given up in mid-stream: what was asked and what had come, as an estimate', async () => {
      server.script({ chunks: ['abcd', 'efgh', 'ijkl', 'mnop'], hold: 'body' });
      const usage = await givenUp((call) => collect(model().stream(ask('?'), call)), 3);
      expect(usage).to.deep.equal(estimated(3));
      expect(usage.costUsd).to.equal(0.013);
      await server.until(({ aborted }) => aborted === 1);
    });

    it('is given up amid the arguments of a tool: those count as well', async () => {
      server.script({ toolCalls: [{ name: 'write', args: { text: 'x'.repeat(400) } }], hold: 'body' });
      const usage = await givenUp((call) => collect(model().stream(ask('?'), call)), 40);
      expect(usage.outputTokens).to.be.within(40, 60);
    });

    it('is given up before anything has come: what was asked', async () => {
      for (const [, run] of bothWays) {
        server.script({ text: 'a b', hold: 'headers' });
        expect(await givenUp((call) => run(model(), ask('?'), call), 0)).to.deep.equal(estimated(0));
      }
    });

    it('was never made is nothing', async () => {
      for (const [, run] of bothWays) {
        const error = await rejection(run(model(), ask('?'), callOf('a', AbortSignal.abort())));
        expect(error).to.have.deep.property('value', { model: 'fixture' });
      }
    });

    it('breaks off is what had come; one that is refused is nothing', async () => {
      server.script({ chunks: ['abcd', 'efgh', 'ijkl'], endAfter: 3 }, { status: 429 }, { status: 500 });
      const broken = await rejection(collect(model().stream(ask('?'), callOf())));
      expect(broken).to.have.property('code', 'MODEL_PROTOCOL');
      expect(usageOfError(broken)).to.deep.equal(estimated(2));
      for (const _ of [429, 500]) {
        const refused = await rejection(collect(model().stream(ask('?'), callOf())));
        expect(refused).not.to.have.nested.property('value.usage');
      }
    });

    it('says nothing of it is an estimate', async () => {
      server.script({ text: 'a b c', usage: null });
      expect((await model().complete(ask('?'), callOf())).usage).to.include({ isEstimated: true });
      server.script('a b c');
      expect((await model().complete(ask('?'), callOf())).usage).not.to.have.property('isEstimated');
    });
  });

  const hanging: ScriptEntry = { chunks: ['12345678'], hangs: true };

  for (const [way, run] of bothWays) {
    it(`is tried again has what failed tries were paid for, ${way}`, async () => {
      const clock = new TestClock();
      const retried = (...script: ScriptEntry[]) =>
        withRetry(scriptedModel(script), { clock, backoff: { minMs: 0, maxMs: 0 }, attempts: 2 });
      const soon = async <T>(running: Promise<T>): Promise<T> => {
        await new Promise(setImmediate);
        clock.advance(1);
        return running;
      };
      const plain = await run(scriptedModel(['there']), ask('?'));
      const { usage } = await soon(run(retried(paid('MODEL_TIMEOUT'), 'there'), ask('?')));
      expect(usage).to.deep.equal(addUsage(used, plain.usage));
      const both = await soon(rejection(run(retried(paid('MODEL_TIMEOUT'), paid('MODEL_UNAVAILABLE')), ask('?'))));
      expect(usageOfError(both)).to.deep.equal(addUsage(used, used));
      const late = retried(paid('MODEL_TIMEOUT'), hanging);
      const total = await soon(givenUp((call) => run(late, ask('?'), call), used.outputTokens + 2));
      expect(total).to.deep.equal(addUsage(used, { ...estimated(2), costUsd: 0 }));
    });

    it(`waits to be tried again, and is given up, has no more than that, ${way}`, async () => {
      const patient = withRetry(scriptedModel([paid('MODEL_TIMEOUT'), 'no']), { clock: new TestClock() });
      expect(await givenUp((call) => run(patient, ask('?'), call), used.outputTokens)).to.deep.equal(used);
    });

    it(`went to another model has both, each at its price, ${way}`, async () => {
      const first = scriptedModel([paid('MODEL_TIMEOUT'), paid('MODEL_TIMEOUT')], { name: 'first' });
      const row = withFallback([first, scriptedModel(['there', hanging], { prices })]);
      const plain = await run(scriptedModel(['there'], { prices }), ask('?'));
      expect((await run(row, ask('?'))).usage).to.deep.equal(addUsage(used, plain.usage));
      const outputTokens = used.outputTokens + 2;
      const usage = await givenUp((call) => run(row, ask('?'), call), outputTokens);
      expect(usage).to.deep.equal(addUsage(used, estimated(2)));
    });
  }

  it('is given up in a row without a meter of its own says the same', async () => {
    const abort = new AbortController();
    const first = scriptedModel([paid('MODEL_TIMEOUT')], { name: 'first' });
    const row = withFallback([first, scriptedModel([hanging], { prices })]);
    const stream = row.stream(ask('?'), callOf('a', abort.signal))[Symbol.asyncIterator]();
    await stream.next();
    abort.abort();
    expect(usageOfError(await rejection(stream.next()))).to.deep.equal(addUsage(used, estimated(2)));
  });

  it('asks again for a form, and is given up, has the earlier attempts too', async () => {
    const schema = jsonSchema<{ n: number }>({ type: 'object', properties: { n: { type: 'number' } } });
    const model = scriptedModel([{ text: 'no', usage: used }, hanging], { prices });
    const abort = new AbortController();
    const running = rejection(completeStructured(model, ask('?'), schema, { call: callOf('a', abort.signal) }));
    while (model.calls.length < 2) await new Promise(setImmediate);
    await new Promise(setImmediate);
    abort.abort();
    const usage = usageOfError(await running);
    expect(usage).to.include({ isEstimated: true, cachedTokens: 0 });
    expect(usage.outputTokens).to.equal(used.outputTokens + 2);
    expect(usage.inputTokens).to.be.greaterThan(used.inputTokens + inputTokens);
  });
});
