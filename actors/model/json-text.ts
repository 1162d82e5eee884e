/**
 * JSON as models write it: in fences, after a sentence, with single quotes, with a comma too many. Read as it is where
 * that works, else repaired by jsonrepair, and never believed: what comes out is still checked by a schema.
 *
 * JT1  What was cut off is never repaired: the repair would invent an end for it.
 * JT2  What comes out is plain data that messages carry.
 */
import { jsonrepair } from 'jsonrepair';
import { plainCopy } from '../schema/plain-copy.js';

/** Longer texts are not repaired: what is wrong in so much text is not a comma. In characters. */
const repairCharsMax = 262_144;

/** Something read, or nothing. */
type Read = { ok: true; value: unknown } | { ok: false };

const nothing: Read = { ok: false };

function parse(text: string): Read {
  try {
    const copy = plainCopy(JSON.parse(text));
    return copy.ok ? copy : nothing;
  } catch {
    return nothing;
  }
}

function repaired(text: string): Read {
  if (text.length > repairCharsMax) return nothing;
  try {
    return parse(jsonrepair(text));
  } catch {
    // It cannot be repaired, or nests too deep for the repairer's stack.
    return nothing;
  }
}

/**
 * The arguments of a tool call.
 * @param raw as the model wrote them; nothing at all is taken for no arguments, as models mean it
 * @param isWhole false when the reply was cut off (JT1)
 * @returns `args`; or `badArgs` with the raw text when it is no JSON
 */
export function argsOf(raw: string, isWhole = true): { args: unknown; badArgs?: string } {
  if (raw.trim() === '' && isWhole) return { args: {} };
  const read = parse(raw);
  if (read.ok && typeof read.value !== 'string') return { args: read.value };
  // A text that holds the object: written as JSON twice.
  const inner = read.ok ? parse(read.value as string) : isWhole ? repaired(raw) : nothing;
  if (inner.ok && typeof inner.value === 'object' && inner.value !== null) return { args: inner.value };
  return read.ok ? { args: read.value } : { args: undefined, badArgs: raw };
}

/**
 * What a text may mean as JSON, likeliest first: as it stands, the inside of its fence, from its first bracket to its
 * last; each as it is and then, when the text is whole (JT1), repaired.
 */
export function* jsonReadings(text: string, isWhole: boolean): Generator<unknown> {
  const candidates = new Set([text.trim(), fenced(text), bracketed(text)].filter((each) => each !== undefined));
  for (const read of isWhole ? [parse, repaired] : [parse]) {
    for (const candidate of candidates) {
      const result = read(candidate);
      if (result.ok) yield result.value;
    }
  }
}

function fenced(text: string): string | undefined {
  const open = text.indexOf('```');
  const start = text.indexOf('\n', open);
  const end = text.indexOf('```', start);
  return open < 0 || start < 0 || end < 0 ? undefined : text.slice(start + 1, end);
}

function bracketed(text: string): string | undefined {
  const start = text.search(/[{[]/);
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
  return start < 0 || end <= start ? undefined : text.slice(start, end + 1);
}
