import { expect } from 'chai';
import {
  type ModelCall,
  modelFrom,
  type ModelPart,
  type ModelRequest,
  noUsage,
  replyOf,
} from '../../../actors/model/index.js';
import { thrownBy } from '../../helpers/fake-port.js';
import { rejection } from '../../helpers/with-system.js';
import { ask, bothWays, callOf, collect, readFile } from './helpers.js';

const reply = { model: 'm', text: 'ab', toolCalls: [], usage: { ...noUsage, inputTokens: 3 }, finish: 'stop' as const };
const parts: ModelPart[] = [
  { type: 'text', text: 'a' },
  { type: 'text', text: 'b' },
  { type: 'done', reply },
];

async function* say(...said: ModelPart[]): AsyncGenerator<ModelPart> {
  yield* said;
}

describe('modelFrom', () => {
  it('completes by what its stream comes to', async () => {
    const model = modelFrom({ name: 'm', stream: () => say(...parts) });
    expect(await model.complete(ask('?'), callOf())).to.deep.equal(reply);
    expect((await collect(model.stream(ask('?'), callOf()))).parts).to.deep.equal(parts);
    expect(await replyOf(model.stream(ask('?'), callOf()))).to.deep.equal(reply);
  });

  it('prices the reply, and leaves it alone without prices', async () => {
    const prices = { inputUsd: 1_000_000, outputUsd: 0 };
    for (const [, run] of bothWays) {
      expect(
        (await run(modelFrom({ name: 'm', prices, stream: () => say(...parts) }), ask('?'))).usage.costUsd,
      ).to.equal(3);
      expect((await run(modelFrom({ name: 'm', stream: () => say(...parts) }), ask('?'))).usage.costUsd).to.equal(0);
    }
  });

  it('says nothing after the end, and takes no end for a missing one', async () => {
    const chatty = modelFrom({ name: 'm', stream: () => say(...parts, { type: 'text', text: 'more' }) });
    expect((await collect(chatty.stream(ask('?'), callOf()))).parts).to.deep.equal(parts);
    const cut = modelFrom({ name: 'm', stream: () => say(parts[0]!) });
    for (const [, run] of bothWays)
      expect(await rejection(run(cut, ask('?')))).to.have.property('code', 'MODEL_PROTOCOL');
  });

  it('passes on what the stream throws', async () => {
    const failing = modelFrom({
      name: 'm',
      // biome-ignore lint/correctness/useYield: it throws before it says anything
      async *stream() {
        throw new RangeError('mine');
      },
    });
    for (const [, run] of bothWays) expect(await rejection(run(failing, ask('?')))).to.be.instanceOf(RangeError);
  });

  it('is over when it is aborted, though its stream hangs, and lets it clean up when it is left', async () => {
    const cleaned: string[] = [];
    const model = modelFrom({
      name: 'm',
      async *stream(_: ModelRequest, { callId }: ModelCall): AsyncGenerator<ModelPart> {
        try {
          yield { type: 'text', text: 'a' };
          await new Promise(() => {});
        } finally {
          cleaned.push(callId);
        }
      },
    });
    const abort = new AbortController();
    const hanging = model.stream(ask('?'), callOf('hangs', abort.signal))[Symbol.asyncIterator]();
    await hanging.next();
    const next = rejection(hanging.next());
    abort.abort();
    expect(await next).to.have.property('code', 'MODEL_ABORTED');
    for await (const part of model.stream(ask('?'), callOf('left'))) {
      expect(part.type).to.equal('text');
      break;
    }
    expect(cleaned).to.deep.equal(['left']);
  });

  it('refuses what is no request, by the place, before anything is asked', async () => {
    let asked = 0;
    const model = modelFrom({
      name: 'm',
      stream: () => {
        asked += 1;
        return say(...parts);
      },
    });
    const user = { role: 'user', text: 'a' };
    for (const [request, field] of [
      [undefined, 'request'],
      [{}, 'messages'],
      [{ messages: [] }, 'messages'],
      [{ messages: [7] }, 'messages[0]'],
      [{ messages: [user, { role: 'robot', text: '' }] }, 'messages[1].role'],
      [{ messages: [{ role: 'user', content: 'a' }] }, 'messages[0].text'],
      [{ messages: [{ role: 'tool', text: 'a', name: 'b' }] }, 'messages[0].callId'],
      [{ messages: [{ ...user, toolCalls: [] }] }, 'messages[0].toolCalls'],
      [{ messages: [{ role: 'assistant', text: '', toolCalls: [{ id: 'a' }] }] }, 'messages[0].toolCalls[0].name'],
      [{ ...ask('?'), tool: [] }, 'tool'],
      [{ ...ask('?'), tools: [{ ...readFile, name: 'read file' }] }, 'tools[0].name'],
      [{ ...ask('?'), tools: [readFile, readFile] }, 'tools[1].name'],
      [{ ...ask('?'), tools: [{ ...readFile, input: 'text' }] }, 'tools[0].input'],
      [{ ...ask('?'), toolChoice: 'required' }, 'toolChoice'],
      [{ ...ask('?'), tools: [readFile], toolChoice: { name: 'writeFile' } }, 'toolChoice.name'],
      [{ ...ask('?'), tools: [readFile], toolChoice: 'any' }, 'toolChoice'],
      [{ ...ask('?'), output: { name: '', schema: {} } }, 'output.name'],
      [{ ...ask('?'), output: { name: 'a' } }, 'output.schema'],
      [{ ...ask('?'), temperature: Number.NaN }, 'temperature'],
      [{ ...ask('?'), maxOutputTokens: 0 }, 'maxOutputTokens'],
      [{ ...ask('?'), seed: 0.5 }, 'seed'],
      [{ ...ask('?'), stop: [''] }, 'stop'],
    ] as const) {
      const given = request as unknown as ModelRequest;
      const error = await rejection(model.complete(given, callOf()));
      expect(error, field).to.include({ code: 'MODEL_REQUEST', field });
      expect(thrownBy(() => model.stream(given, callOf()))).to.include({ code: 'MODEL_REQUEST', field });
    }
    for (const [call, field] of [
      [undefined, 'call'],
      [{ callId: '', signal: new AbortController().signal }, 'call.callId'],
      [{ callId: 'a' }, 'call.signal'],
    ] as const) {
      const given = call as unknown as ModelCall;
      expect(await rejection(model.complete(ask('?'), given))).to.include({ code: 'MODEL_REQUEST', field });
    }
    expect(asked).to.equal(0);
  });

  it('refuses options that are none', () => {
    for (const options of [
      {},
      { name: 'm' },
      { name: '', stream: () => say() },
      { name: 'm', stream: () => say(), price: {} },
    ]) {
      expect(thrownBy(() => modelFrom(options as never)).code).to.match(/^OPTION_/);
    }
  });
});
