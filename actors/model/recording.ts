/**
 * Real runs, recorded once and replayed ever after, without a key and without a network. A record is a line of JSON: it
 * can be read, kept in a repository and compared.
 *
 * RR1  A call is found again by what was asked, in whatever order: by the request's hash, and by the how-manieth time
 *      the same was asked.
 * RR2  Nothing of a call's transport is in a record: no URL, no header, no key. What else must not be in it is taken
 *      out by `secrets`.
 * RR3  A record is written when the call has come to something. Calls that were aborted are not recorded.
 */
import { type PlainError, TroupeError } from '../../src/core/errors.js';
import { checkOptions } from '../../src/core/options.js';
import { canonicalText, differences, requestHash } from './canonical.js';
import type { Model, ModelCall, ModelPart, ModelReply, ModelRequest } from './model.js';
import { modelError } from './model-error.js';
import { modelFrom, nameRule } from './model-from.js';

/** One call of a record. */
export interface ModelRecord {
  /** The format. */
  version: 1;
  hash: string;
  /** 0 for the first time this was asked. */
  nth: number;
  model: string;
  request: ModelRequest;
  /** How its text came, when it was streamed. */
  chunks?: readonly string[];
  /** What it came to: a reply or an error. */
  reply?: ModelReply;
  error?: PlainError;
}

/** What one may choose of a recording. */
export interface RecordingOptions {
  /** Texts that are replaced by `[secret]` wherever they stand in a record. */
  secrets?: readonly string[];
}

/**
 * A model that asks another one, and writes down what it said.
 *
 *   const recorded = recordingModel(model, (line) => appendFileSync('run.jsonl', line));
 *
 * @param sink gets one line for each call, with its newline, and is waited for; what it throws fails the call
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE
 */
export function recordingModel(
  model: Model,
  sink: (line: string) => void | Promise<void>,
  options: RecordingOptions = {},
): Model {
  const { secrets } = checkOptions<Required<RecordingOptions>>(
    options,
    { secrets: { type: 'array', default: [] } },
    'recordingModel',
  );
  const asked = new Map<string, number>();
  const begin = (request: ModelRequest): Omit<ModelRecord, 'reply' | 'error'> => {
    const hash = requestHash(request);
    const nth = asked.get(hash) ?? 0;
    asked.set(hash, nth + 1);
    return { version: 1, hash, nth, model: model.name, request };
  };
  const write = async (record: ModelRecord): Promise<void> => {
    await sink(`${withoutSecrets(JSON.stringify(record), secrets)}\n`);
  };
  const failed = async (record: ModelRecord, error: unknown): Promise<void> => {
    if (TroupeError.is(error, 'MODEL_ABORTED')) return;
    // Where it was thrown says nothing about the call, and differs from machine to machine.
    const { stack: _, ...plain } = TroupeError.toPlain(error);
    await write({ ...record, error: plain });
  };
  return modelFrom({
    name: model.name,
    ...(model.prices === undefined ? {} : { prices: model.prices }),
    async complete(request, call) {
      const record = begin(request);
      let reply: ModelReply;
      try {
        reply = await model.complete(request, call);
      } catch (error) {
        await failed(record, error);
        throw error;
      }
      await write({ ...record, reply });
      return reply;
    },
    async *stream(request, call) {
      const record = begin(request);
      const chunks: string[] = [];
      try {
        for await (const part of model.stream(request, call)) {
          if (part.type === 'text') chunks.push(part.text);
          if (part.type === 'done') await write({ ...record, chunks, reply: part.reply });
          yield part;
        }
      } catch (error) {
        await failed({ ...record, chunks }, error);
        throw error;
      }
    },
  });
}

function withoutSecrets(line: string, secrets: readonly string[]): string {
  // As they stand within a text of JSON.
  const written = secrets.filter((each) => each !== '').map((each) => JSON.stringify(each).slice(1, -1));
  return written.reduce((text, secret) => text.replaceAll(secret, '[secret]'), line);
}

/** What one may choose of a replay. */
export interface ReplayOptions {
  /** The model's name. Default: that of the first record. */
  name?: string;
}

/**
 * A model that says what another one said.
 *
 *   const model = replayModel(readFileSync('run.jsonl', 'utf8'));
 *
 * The same replies, the same usage, the same errors; a stream comes in the same pieces.
 *
 * Calls fail with MODEL_NOT_RECORDED when nobody asked that, or not so often: the message tells where the nearest
 * recorded request differs.
 * @param records the lines that were written, as one text or as objects
 * @throws TroupeError MODEL_NOT_RECORDED for a line that is no record, naming it
 */
export function replayModel(records: string | readonly ModelRecord[], options: ReplayOptions = {}): Model {
  const { name: given } = checkOptions<ReplayOptions>(options, { name: nameRule }, 'replayModel');
  const known = typeof records === 'string' ? parseRecords(records) : records;
  const name = given ?? known[0]?.model ?? 'replay';
  const byKey = new Map<string, ModelRecord>();
  for (const record of known) byKey.set(`${record.hash}/${record.nth}`, record);
  const asked = new Map<string, number>();
  const find = (request: ModelRequest): ModelRecord => {
    const hash = requestHash(request);
    const nth = asked.get(hash) ?? 0;
    const record = byKey.get(`${hash}/${nth}`);
    if (record === undefined) throw notRecorded(name, request, nth, known);
    asked.set(hash, nth + 1);
    return record;
  };
  return modelFrom({
    name,
    async complete(request: ModelRequest, _: ModelCall) {
      return replyOfRecord(find(request));
    },
    async *stream(request: ModelRequest, _: ModelCall): AsyncGenerator<ModelPart> {
      const record = find(request);
      const { reply, chunks = reply === undefined || reply.text === '' ? [] : [reply.text] } = record;
      for (const text of chunks) yield { type: 'text', text };
      const whole = replyOfRecord(record);
      for (const call of whole.toolCalls) yield { type: 'toolCall', call };
      yield { type: 'done', reply: whole };
    },
  });
}

function replyOfRecord({ reply, error }: ModelRecord): ModelReply {
  if (reply !== undefined) return reply;
  throw TroupeError.fromPlain(error!);
}

function parseRecords(text: string): ModelRecord[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const record = parseRecord(line);
    if (record !== undefined) return [record];
    const message = `line ${index + 1} is no record of a model's call`;
    throw new TroupeError('MODEL_NOT_RECORDED', message, { field: 'records', value: line.slice(0, 80) });
  });
}

function parseRecord(line: string): ModelRecord | undefined {
  try {
    const record = JSON.parse(line) as ModelRecord | null;
    const isRecord = record?.version === 1 && typeof record.hash === 'string' && Number.isInteger(record.nth);
    return isRecord && (record.reply !== undefined || record.error !== undefined) ? record : undefined;
  } catch {
    return undefined;
  }
}

function notRecorded(name: string, request: ModelRequest, nth: number, records: readonly ModelRecord[]): TroupeError {
  const asked = canonicalText(request);
  if (nth > 0 && records.some((record) => canonicalText(record.request) === asked)) {
    const said = `the same was recorded ${nth === 1 ? 'once' : `${nth} times`}, and is asked once more`;
    return modelError('MODEL_NOT_RECORDED', name, said, { differences: [] });
  }
  const nearest = records.map((record) => differences(request, record.request));
  const best = nearest.sort((a, b) => a.length - b.length)[0];
  const said =
    best === undefined ? 'nothing is recorded' : `this was not recorded; of the nearest request ${best.join('; ')}`;
  return modelError('MODEL_NOT_RECORDED', name, said, { differences: best ?? [] });
}
