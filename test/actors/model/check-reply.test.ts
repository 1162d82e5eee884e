/** What models say and is not of the contract, and models that never end. */
import { expect } from 'chai';
import { type ModelCall, modelFrom, type ModelPart, type ModelReply, noUsage } from '../../../actors/model/index.js';
import { keptToContract } from '../../../actors/model/model-from.js';
import { replyCharsMax } from '../../../actors/model/check-reply.js';
import type { TroupeError } from '../../../src/index.js';
import { rejection } from '../../helpers/with-system.js';
import { ask, bothWays, callOf, collect } from './helpers.js';

const usage = { inputTokens: 3, outputTokens: 1, cachedTokens: 0, costUsd: 0.5 };
const good: ModelReply = { model: 'm', text: 'ab', toolCalls: [], usage, finish: 'stop' };

/** Says one thing, by whichever way it is asked. */
const says = (reply: unknown) => ({
  name: 'm',
  complete: () => Promise.resolve(reply as ModelReply),
  async *stream(): AsyncGenerator<ModelPart> {
    yield { type: 'done', reply: reply as ModelReply };
  },
});

const counts = (field: string, value: unknown) => ({ ...good, usage: { ...usage, [field]: value } });
const calls = (...toolCalls: unknown[]) => ({ ...good, toolCalls });

const bad: [reply: unknown, field: string][] = [
  [null, 'reply'],
  [undefined, 'reply'],
  ['hello', 'reply'],
  [{ ...good, model: undefined }, 'reply.model'],
  [{ ...good, text: 5 }, 'reply.text'],
  [{ ...good, text: undefined }, 'reply.text'],
  [{ ...good, toolCalls: undefined }, 'reply.toolCalls'],
  [{ ...good, finish: 'weird' }, 'reply.finish'],
  [{ ...good, usage: undefined }, 'reply.usage'],
  [{ ...good, usage: null }, 'reply.usage'],
  [{ ...good, usage: {} }, 'reply.usage.inputTokens'],
  [counts('inputTokens', -1), 'reply.usage.inputTokens'],
  [counts('outputTokens', Number.NaN), 'reply.usage.outputTokens'],
  [counts('cachedTokens', Number.POSITIVE_INFINITY), 'reply.usage.cachedTokens'],
  [counts('costUsd', '1'), 'reply.usage.costUsd'],
  [calls(null), 'reply.toolCalls[0]'],
  [calls({ id: 'a', name: 'x', args: {} }, { id: 'b', args: {} }), 'reply.toolCalls[1].name'],
  [calls({ id: 5, name: 'x', args: {} }), 'reply.toolCalls[0].id'],
  [calls({ id: 'a', name: 'x', badArgs: 5 }), 'reply.toolCalls[0].badArgs'],
];

describe('replies of models', () => {
  for (const [index, [reply, field]] of bad.entries()) {
    it(`that make no sense are MODEL_PROTOCOL, with what was used (${index}: ${field})`, async () => {
      const { complete, ...streaming } = says(reply);
      const models = [modelFrom({ ...streaming, complete }), modelFrom(streaming), keptToContract(says(reply))];
      for (const model of models) {
        for (const [way, run] of bothWays) {
          const error = (await rejection(run(model, ask('What?')))) as TroupeError;
          expect(error, way).to.include({ code: 'MODEL_PROTOCOL', field });
          const { usage: used } = error.value as { usage: typeof usage };
          if (field.startsWith('reply.usage') || index < 3) expect(used).to.include({ isEstimated: true });
          else expect(used).to.deep.equal(usage);
          expect(used.inputTokens).to.be.above(0);
        }
      }
    });
  }

  it('that make sense have what the contract says, and nothing else; a call may lack its id', async () => {
    const call = { name: 'x', args: { a: 1 } };
    const model = keptToContract(says({ ...good, toolCalls: [call], extra: () => 1 }));
    for (const [, run] of bothWays)
      expect(await run(model, ask('?'))).to.deep.equal({ ...good, toolCalls: [{ id: '', ...call }] });
  });

  it('in pieces that make no sense are none either', async () => {
    const pieces: unknown[] = [null, { type: 'text', text: 5 }, { type: 'toolCall', call: null }];
    for (const piece of pieces) {
      const model = modelFrom({
        name: 'm',
        async *stream() {
          yield piece as ModelPart;
        },
      });
      expect(await rejection(collect(model.stream(ask('?'), callOf())))).to.include({ code: 'MODEL_PROTOCOL' });
    }
  });

  describe('that never end', () => {
    const flood = (text: string) => ({
      name: 'm',
      complete: () => Promise.reject(new Error('never asked')),
      async *stream(): AsyncGenerator<ModelPart> {
        for (;;) yield { type: 'text', text };
      },
    });

    it('and never wait can be given up all the same', async () => {
      const { complete: _, ...streaming } = flood('x');
      for (const model of [modelFrom(streaming), keptToContract(flood('x'))]) {
        const abort = new AbortController();
        const call: ModelCall = callOf('flood', abort.signal);
        const over = rejection(collect(model.stream(ask('?'), call)));
        setImmediate(() => abort.abort());
        const error = (await over) as TroupeError;
        expect(error).to.include({ code: 'MODEL_ABORTED' });
        expect((error.value as ModelReply).usage.outputTokens).to.be.above(0);
      }
    });

    it('are cut off at some length', async () => {
      const model = modelFrom({ ...flood('x'.repeat(2 ** 22)), complete: undefined as never });
      const parts = model.stream(ask('?'), callOf());
      let chars = 0;
      const read = async () => {
        for await (const part of parts) if (part.type === 'text') chars += part.text.length;
      };
      const error = (await rejection(read())) as TroupeError;
      expect(error).to.include({ code: 'MODEL_PROTOCOL' });
      expect(chars).to.equal(replyCharsMax);
    });

    it('or are too long in one piece are none', async () => {
      const long = { ...good, text: 'x'.repeat(replyCharsMax + 1), usage: noUsage };
      const error = await rejection(keptToContract(says(long)).complete(ask('?'), callOf()));
      expect(error).to.include({ code: 'MODEL_PROTOCOL', field: 'reply.text.length' });
    });
  });
});
