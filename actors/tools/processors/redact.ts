/** Texts that must not reach whoever calls: keys, addresses, names of people. */
import type { PlainError } from '../../../src/core/errors.js';
import { checkOptions } from '../../../src/core/options.js';
import { describeBriefly, TroupeError } from '../../../src/index.js';
import type { ToolOutcome } from '../outcome.js';
import type { ToolProcessor } from '../processor.js';

/** What is to be taken out. At least one of `patterns` and `keys`. */
export interface RedactOptions {
  /** What matches in any text of a result or an error. */
  patterns?: readonly RegExp[];
  /** Properties whose values are replaced whole, whatever the case of their letters. */
  keys?: readonly string[];
  /** What stands in its place. Default `[redacted]`. */
  by?: string;
  /** Of which tools. Default: of all of the bus. */
  tools?: readonly string[];
}

/**
 * A processor that takes texts out of what calls come to: out of the values of plain objects, arrays, maps and sets,
 * out of the words of errors, also of those a tool returns as values (message, stack, causes), and out of each text of
 * progress. Bytes are not looked at, nor is a text that is cut in two. A good result is redacted before it is recorded;
 * the words of a failure are in the journal as the tool said them.
 *
 *   redact({ patterns: [/sk-[A-Za-z0-9]{20,}/], keys: ['password'] })
 *
 * @throws TroupeError TOOL_SPEC, OPTION_UNKNOWN, OPTION_TYPE
 */
export function redact(options: RedactOptions): ToolProcessor {
  const { patterns, keys, by, tools } = checkOptions<Required<RedactOptions>>(
    options,
    {
      patterns: { type: 'array', default: [] },
      keys: { type: 'array', default: [] },
      by: { type: 'string', default: '[redacted]' },
      tools: { type: 'array' },
    },
    'redact',
  );
  const refuse = (field: string, value: unknown, what: string): never => {
    throw new TroupeError('TOOL_SPEC', `redact: ${field} ${what}, and is ${describeBriefly(value)}`, { field, value });
  };
  if (!patterns.every((each) => each instanceof RegExp)) refuse('patterns', patterns, 'must be regular expressions');
  if (!keys.every((each) => typeof each === 'string')) refuse('keys', keys, 'must be names of properties');
  if (patterns.length + keys.length === 0) refuse('patterns', patterns, 'or keys must say what is taken out');
  const flagsOf = ({ flags }: RegExp): string => [...new Set(`${flags.replace('y', '')}g`)].join('');
  const everywhere = patterns.map((each) => new RegExp(each.source, flagsOf(each)));
  const hidden = new Set(keys.map((each) => each.toLowerCase()));
  // Not as a pattern of its own: `$&` would put back what was taken out.
  const clean = (text: string): string => everywhere.reduce((rest, each) => rest.replace(each, () => by), text);
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return clean(value);
    if (typeof value !== 'object' || value === null) return value;
    const one = ([key, part]: [unknown, unknown]): [unknown, unknown] => {
      const isHidden = typeof key === 'string' && hidden.has(key.toLowerCase());
      return [walk(key), isHidden ? by : walk(part)];
    };
    if (Array.isArray(value)) return value.map(walk);
    if (value instanceof Map) return new Map([...value].map(one));
    if (value instanceof Set) return new Set([...value].map(walk));
    // With all that would be carried of it.
    if (value instanceof Error) return TroupeError.fromPlain(walk(TroupeError.toPlain(value)) as PlainError);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value;
    return Object.fromEntries(Object.entries(value).map(one) as [string, unknown][]);
  };
  return {
    name: 'redact',
    ...(tools === undefined ? {} : { tools }),
    progress: (_call, text) => clean(text),
    after: (_call, outcome): ToolOutcome => {
      if (outcome.ok) return { ...outcome, value: walk(outcome.value) };
      // Its code is ours, and says what happened.
      return { ok: false, error: { ...(walk(outcome.error) as typeof outcome.error), code: outcome.error.code } };
    },
  };
}
