/**
 * Answers in a form: asked for, read, repaired, checked, and asked for again when they are wrong.
 *
 * ST1  Only what the schema accepts comes out. A repair is a guess, and the schema judges it like anything else.
 * ST2  What every attempt used is in the sum, also when the last one fails.
 * ST3  Of the attempts before, only the last is shown to the model again, cut short: the request does not grow.
 */
import { TroupeError } from '../../src/core/errors.js';
import { checkOptions } from '../../src/core/options.js';
import { checkSchema, isSchema, jsonSchemaOf, type Schema, type SchemaIssue } from '../schema/index.js';
import { jsonReadings } from './json-text.js';
import type { Model, ModelCall, ModelReply, ModelRequest, Usage } from './model.js';
import { havingUsed, modelError } from './model-error.js';
import { addUsage, noUsage } from './usage.js';

/** How it is to be asked. */
export interface StructuredOptions {
  /** See `ModelCall`. Further attempts have `/2`, `/3` after its id: each is another request. */
  call: ModelCall;
  /** Calls in all. Default 3. */
  attemptsMax?: number;
  /** What the form is called: up to 64 letters, digits, `_` and `-`. Default `answer`. */
  name?: string;
}

/** An answer in its form. */
export interface StructuredReply<T> {
  /** As the schema gave it back. */
  value: T;
  /** The reply it was read from, with its own usage. */
  reply: ModelReply;
  /** Of all attempts. */
  usage: Usage;
  attempts: number;
}

/** How much of a wrong answer is shown to the model again, in characters. */
const shownCharsMax = 4_000;

/**
 * Ask for an answer of a schema.
 *
 *   const { value } = await completeStructured(model, request, z.object({ city: z.string() }), { call });
 *
 * The reply's text is read as JSON, out of a fence or a sentence if need be, and repaired where it was not cut off.
 *
 * @param request its `output` is set here
 * @returns the value, and what all attempts used
 * @throws TroupeError MODEL_OUTPUT_INVALID when no attempt came to such an answer: `value` has `raw` (the last text),
 *   `issues`, `attempts` and `usage`. A refusal is not asked again. SCHEMA_NOT_JSON; what the model's call throws, with
 *   the usage of earlier attempts in its `value.usage`
 */
export async function completeStructured<T>(
  model: Model,
  request: ModelRequest,
  schema: Schema<T>,
  options: StructuredOptions,
): Promise<StructuredReply<T>> {
  if (!isSchema(schema)) {
    const message = 'completeStructured: schema must be a Standard Schema';
    throw new TroupeError('OPTION_TYPE', message, { field: 'schema', value: schema });
  }
  const { call, attemptsMax, name } = checkOptions<Required<StructuredOptions>>(
    options,
    {
      call: { type: 'object', required: true },
      attemptsMax: { type: 'integer', min: 1, max: 100, default: 3 },
      name: { type: 'string', default: 'answer' },
    },
    'completeStructured',
  );
  const asked: ModelRequest = { ...request, output: { name, schema: jsonSchemaOf(schema) } };
  let next = asked;
  let usage = noUsage;
  for (let attempts = 1; ; attempts += 1) {
    const { signal } = call;
    const reply = await attempt(model, next, { signal, callId: attemptId(call, attempts) }, usage);
    usage = addUsage(usage, reply.usage);
    const read = await readReply(reply, schema);
    if (read.ok) return { value: read.value, reply, usage, attempts };
    if (attempts >= attemptsMax || reply.finish === 'refused') {
      throw invalid(model, { raw: reply.text, issues: read.issues, attempts, usage });
    }
    next = { ...asked, messages: [...asked.messages, ...complaint(reply, read.issues)] };
  }
}

function attemptId({ callId }: ModelCall, attempts: number): string {
  return attempts === 1 ? callId : `${callId}/${attempts}`;
}

/** ST2. */
async function attempt(model: Model, request: ModelRequest, call: ModelCall, used: Usage): Promise<ModelReply> {
  try {
    return await model.complete(request, call);
  } catch (error) {
    throw havingUsed(error, used);
  }
}

/** What a reply's text says, or why not. @internal */
export type ReadReply<T> = { ok: true; value: T } | { ok: false; issues: readonly SchemaIssue[] };

/** ST1: read a reply's text as a value of a schema. @internal */
export async function readReply<T>({ text, finish }: ModelReply, schema: Schema<T>): Promise<ReadReply<T>> {
  if (finish === 'refused') return { ok: false, issues: [{ path: '', message: 'the model refused to answer' }] };
  let issues: readonly SchemaIssue[] | undefined;
  for (const value of jsonReadings(text, finish !== 'length')) {
    const checked = await checkSchema(schema, value);
    if (checked.ok) return checked;
    issues ??= checked.issues;
  }
  const message = finish === 'length' ? 'the answer was cut off at its longest length' : 'it is no JSON';
  return { ok: false, issues: issues ?? [{ path: '', message }] };
}

/** ST3. */
function complaint({ text }: ModelReply, issues: readonly SchemaIssue[]): ModelRequest['messages'] {
  const shown = text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}...` : text;
  const list = issues.map(({ path, message }) => `- ${path === '' ? 'the answer' : path}: ${message}`);
  const words = `That answer does not have the form asked for:\n${list.join('\n')}\nAnswer again, with the JSON alone.`;
  return [
    { role: 'assistant', text: shown },
    { role: 'user', text: words },
  ];
}

function invalid(
  { name }: Model,
  facts: { raw: string; issues: readonly SchemaIssue[]; attempts: number; usage: Usage },
): TroupeError {
  const [first] = facts.issues;
  const said = first === undefined ? '' : `: ${[first.path, first.message].filter((each) => each !== '').join(' ')}`;
  const times = facts.attempts === 1 ? 'in 1 attempt' : `in ${facts.attempts} attempts`;
  return modelError('MODEL_OUTPUT_INVALID', name, `no answer of the form asked for ${times}${said}`, facts);
}
