/**
 * JSON Schema as a schema: for tools described by somebody else's document, and for whoever wants no schema library.
 * Validated by @cfworker/json-schema, which makes no code at run time.
 *
 * JS1  A document is checked when it is given: what would fail at the first value fails here.
 * JS2  The validator marks the document it works on, so it works on a copy of its own; what is shown is never marked.
 */
import { dereference, type OutputUnit, Validator } from '@cfworker/json-schema';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describeBriefly, TroupeError } from '../../src/core/errors.js';
import { contradictionIn } from './contradiction.js';
import { placeText } from './place.js';
import { plainCopy } from './plain-copy.js';
import type { JsonSchema, Schema } from './schema.js';

type Document = Exclude<ConstructorParameters<typeof Validator>[0], boolean>;
type Draft = NonNullable<ConstructorParameters<typeof Validator>[1]>;

/** The validator's keyword for a part that `false` forbids. */
const forbidden = 'false';

const types = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

/**
 * Make a schema of a JSON Schema document. Values are checked as JSON: properties that are undefined count as absent;
 * dates, functions and other things JSON has no word for are issues. The checked value is a copy; `default` fills
 * nothing in.
 *
 *   const place = jsonSchema<{ city: string }>({
 *     type: 'object', properties: { city: { type: 'string' } }, required: ['city'],
 *   });
 *
 * @typeParam T what the document describes; nobody checks that the two agree
 * @param schema draft 2020-12, or the draft its `$schema` names (4, 7, 2019-09)
 * @throws TroupeError SCHEMA_ILLEGAL naming the place: no plain data, an unknown `type`, a `pattern` that is no regular
 *   expression, a `$ref` that leads nowhere, two parts with one `$id`, a part that no value can fit
 */
export function jsonSchema<T>(schema: JsonSchema): Schema<T> {
  const shown = documentOf(schema);
  const validator = new Validator(checkedDocument(schema), draftOf(shown), false);
  const converted = (): Record<string, unknown> => shown;
  const standard = {
    version: 1 as const,
    vendor: 'troupe',
    validate: (value: unknown): StandardSchemaV1.Result<T> => validated<T>(validator, value),
    jsonSchema: { input: converted, output: converted },
  };
  return Object.freeze({ '~standard': Object.freeze(standard) });
}

function illegal(field: string, message: string, value?: unknown): TroupeError {
  return new TroupeError('SCHEMA_ILLEGAL', `jsonSchema: ${message}`, { field, value });
}

function documentOf(schema: unknown): Record<string, unknown> {
  const copy = plainCopy(schema);
  if (!copy.ok) {
    const field = placeText(copy.place);
    throw illegal(field || 'schema', `${field || 'the document'} ${copy.message}`);
  }
  if (typeof copy.value === 'object' && copy.value !== null && !Array.isArray(copy.value)) {
    return copy.value as Record<string, unknown>;
  }
  throw illegal('schema', `the document must be an object, but is ${describeBriefly(schema)}`, schema);
}

function draftOf({ $schema }: Record<string, unknown>): Draft {
  const text = typeof $schema === 'string' ? $schema : '';
  if (text.includes('draft-04')) return '4';
  if (text.includes('draft-06') || text.includes('draft-07')) return '7';
  return text.includes('2019-09') ? '2019-09' : '2020-12';
}

/** JS1, JS2. */
function checkedDocument(schema: JsonSchema): Document {
  const document = documentOf(schema) as Document;
  let parts: Record<string, Document | boolean>;
  try {
    parts = dereference(document);
  } catch (cause) {
    throw illegal('schema', cause instanceof Error ? cause.message : describeBriefly(cause));
  }
  for (const [uri, part] of Object.entries(parts)) {
    if (typeof part === 'object') checkPart(part, uri.includes('#') ? uri.slice(uri.indexOf('#')) : '#', parts);
  }
  return document;
}

function checkPart(part: Document, place: string, parts: Record<string, unknown>): void {
  const { type, pattern, $ref } = part as { type?: unknown; pattern?: unknown; $ref?: unknown };
  for (const each of type === undefined ? [] : Array.isArray(type) ? type : [type]) {
    if (typeof each === 'string' && types.includes(each)) continue;
    throw illegal(`${place}/type`, `the type at ${place} must be one of ${types.join(', ')}, and is`, each);
  }
  if (pattern !== undefined && !isPattern(pattern)) {
    throw illegal(`${place}/pattern`, `the pattern at ${place} is no regular expression`, pattern);
  }
  const target = part.__absolute_ref__;
  if (target !== undefined && parts[target] === undefined) {
    throw illegal(`${place}/$ref`, `the $ref at ${place} leads nowhere`, $ref);
  }
  const found = contradictionIn(part as Record<string, unknown>);
  if (found === undefined) return;
  throw illegal(`${place}/${found.keyword}`, `no value fits ${place}: ${found.message}`, found.value);
}

function isPattern(pattern: unknown): boolean {
  try {
    return typeof pattern === 'string' && new RegExp(pattern, 'u').unicode;
  } catch {
    return false;
  }
}

function validated<T>(validator: Validator, given: unknown): StandardSchemaV1.Result<T> {
  const copy = plainCopy(given);
  if (!copy.ok) return { issues: [{ message: copy.message, path: copy.place }] };
  const { valid, errors } = validator.validate(copy.value);
  if (valid) return { value: copy.value as T };
  return { issues: errors.filter(isLast).map(issueOf) };
}

/** Whoever contains a wrong part is called wrong as well; only the parts say something. */
function isLast({ keywordLocation, instanceLocation }: OutputUnit, _: number, all: readonly OutputUnit[]): boolean {
  const explains = (other: OutputUnit): boolean =>
    other.keyword === forbidden
      ? // Its keyword's location is that of the value.
        other.instanceLocation.startsWith(`${instanceLocation}/`) && /(Propert|Item|item)\w*$/.test(keywordLocation)
      : other.keywordLocation.startsWith(`${keywordLocation}/`);
  return !all.some(explains);
}

function issueOf({ instanceLocation, keyword, error }: OutputUnit): StandardSchemaV1.Issue {
  const path = instanceLocation
    .split('/')
    .slice(1)
    .map((each) => decodeURIComponent(each).replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((each) => (/^\d+$/.test(each) ? Number(each) : each));
  return { message: keyword === forbidden ? 'is not allowed' : error, path };
}
