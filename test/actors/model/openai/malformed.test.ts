import { expect } from 'chai';
import {
  type FixtureAnswer,
  fixtureModelServer,
  type FixtureModelServer,
  openAiModel,
} from '../../../../actors/model/index.js';
import { rejection } from '../../../helpers/with-system.js';
import { ask, bothWays, callOf, collect } from '../helpers.js';

const json = (value: unknown): FixtureAnswer => ({ raw: JSON.stringify(value), contentType: 'application/json' });
const event = (value: unknown): FixtureAnswer => ({
  raw: `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`,
});
const choice = (part: object, finish = 'stop') => ({ choices: [{ index: 0, ...part, finish_reason: finish }] });
const done = 'data: [DONE]\n\n';

/** Bodies no client should believe, by what is wrong with them. The same in both ways where that makes sense. */
const wholes: Record<string, FixtureAnswer> = {
  'nothing at all': { raw: '', contentType: 'application/json' },
  'a page of HTML': { raw: '<html>busy</html>', contentType: 'text/html' },
  'half of its JSON': { raw: '{"choices":[{"message":{"content":"he', contentType: 'application/json' },
  null: json(null),
  'a list': json([]),
  'no choices': json({ usage: {} }),
  'an empty list of choices': json({ choices: [] }),
  'choices that are none': json({ choices: 'one' }),
  'a choice that is none': json({ choices: [7] }),
  'a choice without a message': json(choice({})),
  'a message that is a text': json(choice({ message: 'hello' })),
  'a content that is a number': json(choice({ message: { content: 7 } })),
  'tool calls that are no list': json(choice({ message: { tool_calls: {} } })),
  'a tool call that is a text': json(choice({ message: { tool_calls: ['readFile'] } })),
  'a tool call without a name': json(choice({ message: { tool_calls: [{ id: 'a', function: { arguments: '{}' } }] } })),
  'arguments that are a number': json(
    choice({ message: { tool_calls: [{ id: 'a', function: { name: 'b', arguments: 7 } }] } }),
  ),
  'wanted tools that are not there': json(choice({ message: { content: '' } }, 'tool_calls')),
  'usage that counts below zero': json({ ...choice({ message: { content: 'a' } }), usage: { prompt_tokens: -1 } }),
  'usage in words': json({ ...choice({ message: { content: 'a' } }), usage: { completion_tokens: 'many' } }),
  'bytes that are no UTF-8': { raw: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), contentType: 'application/json' },
};

const streams: Record<string, FixtureAnswer> = {
  'nothing at all': { raw: '' },
  'a page of HTML': { raw: '<html>busy</html>', contentType: 'text/html' },
  'an event that is no JSON': event('hello'),
  'an event with half its JSON': event('{"choices":[{"delta":{"content":"he'),
  'an event that is null': event('null'),
  'only an end mark': { raw: done },
  'an end before its reason': event({ choices: [{ delta: { content: 'half' } }] }),
  'choices that are none': event({ choices: 'one' }),
  'a delta that is a text': event(choice({ delta: 'hello' })),
  'tool calls that are no list': event(choice({ delta: { tool_calls: 7 } })),
  'a tool call without a name': event(
    choice({ delta: { tool_calls: [{ index: 0, function: { arguments: '{}' } }] } }, 'tool_calls'),
  ),
  'wanted tools that are not there': event(choice({ delta: { content: '' } }, 'tool_calls')),
  'usage in words': event({ choices: [], usage: { prompt_tokens: 'few' } }),
  'bytes that are no UTF-8': { raw: new Uint8Array([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a]) },
  'a text that is no UTF-8': {
    raw: Buffer.concat([
      Buffer.from('data: {"choices":[{"delta":{"content":"a'),
      Buffer.from([0xff]),
      Buffer.from('"},"finish_reason":"stop"}]}\n\n'),
    ]),
  },
  'half a character at its end': { raw: new Uint8Array([...new TextEncoder().encode('data: {"a":"'), 0xc3]) },
};

describe('openAiModel, on a server that talks nonsense', () => {
  let server: FixtureModelServer;
  const model = (more: object = {}) => openAiModel({ url: server.url, model: 'fixture', ...more });

  beforeEach(async () => {
    server = await fixtureModelServer();
  });
  afterEach(() => server.close());

  for (const [name, answer] of Object.entries(wholes)) {
    it(`refuses ${name} as a reply`, async () => {
      server.script(answer);
      const error = await rejection(model().complete(ask('?'), callOf()));
      expect(error).to.have.property('code', 'MODEL_PROTOCOL');
      expect(error.message).to.match(/^fixture: /);
    });
  }

  for (const [name, answer] of Object.entries(streams)) {
    it(`refuses ${name} as a stream`, async () => {
      server.script(answer);
      expect(await rejection(collect(model().stream(ask('?'), callOf())))).to.have.property('code', 'MODEL_PROTOCOL');
    });
  }

  it('refuses a stream that ends cleanly in the middle', async () => {
    server.script({ chunks: ['a', 'b', 'c'], endAfter: 3 });
    const error = await rejection(collect(model().stream(ask('?'), callOf())));
    expect(error).to.have.property('code', 'MODEL_PROTOCOL');
    expect(error.message).to.include('broke off before its end');
  });

  for (const [way, run] of bothWays) {
    it(`takes a broken connection for a server that cannot be reached, ${way}`, async () => {
      server.script({ text: 'a long way to go', cutAfter: 1 });
      expect(await rejection(run(model(), ask('?')))).to.have.property('code', 'MODEL_UNAVAILABLE');
    });

    it(`takes no more than it said it would, ${way}`, async () => {
      const small = model({ replyCharsMax: 2_000 });
      server.script({ text: 'a'.repeat(1_500) }, { chunks: Array<string>(300).fill('0123456789') });
      expect((await run(small, ask('?'))).text).to.have.length(1_500);
      const error = await rejection(run(small, ask('?')));
      expect(error).to.have.property('code', 'MODEL_PROTOCOL');
      expect(error.message).to.include('longer than 2000');
    });

    it(`cannot be made to hold arguments without end, ${way}`, async () => {
      server.script({ toolCalls: [{ name: 'a', args: `{"a":"${'x'.repeat(5_000)}"}` }] });
      const error = await rejection(run(model({ replyCharsMax: 2_000 }), ask('?')));
      expect(error.message).to.include('longer than 2000');
    });

    it(`survives arguments that nest without end, ${way}`, async () => {
      server.script({
        toolCalls: [
          { name: 'a', args: '['.repeat(50_000) + ']'.repeat(50_000) },
          { name: 'b', args: '{"a":'.repeat(20_000) },
        ],
      });
      const { toolCalls } = await run(model(), ask('?'));
      expect(toolCalls.map(({ badArgs }) => badArgs?.length)).to.deep.equal([100_000, 100_000]);
    });
  }

  it('cannot be made to hold an event without end', async () => {
    server.script({ raw: `data: ${'x'.repeat(100_000)}` });
    const error = await rejection(collect(model({ replyCharsMax: 2_000 }).stream(ask('?'), callOf())));
    expect(error.message).to.include('an event is longer than 2000');
  });
});
