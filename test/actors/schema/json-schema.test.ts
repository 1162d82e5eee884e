import { expect } from 'chai';
import { checkSchema, type JsonSchema, jsonSchema, jsonSchemaOf } from '../../../actors/schema/index.js';
import { thrownBy } from '../../helpers/fake-port.js';

const place: JsonSchema = {
  type: 'object',
  properties: {
    city: { type: 'string', minLength: 1 },
    near: { type: 'array', items: { $ref: '#/$defs/spot' } },
  },
  required: ['city'],
  additionalProperties: false,
  $defs: {
    spot: { type: 'object', properties: { x: { type: 'number' }, 'two words': { type: 'integer' } }, required: ['x'] },
  },
};

describe('jsonSchema', () => {
  const issuesOf = async (schema: JsonSchema, value: unknown): Promise<string[]> => {
    const checked = await checkSchema(jsonSchema(schema), value);
    return checked.ok ? [] : checked.issues.map(({ path, message }) => `${path}: ${message}`);
  };

  it('accepts what fits, and gives back a copy', async () => {
    const value = { city: 'Bonn', near: [{ x: 1 }] };
    const checked = await checkSchema(jsonSchema<typeof value>(place), value);
    expect(checked).to.deep.equal({ ok: true, value });
    if (!checked.ok) return;
    expect(checked.value).not.to.equal(value);
    expect(checked.value.near).not.to.equal(value.near);
  });

  it('names each wrong place once, and not those around it', async () => {
    const issues = await issuesOf(place, { city: '', near: [{ x: 1 }, { x: 'a', 'two words': 1.5 }], more: 1 });
    expect(issues.map((each) => each.split(':')[0]).sort()).to.deep.equal([
      'city',
      'more',
      'near[1].x',
      'near[1]["two words"]',
    ]);
  });

  it('takes undefined properties for absent, and refuses what JSON has no word for', async () => {
    expect(await issuesOf(place, { city: 'Bonn', near: undefined })).to.deep.equal([]);
    expect(await issuesOf(place, { city: undefined })).to.have.length(1);
    for (const [odd, what] of [
      [undefined, ': is undefined'],
      [{ city: new Date(0) }, 'city: is an instance of Date'],
      [{ city: 'a', near: [() => 1] }, 'near[0]: is a function'],
      [{ city: Number.NaN }, 'city: is NaN'],
      [{ city: 1n }, 'city: is 1n'],
    ] as const) {
      expect((await issuesOf(place, odd))[0]).to.include(what);
    }
  });

  it('says no to a value that nests without end, or too deep, in words', async () => {
    const tree: JsonSchema = { type: 'object', properties: { next: { $ref: '#' } } };
    const round: Record<string, unknown> = {};
    round.next = round;
    expect((await issuesOf(tree, round))[0]).to.include('nests deeper than 256');
    let deep: unknown = {};
    for (let depth = 0; depth < 100; depth += 1) deep = { next: deep };
    expect(await issuesOf(tree, deep)).to.deep.equal([]);
    expect(await issuesOf({ $ref: '#' }, 1)).to.have.length(1);
  });

  it('keeps a property called __proto__ a property', async () => {
    const given = JSON.parse('{"city":"a","__proto__":{"polluted":true}}') as unknown;
    expect((await issuesOf(place, given))[0]).to.include('__proto__');
    const checked = await checkSchema(jsonSchema<object>({ type: 'object' }), given);
    expect(checked.ok && Object.getPrototypeOf(checked.value)).to.equal(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).to.equal(undefined);
  });

  it('follows the draft that the document names', async () => {
    const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] };
    expect(await issuesOf(draft7, [1])).to.have.length(1);
    expect(await issuesOf({ prefixItems: [{ type: 'string' }] }, [1])).to.have.length(1);
  });

  it('refuses documents that are none, by the place', () => {
    const round: Record<string, unknown> = {};
    round.not = round;
    for (const [document, field] of [
      ['text', 'schema'],
      [[], 'schema'],
      [{ type: 'text' }, '#/type'],
      [{ properties: { a: { type: ['string', 'date'] } } }, '#/properties/a/type'],
      [{ properties: { a: { pattern: '(' } } }, '#/properties/a/pattern'],
      [{ items: { $ref: '#/$defs/none' } }, '#/items/$ref'],
      [{ properties: { a: { $id: 'x:y' }, b: { $id: 'x:y', type: 'string' } } }, 'schema'],
      [{ default: () => 1 }, 'default'],
    ] as const) {
      const error = thrownBy(() => jsonSchema(document as unknown as JsonSchema));
      expect(error, JSON.stringify(document)).to.include({ code: 'SCHEMA_ILLEGAL', field });
    }
    expect(thrownBy(() => jsonSchema(round))).to.have.property('code', 'SCHEMA_ILLEGAL');
  });

  it('refuses documents that contradict themselves, by the place', () => {
    for (const [part, keyword] of [
      [{ type: 'number', minimum: 5, maximum: 4 }, 'minimum'],
      [{ type: 'string', minLength: 2, maxLength: 1 }, 'minLength'],
      [{ minItems: 2, maxItems: 1 }, 'minItems'],
      [{ properties: { b: {} }, required: ['b', 'c'], additionalProperties: false }, 'required'],
      [{ properties: { b: false }, required: ['b'] }, 'required'],
      [{ type: 'string', enum: [1, 2] }, 'enum'],
      [{ type: ['integer', 'null'], const: 1.5 }, 'const'],
    ] as const) {
      const error = thrownBy(() => jsonSchema({ properties: { a: part } } as unknown as JsonSchema));
      const field = `#/properties/a/${keyword}`;
      expect(error, JSON.stringify(part)).to.include({ code: 'SCHEMA_ILLEGAL', field });
      expect((error as Error).message).to.match(/^jsonSchema: no value fits #\/properties\/a: /);
    }
    for (const part of [
      { minimum: 4, maximum: 4 },
      { properties: { b: {} }, required: ['b'], additionalProperties: false },
      { patternProperties: { '^c': {} }, required: ['c'], additionalProperties: false },
      { required: ['c'] },
      { type: ['string', 'integer'], enum: ['a', 1, null] },
      { type: 'null', const: null },
      { enum: [1, 'a'] },
    ])
      expect(() => jsonSchema({ properties: { a: part } } as JsonSchema), JSON.stringify(part)).not.to.throw();
  });

  it('is shown as it was given, unmarked, whatever was validated and whoever holds the original', async () => {
    const document = structuredClone(place) as { required: string[] };
    const schema = jsonSchema(document as unknown as JsonSchema);
    document.required.push('near');
    expect((await checkSchema(schema, { city: 'Bonn' })).ok).to.equal(true);
    expect(jsonSchemaOf(schema)).to.deep.equal(place);
    expect(Object.getOwnPropertyNames(jsonSchemaOf(schema))).to.deep.equal(Object.keys(place));
    (jsonSchemaOf(schema) as { type: string }).type = 'array';
    expect(jsonSchemaOf(schema)).to.deep.equal(place);
  });
});
