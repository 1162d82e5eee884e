/**
 * Schemas as the actors use them: whatever speaks Standard Schema (zod, valibot, arktype, our `jsonSchema`) checks a
 * value, and whatever can say itself as JSON Schema is shown to a model. Nothing here knows one library by name.
 *
 * The interfaces are those of standardschema.dev: Standard Schema and Standard JSON Schema.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describeBriefly, TroupeError } from '../../src/core/errors.js';
import { placeText } from './place.js';
import { plainCopy } from './plain-copy.js';

/** A schema whose checked values are `T`. Any library's that implements Standard Schema. */
export type Schema<T = unknown> = StandardSchemaV1<unknown, T>;

/** A JSON Schema document, draft 2020-12 unless its `$schema` says otherwise. Plain data. */
export type JsonSchema = { readonly [key: string]: unknown };

/** One thing that is wrong with a value: where (`items[3].name`, empty for the value itself), and what. */
export interface SchemaIssue {
  path: string;
  message: string;
}

/** What a check came to. */
export type Checked<T> = { ok: true; value: T } | { ok: false; issues: readonly SchemaIssue[] };

/** More issues than these are not listed: a large value that is all wrong must not make a larger report. */
const issuesMax = 32;

/** Does the value speak Standard Schema? For checks at the door of whoever takes schemas. */
export function isSchema(value: unknown): value is Schema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard = (value as { '~standard'?: { validate?: unknown } })['~standard'];
  return typeof standard === 'object' && standard !== null && typeof standard.validate === 'function';
}

/**
 * Check a value.
 * @returns the value as the schema gives it back (with its defaults and changes), or what is wrong with it, at most 32
 *   issues. A schema that throws has not said yes: its words are the issue.
 */
export async function checkSchema<T>(schema: Schema<T>, value: unknown): Promise<Checked<T>> {
  let result: StandardSchemaV1.Result<T>;
  try {
    result = await schema['~standard'].validate(value);
  } catch (error) {
    const words = error instanceof Error ? error.message : describeBriefly(error);
    return { ok: false, issues: [{ path: '', message: `it could not be checked: ${words}` }] };
  }
  if (result.issues === undefined) return { ok: true, value: result.value };
  const issues = result.issues.slice(0, issuesMax).map(({ path, message }) => ({ path: placeText(path), message }));
  return { ok: false, issues };
}

/** What Standard JSON Schema adds to a schema. */
interface Converter {
  input(options: { target: string }): Record<string, unknown>;
}

/**
 * The JSON Schema of what a schema accepts: what a model is shown of a tool's arguments or of the answer's form.
 * @param schema made by `jsonSchema`, or one that implements Standard JSON Schema (zod from 4.2)
 * @returns a copy, without `$schema`, which some servers refuse
 * @throws TroupeError SCHEMA_NOT_JSON when it cannot say itself as JSON Schema: a library that does not do that, or a
 *   schema of dates, functions and the like; `cause` has the library's words
 */
export function jsonSchemaOf(schema: Schema): JsonSchema {
  const standard = schema['~standard'] as { vendor: string; jsonSchema?: Converter };
  const refuse = (why: string, cause?: unknown): never => {
    const message = `this schema (of ${standard.vendor}) cannot be said as JSON Schema: ${why}; use jsonSchema()`;
    throw new TroupeError('SCHEMA_NOT_JSON', message, { field: 'schema', value: standard.vendor, cause });
  };
  const converter = standard.jsonSchema;
  if (typeof converter?.input !== 'function') return refuse('its library does not implement Standard JSON Schema');
  let document: unknown;
  try {
    document = converter.input({ target: 'draft-2020-12' });
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : describeBriefly(cause), cause);
  }
  const copy = plainCopy(document);
  if (!copy.ok) return refuse(`${placeText(copy.place) || 'it'} ${copy.message}`);
  if (typeof copy.value !== 'object' || copy.value === null || Array.isArray(copy.value)) {
    return refuse(`it comes as ${describeBriefly(copy.value)}`);
  }
  const { $schema: _, ...rest } = copy.value as Record<string, unknown>;
  return rest;
}
