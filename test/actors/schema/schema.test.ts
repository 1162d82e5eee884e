import { expect } from 'chai';
import { z } from 'zod';
import { checkSchema, isSchema, jsonSchema, jsonSchemaOf, type Schema } from '../../../actors/schema/index.js';
import { thrownBy } from '../../helpers/fake-port.js';

/** A schema of some library: what it validates is the test's. */
const schemaOf = (validate: (value: unknown) => unknown, more: object = {}): Schema =>
  ({ '~standard': { version: 1, vendor: 'test', validate, ...more } }) as unknown as Schema;

describe('schemas', () => {
  const order = z.object({
    items: z.array(z.object({ name: z.string(), count: z.number().int().default(1) })),
    note: z.string().optional(),
  });

  it('of zod give the value with its defaults, typed', async () => {
    const checked = await checkSchema(order, { items: [{ name: 'tea' }] });
    if (!checked.ok) throw new Error('refused');
    const { count } = checked.value.items[0]!;
    expect(count + 1).to.equal(2);
  });

  it('say where a value is wrong', async () => {
    const checked = await checkSchema(order, { items: [{ name: 'tea' }, { name: 7 }], note: null });
    expect(checked.ok).to.equal(false);
    if (checked.ok) return;
    expect(checked.issues.map(({ path }) => path)).to.deep.equal(['items[1].name', 'note']);
    expect(checked.issues[0]!.message).to.be.a('string').and.not.equal('');
  });

  it('may take their time', async () => {
    expect(
      await checkSchema(
        z.string().refine(async (text) => text === 'a'),
        'a',
      ),
    ).to.deep.equal({ ok: true, value: 'a' });
  });

  it('that throw have not said yes', async () => {
    const throwing = schemaOf(() => {
      throw new TypeError('no such thing');
    });
    const checked = await checkSchema(throwing, 1);
    expect(checked).to.deep.equal({
      ok: false,
      issues: [{ path: '', message: 'it could not be checked: no such thing' }],
    });
    const rejecting = schemaOf(() => Promise.reject(new Error('later')));
    expect((await checkSchema(rejecting, 1)).ok).to.equal(false);
  });

  it('report a wrong value in a bounded number of issues', async () => {
    const checked = await checkSchema(z.array(z.number()), Array<string>(1_000).fill('a'));
    expect(checked.ok ? 0 : checked.issues.length).to.equal(32);
  });

  it('write places as one would in a program', async () => {
    const path = ['a', { key: 'b c' }, 0, { key: 1 }, Symbol.iterator, ''];
    const checked = await checkSchema(
      schemaOf(() => ({ issues: [{ message: 'm', path }] })),
      1,
    );
    expect(checked.ok ? '' : checked.issues[0]!.path).to.equal('a["b c"][0][1]["Symbol(Symbol.iterator)"][""]');
  });

  it('are told from what is none', () => {
    expect([order, jsonSchema({}), schemaOf(() => ({ value: 1 }))].map(isSchema)).to.deep.equal([true, true, true]);
    expect([null, undefined, 'a', {}, { '~standard': {} }, () => {}].map(isSchema)).to.not.include(true);
  });
});

describe('jsonSchemaOf', () => {
  it('asks zod for what it accepts, and leaves out the draft', () => {
    const document = jsonSchemaOf(z.object({ name: z.string(), count: z.number().default(1) }));
    expect(document).to.deep.equal({
      type: 'object',
      properties: { name: { type: 'string' }, count: { type: 'number', default: 1 } },
      required: ['name'],
    });
  });

  it('gives a document that the other kind of schema validates alike', async () => {
    const zod = z.object({ tags: z.array(z.enum(['a', 'b'])).max(2), size: z.union([z.number(), z.null()]) });
    const other = jsonSchema(jsonSchemaOf(zod));
    for (const value of [
      { tags: ['a'], size: 1 },
      { tags: ['a', 'b', 'a'], size: 1 },
      { tags: ['c'], size: null },
      { tags: [] },
      { tags: [], size: null },
    ]) {
      expect((await checkSchema(other, value)).ok, JSON.stringify(value)).to.equal((await checkSchema(zod, value)).ok);
    }
  });

  it('refuses schemas that no JSON Schema can say, with the reason', () => {
    for (const [schema, words] of [
      [z.object({ at: z.date() }), /date/i],
      [schemaOf(() => ({ value: 1 })), /does not implement Standard JSON Schema/],
      [schemaOf(() => ({ value: 1 }), { jsonSchema: { input: () => 'text' } }), /it comes as "text"/],
      [schemaOf(() => ({ value: 1 }), { jsonSchema: { input: () => ({ a: { b: () => 1 } }) } }), /a\.b is a function/],
    ] as const) {
      const error = thrownBy(() => jsonSchemaOf(schema));
      expect(error).to.have.property('code', 'SCHEMA_NOT_JSON');
      expect(error.message).to.match(words);
    }
  });
});
