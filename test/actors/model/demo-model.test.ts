import { expect } from 'chai';
import { z } from 'zod';
import { completeStructured, demoModel, type ModelMessage, type ToolFacts } from '../../../actors/model/index.js';
import { checkSchema, jsonSchema, jsonSchemaOf, type Schema } from '../../../actors/schema/index.js';
import { ask, bothWays, callOf, collect, readFile, textsOf } from './helpers.js';

const calculate: ToolFacts = {
  name: 'calculate',
  description: 'Evaluate an arithmetic expression',
  input: { type: 'object', properties: { expression: { type: 'string' } }, required: ['expression'] },
};
const fetchUrl: ToolFacts = {
  name: 'fetchUrl',
  description: 'Fetch a page of the web',
  input: { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] },
};

describe('demoModel', () => {
  const model = demoModel();

  it('says that it is a demo, the same each time, word by word', async () => {
    const first = await collect(model.stream(ask('Who are you?'), callOf()));
    expect(first.reply.text)
      .to.match(/^This is the demo model/)
      .and.include('"Who are you?"');
    expect(textsOf(first.parts).length).to.be.greaterThan(10);
    for (const [, run] of bothWays) expect(await run(demoModel(), ask('Who are you?'))).to.deep.equal(first.reply);
    const { inputTokens, outputTokens, costUsd } = first.reply.usage;
    expect({ inputTokens, costUsd }).to.deep.equal({ inputTokens: 3, costUsd: 0 });
    expect(outputTokens).to.equal(first.reply.text.split(/\s+/).length);
  });

  it('goes once round the loop of tools: calls the one that fits, then answers of what it said', async () => {
    const tools = [readFile, calculate, fetchUrl];
    const messages: ModelMessage[] = [{ role: 'user', text: 'Please calculate 12 * (3 + 4) for me' }];
    const wants = await model.complete({ messages, tools }, callOf());
    expect(wants).to.deep.include({ finish: 'tools', text: '' });
    expect(wants.toolCalls).to.deep.equal([{ id: 'demo-1', name: 'calculate', args: { expression: '12 * (3 + 4)' } }]);
    messages.push({ role: 'assistant', text: '', toolCalls: wants.toolCalls });
    messages.push({ role: 'tool', callId: 'demo-1', name: 'calculate', text: '84' });
    const answer = await model.complete({ messages, tools }, callOf());
    expect(answer.finish).to.equal('stop');
    expect(answer.text).to.include('calculate said: "84"');
    messages.push({ role: 'assistant', text: answer.text }, { role: 'user', text: 'read notes/a.txt' });
    expect((await model.complete({ messages, tools }, callOf())).toolCalls).to.deep.equal([
      { id: 'demo-2', name: 'readFile', args: { path: 'notes/a.txt' } },
    ]);
  });

  it('takes arguments out of the question', async () => {
    for (const [text, tool, args] of [
      ['what is in README.md?', readFile, { path: 'README.md' }],
      ['fetch https://example.org/a?b=c.', fetchUrl, { url: 'https://example.org/a?b=c' }],
      ['read "the plan"', readFile, { path: 'the plan' }],
    ] as const) {
      const { toolCalls } = await model.complete(ask(text, { tools: [tool] }), callOf());
      expect(toolCalls[0]!.args, text).to.deep.equal(args);
    }
  });

  it('heeds the choice of tools', async () => {
    const tools = [readFile, calculate];
    const calls = async (toolChoice: 'none' | { name: string } | undefined, text = 'hello') =>
      (await model.complete(ask(text, { tools, toolChoice }), callOf())).toolCalls.map(({ name }) => name);
    expect(await calls(undefined)).to.deep.equal(['readFile']);
    expect(await calls({ name: 'calculate' })).to.deep.equal(['calculate']);
    expect(await calls('none')).to.deep.equal([]);
    const failed: ModelMessage[] = [
      { role: 'user', text: 'read a.txt' },
      { role: 'assistant', text: '', toolCalls: [{ id: 'x', name: 'readFile', args: {} }] },
      { role: 'tool', callId: 'x', name: 'readFile', text: 'no such file', failed: true },
    ];
    expect((await model.complete({ messages: failed, tools }, callOf())).text).to.include(
      'readFile failed: "no such file"',
    );
  });

  it('stops at the longest length', async () => {
    const reply = await model.complete(ask('?', { maxOutputTokens: 4 }), callOf());
    expect(reply).to.deep.include({ text: 'This is the demo', finish: 'length' });
    expect(reply.usage.outputTokens).to.equal(4);
  });

  it('fills in forms that their schemas accept', async () => {
    const forms: Schema[] = [
      z.object({
        title: z.string(),
        steps: z.array(z.object({ what: z.string(), minutes: z.number().int().min(1) })).min(2),
      }),
      z.object({ kind: z.enum(['a', 'b']), sure: z.boolean(), share: z.number().max(0.5), none: z.null() }),
      z.union([z.object({ type: z.literal('yes'), why: z.string() }), z.object({ type: z.literal('no') })]),
      z.array(z.string().min(3).max(20)),
      z.string(),
      jsonSchema({
        $ref: '#/$defs/node',
        $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
      }),
    ];
    for (const form of forms) {
      const { value } = await completeStructured(model, ask('Plan 3 things in 20 minutes'), form, {
        call: callOf(),
        attemptsMax: 1,
      });
      expect((await checkSchema(form, value)).ok, JSON.stringify(jsonSchemaOf(form))).to.equal(true);
    }
    const plan = await completeStructured(model, ask('Plan'), forms[0] as Schema<{ title: string }>, {
      call: callOf(),
    });
    expect(plan.value.title).to.include('demo model');
  });
});
