/**
 * Values of a JSON Schema, made of a text: what the demo model gives tools and forms. Deterministic. They fit plain
 * schemas; what a schema says in `pattern`, `not` or `if` is not read.
 */
import type { JsonSchema } from '../schema/index.js';

/** A schema may refer to itself, so the making must end. */
const depthMax = 6;

interface Source {
  /** The whole text. */
  text: string;
  root: JsonSchema;
  /** Numbers of the text that were not used yet. */
  numbers: number[];
  /** Quoted parts of the text that were not used yet. */
  quoted: string[];
}

/**
 * A value for a schema.
 * @param text whose numbers, quoted parts, paths and addresses are used where they fit
 */
export function sampleOf(schema: JsonSchema, text: string): unknown {
  const numbers = (text.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);
  const quoted = [...text.matchAll(/["'“‘`]([^"'”’`]+)["'”’`]/g)].map((match) => match[1]!);
  return sampleAt(schema, '', { text, root: schema, numbers, quoted }, 0);
}

function sampleAt(given: unknown, name: string, source: Source, depth: number): unknown {
  const schema = resolved(given, source.root);
  const { enum: choices, const: only, default: usual, examples, type } = schema as Record<string, unknown>;
  if (only !== undefined) return only;
  if (Array.isArray(choices)) {
    const said = choices.find((each) => typeof each === 'string' && mentions(source.text, each));
    return said ?? choices[0];
  }
  if (usual !== undefined) return usual;
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  const kind = Array.isArray(type) ? type[0] : type;
  switch (kind ?? ('properties' in schema ? 'object' : 'string')) {
    case 'object':
      return objectOf(schema, source, depth);
    case 'array':
      return arrayOf(schema, name, source, depth);
    case 'number':
    case 'integer':
      return numberOf(schema, source);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return stringOf(schema, name, source);
  }
}

/** Through `$ref` and into the first of several. */
function resolved(given: unknown, root: JsonSchema): JsonSchema {
  let schema = (typeof given === 'object' && given !== null ? given : {}) as JsonSchema;
  for (let hops = 0; hops < depthMax; hops += 1) {
    const { $ref, anyOf, oneOf, allOf } = schema as Record<string, unknown>;
    if (typeof $ref === 'string') schema = at(root, $ref);
    else if (Array.isArray(anyOf ?? oneOf)) schema = ((anyOf ?? oneOf) as JsonSchema[])[0] ?? {};
    else if (Array.isArray(allOf)) {
      const { allOf: _, ...rest } = schema as Record<string, unknown>;
      schema = Object.assign({}, ...allOf, rest) as JsonSchema;
    } else break;
  }
  return schema;
}

/** A place like `#/$defs/item`. */
function at(root: JsonSchema, pointer: string): JsonSchema {
  let place: unknown = root;
  for (const key of pointer.split('/').slice(1)) {
    const plain = decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');
    place = typeof place === 'object' && place !== null ? (place as Record<string, unknown>)[plain] : undefined;
  }
  return (place ?? {}) as JsonSchema;
}

function objectOf(schema: JsonSchema, source: Source, depth: number): Record<string, unknown> {
  const { properties = {}, required = [] } = schema as { properties?: object; required?: readonly string[] };
  const names = Object.keys(properties);
  if (depth >= depthMax) return {};
  // Where nothing is required the first property is what the thing is about.
  const wanted = required.length > 0 ? names.filter((name) => required.includes(name)) : names.slice(0, 1);
  const part = (name: string): unknown => (properties as Record<string, unknown>)[name];
  return Object.fromEntries(wanted.map((name) => [name, sampleAt(part(name), name, source, depth + 1)]));
}

function arrayOf(schema: JsonSchema, name: string, source: Source, depth: number): unknown[] {
  const {
    items = {},
    minItems = 1,
    maxItems = 1,
  } = schema as { items?: unknown; minItems?: number; maxItems?: number };
  const count = depth >= depthMax ? minItems : Math.min(Math.max(1, minItems), Math.max(maxItems, minItems));
  return Array.from({ length: count }, () => sampleAt(items, name, source, depth + 1));
}

function numberOf(schema: JsonSchema, { numbers }: Source): number {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema as Record<string, unknown>;
  const isWhole = type === 'integer';
  const low =
    typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : -Infinity;
  const high =
    typeof maximum === 'number' ? maximum : typeof exclusiveMaximum === 'number' ? exclusiveMaximum - 1 : Infinity;
  const said = numbers.shift() ?? 1;
  return Math.min(high, Math.max(low, isWhole ? Math.round(said) : said));
}

/** What a text means by a name. */
const meanings: readonly (readonly [names: RegExp, found: RegExp])[] = [
  [/url|uri|link|address/i, /https?:\/\/\S+[^\s.,;:!?)]/],
  [/path|file|folder|dir/i, /(?:[\w@.-]+\/)+[\w@.-]*\w|\b[\w-]+\.[A-Za-z]\w{0,4}\b/],
  [/expression|formula|calc|sum/i, /\(*-?\d[\d.]*(?:\s*[-+*/^%]\s*\(*-?\d[\d.]*\)*)+/],
  [/date|day/i, /\d{4}-\d{2}-\d{2}/],
];

function stringOf(schema: JsonSchema, name: string, source: Source): string {
  const { format, maxLength, minLength } = schema as { format?: string; maxLength?: number; minLength?: number };
  for (const [names, found] of meanings) {
    if (!names.test(name) && !(format !== undefined && names.test(format))) continue;
    const [said] = found.exec(source.text) ?? [];
    if (said !== undefined) return said;
  }
  const text = source.quoted.shift() ?? (source.text.trim() || 'demo');
  return text.slice(0, maxLength ?? text.length).padEnd(minLength ?? 0, '.');
}

/** Is a word said, as a word? */
export function mentions(text: string, word: string): boolean {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}_]+/u)
    .includes(word.toLowerCase());
}
