import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import {
  completeStructured,
  fixtureModelServer,
  openAiModel,
  type ScriptEntry,
  scriptedModel,
  type StructuredOptions,
  usageOfError,
} from '../../../actors/model/index.js';
import { jsonSchema, type Schema } from '../../../actors/schema/index.js';
import { TroupeError } from '../../../src/index.js';
import { rejection } from '../../helpers/with-system.js';
import { ask, callOf } from './helpers.js';

const place = z.object({ city: z.string(), people: z.number().int().min(0) });
const bonn = { city: 'Bonn', people: 330_000 };

interface Invalid {
  raw: string;
  issues: { path: string; message: string }[];
  attempts: number;
}

describe('completeStructured', () => {
  const run = async (script: ScriptEntry[], more: Partial<StructuredOptions> = {}) => {
    const model = scriptedModel(script, { prices: { inputUsd: 1, outputUsd: 1 } });
    const running = completeStructured(model, ask('where?'), place, { call: callOf('id'), ...more });
    return { model, outcome: await running.catch((error: TroupeError) => error) };
  };
  const valueOfText = async (text: string): Promise<unknown> => {
    const { outcome } = await run([text], { attemptsMax: 1 });
    return outcome instanceof Error ? outcome.code : outcome.value;
  };

  it('asks with the schema, and gives the value back, typed', async () => {
    const model = scriptedModel([JSON.stringify(bonn)]);
    const { value, attempts, reply } = await completeStructured(model, ask('?'), place, {
      call: callOf(),
      name: 'place',
    });
    expect(value.city.length + value.people).to.equal(330_004);
    expect(attempts).to.equal(1);
    expect(reply.text).to.equal(JSON.stringify(bonn));
    expect(model.calls[0]!.request.output).to.deep.equal({
      name: 'place',
      schema: {
        type: 'object',
        properties: {
          city: { type: 'string' },
          people: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
        },
        required: ['city', 'people'],
      },
    });
  });

  it('reads JSON out of what models write around it, and repairs it', async () => {
    for (const text of [
      '{"city":"Bonn","people":330000}',
      '  \n{"city":"Bonn","people":330000}\n',
      '```json\n{"city":"Bonn","people":330000}\n```',
      'Sure! Here it is:\n```\n{"city":"Bonn","people":330000}\n```\nAnything else?',
      'As in [1] {roughly}:\n```json\n{"city":"Bonn","people":330000}\n```\n(or {above})',
      'The answer is {"city":"Bonn","people":330000}, as of today.',
      "{city: 'Bonn', people: 330000,}",
      '{"city":"Bonn","people":330000',
      '```json\n{"city":"Bonn", // the old capital\n"people":330000}\n```',
    ]) {
      expect(await valueOfText(text), text).to.deep.equal(bonn);
    }
  });

  it('believes no repair that the schema does not', async () => {
    for (const text of [
      '',
      'Bonn',
      'I would rather not.',
      '[]',
      '{"city":"Bonn"}',
      '{"city":"Bonn","people":"many"}',
      '\u0000',
      '{{{{',
    ]) {
      expect(await valueOfText(text), text).to.equal('MODEL_OUTPUT_INVALID');
    }
  });

  it('comes to a value or to a typed error, whatever the text', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.string({ unit: fc.constantFrom('{', '}', '"', ':', ',', '[', ']', '`', '\n', 'a', '1') }),
    );
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const value = await valueOfText(given);
        if (value !== 'MODEL_OUTPUT_INVALID') expect(place.safeParse(value).success).to.equal(true);
      }),
    );
  });

  it('asks again with what was wrong, and sums what that used', async () => {
    const { model, outcome } = await run(['{"city":"Bonn","people":-1}', 'hm', JSON.stringify(bonn)]);
    if (outcome instanceof Error) throw outcome;
    expect(outcome).to.deep.include({ value: bonn, attempts: 3 });
    expect(model.calls.map(({ callId }) => callId)).to.deep.equal(['id', 'id/2', 'id/3']);
    const [first, second, third] = model.calls.map(({ request }) => request.messages);
    expect(first).to.have.length(1);
    expect(second![1]).to.deep.equal({ role: 'assistant', text: '{"city":"Bonn","people":-1}' });
    expect(second![2]!.text).to.include('people');
    // Only the last attempt is shown.
    expect(third!.map(({ text }) => text))
      .to.include('hm')
      .and.not.include('{"city":"Bonn","people":-1}');
    const sum = outcome.usage.outputTokens;
    expect(sum).to.be.greaterThan(outcome.reply.usage.outputTokens);
    expect(outcome.usage.costUsd).to.be.greaterThan(outcome.reply.usage.costUsd);
  });

  it('gives up after so many attempts, with the raw text, the issues and the usage', async () => {
    const { model, outcome } = await run(['one', '{"city":7,"people":1}', 'never'], { attemptsMax: 2 });
    const error = outcome as TroupeError;
    expect(error).to.have.property('code', 'MODEL_OUTPUT_INVALID');
    const { raw, issues, attempts } = error.value as Invalid;
    expect({ raw, attempts }).to.deep.equal({ raw: '{"city":7,"people":1}', attempts: 2 });
    expect(issues.map(({ path }) => path)).to.deep.equal(['city']);
    expect(error.message).to.include('in 2 attempts: city');
    expect(model.calls).to.have.length(2);
    expect(usageOfError(error).outputTokens).to.equal(2);
    const carried = TroupeError.fromPlain(TroupeError.toPlain(error)) as TroupeError;
    expect(carried.value).to.deep.equal(error.value);
  });

  it('does not finish what was cut off, and does not ask a model again that refused', async () => {
    const cut = await run([{ text: '{"city":"Bonn","people":33', finish: 'length' }], { attemptsMax: 1 });
    expect(((cut.outcome as TroupeError).value as Invalid).issues[0]!.message).to.include('cut off');
    const whole = await run([{ text: JSON.stringify(bonn), finish: 'length' }], { attemptsMax: 1 });
    expect(whole.outcome).to.deep.include({ value: bonn });
    const refused = await run([{ text: JSON.stringify(bonn), finish: 'refused' }, 'never']);
    expect(refused.model.calls).to.have.length(1);
    expect(((refused.outcome as TroupeError).value as Invalid).issues[0]!.message).to.equal(
      'the model refused to answer',
    );
  });

  it('says what earlier attempts used when a later one fails', async () => {
    const error = new TroupeError('MODEL_UNAVAILABLE', 'm: down', { value: { model: 'm', status: 503 } });
    const { outcome } = await run(['no JSON here', error]);
    expect(outcome).to.deep.include({ code: 'MODEL_UNAVAILABLE', message: 'm: down' });
    expect((outcome as TroupeError).value).to.include({ status: 503 });
    expect(usageOfError(outcome).outputTokens).to.equal(3);
  });

  it('shows a wrong answer cut short, so that the request does not grow', async () => {
    const { model } = await run(['x'.repeat(100_000), JSON.stringify(bonn)]);
    expect(JSON.stringify(model.calls[1]!.request).length).to.be.lessThan(6_000);
  });

  it('refuses what it cannot ask', async () => {
    const model = scriptedModel([]);
    const options = { call: callOf() };
    const bad = [
      [null, options, 'OPTION_TYPE'],
      [z.date(), options, 'SCHEMA_NOT_JSON'],
      [place, { ...options, attemptsMax: 0 }, 'OPTION_RANGE'],
      [place, {}, 'OPTION_TYPE'],
    ] as const;
    for (const [schema, given, code] of bad) {
      const running = completeStructured(model, ask('?'), schema as unknown as Schema, given as StructuredOptions);
      expect(await rejection(running)).to.have.property('code', code);
    }
  });

  it('works on a server, with any kind of schema', async () => {
    const server = await fixtureModelServer({ script: ['I think: Bonn', { text: '{"city":"Bonn","people":1}' }] });
    const schema = jsonSchema<{ city: string }>({
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
    });
    const model = openAiModel({ url: server.url, model: 'm' });
    const { value, attempts } = await completeStructured(model, ask('?'), schema, { call: callOf('k') });
    await server.close();
    expect({ city: value.city, attempts }).to.deep.equal({ city: 'Bonn', attempts: 2 });
    expect(server.paidCalls).to.equal(2);
    expect(server.calls[0]!.body.response_format).to.deep.include({ type: 'json_schema' });
  });
});
