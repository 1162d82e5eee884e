import { expect } from 'chai';
import { scriptedModel, type ScriptEntry } from '../../../actors/model/index.js';
import { thrownBy } from '../../helpers/fake-port.js';
import { rejection } from '../../helpers/with-system.js';
import { ask, bothWays, callOf, collect, textsOf } from './helpers.js';

describe('scriptedModel', () => {
  it('says its script in order, and remembers who asked what', async () => {
    const model = scriptedModel([
      'first',
      {
        toolCalls: [
          { name: 'a', args: { b: 1 } },
          { name: 'c', args: {}, id: 'mine' },
        ],
      },
      ({ messages }) => `you said ${messages[0]!.text}`,
      { answer: async () => ({ text: 'last', finish: 'length', usage: { outputTokens: 7, costUsd: 0.5 } }) },
    ]);
    expect((await model.complete(ask('?'), callOf('one'))).text).to.equal('first');
    const second = await model.complete(ask('?'), callOf('two'));
    expect(second).to.deep.include({ text: '', finish: 'tools' });
    expect(second.toolCalls).to.deep.equal([
      { id: 'call-1', name: 'a', args: { b: 1 } },
      { id: 'mine', name: 'c', args: {} },
    ]);
    expect((await model.complete(ask('hi there'), callOf('three'))).text).to.equal('you said hi there');
    const last = await model.complete(ask('a b c'), callOf('four'));
    expect(last).to.deep.include({ text: 'last', finish: 'length' });
    expect(last.usage).to.deep.equal({ inputTokens: 3, outputTokens: 7, cachedTokens: 0, costUsd: 0.5 });
    expect(model.calls.map(({ callId, entry }) => `${callId} ${entry}`)).to.deep.equal([
      'one 0',
      'two 1',
      'three 2',
      'four 3',
    ]);
    model.assertComplete();
  });

  it('answers by what is asked, in whatever order', async () => {
    const about = (word: string) => (request: { messages: readonly { text: string }[] }) =>
      request.messages.at(-1)!.text.includes(word);
    const model = scriptedModel([
      { when: about('tea'), answer: 'hot' },
      { when: about('ice'), answer: 'cold', times: 2 },
      { answer: 'whatever', times: Infinity },
    ]);
    const texts = [];
    for (const text of ['ice', 'tea', 'ice', 'tea', 'ice'])
      texts.push((await model.complete(ask(text), callOf())).text);
    expect(texts).to.deep.equal(['cold', 'hot', 'cold', 'whatever', 'whatever']);
    model.assertComplete();
  });

  it('streams its chunks, and fails after them', async () => {
    const model = scriptedModel([
      { chunks: ['a', 'b'] },
      'two words',
      { chunks: ['half'], error: new RangeError('mine') },
    ]);
    expect(textsOf((await collect(model.stream(ask('?'), callOf()))).parts)).to.deep.equal(['a', 'b']);
    expect(textsOf((await collect(model.stream(ask('?'), callOf()))).parts)).to.deep.equal(['two', ' words']);
    const heard: string[] = [];
    const failing = async (): Promise<void> => {
      for await (const part of model.stream(ask('?'), callOf())) heard.push(part.type);
    };
    expect(await rejection(failing())).to.be.instanceOf(RangeError);
    expect(heard).to.deep.equal(['text']);
  });

  it('throws errors, and hangs until it is aborted', async () => {
    const abort = new AbortController();
    const model = scriptedModel([new RangeError('no'), { hangs: true }]);
    expect(await rejection(model.complete(ask('?'), callOf()))).to.be.instanceOf(RangeError);
    const hanging = rejection(model.complete(ask('?'), callOf('a', abort.signal)));
    abort.abort();
    expect(await hanging).to.have.property('code', 'MODEL_ABORTED');
    model.assertComplete();
  });

  it('complains of what was not used', () => {
    const model = scriptedModel(['said', { toolCalls: [{ name: 'pay', args: {} }] }]);
    const error = thrownBy(() => model.assertComplete());
    expect(error).to.have.property('code', 'MODEL_SCRIPT');
    expect(error.message).to.equal('scripted: entry 0 ("said") was not used; entry 1 ("", calls pay) was not used');
  });

  for (const [way, run] of bothWays) {
    it(`complains of calls nobody expected, at once and in the end, ${way}`, async () => {
      const model = scriptedModel([{ when: () => false, answer: 'never' }, 'once'], { name: 'mute' });
      await run(model, ask('first'));
      const error = await rejection(run(model, ask('second')));
      expect(error).to.include({ code: 'MODEL_SCRIPT', message: 'mute: call 2 was not expected: user "second"' });
      const late = thrownBy(() => model.assertComplete());
      expect(late.message).to.include('entry 0 ("never") was not used').and.include('call 2 was not expected');
    });
  }

  it('costs what its prices say', async () => {
    const model = scriptedModel(['three words here'], { prices: { inputUsd: 0, outputUsd: 1_000_000 } });
    expect((await model.complete(ask('?'), callOf())).usage).to.include({ outputTokens: 3, costUsd: 3 });
  });

  it('refuses entries that are none', () => {
    for (const entry of [7, undefined, { answer: 'a', times: 0 }, { answer: 'a', times: Number.NaN }]) {
      expect(thrownBy(() => scriptedModel([entry as ScriptEntry]))).to.have.property('code', 'MODEL_SCRIPT');
    }
  });
});
