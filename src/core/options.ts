/**
 * Options are checked once, where they enter: unknown names, wrong types and values out of range are
 * refused with the field and the value, and defaults are filled in, so nothing behind the door checks again.
 */
import { describeBriefly, TroupeError, type ErrorCode } from './errors.js';

/** What one option may be. `default` is used when it is absent or undefined; `required` refuses that. */
export type OptionRule = { readonly default?: unknown; readonly required?: true } & (
  | { readonly type: 'integer' | 'number'; readonly min?: number; readonly max?: number }
  | { readonly type: 'string'; readonly oneOf?: readonly string[]; readonly charsMax?: number }
  | { readonly type: 'boolean' | 'function' | 'object' | 'array' | 'any' }
  | { readonly type: 'options'; readonly spec: OptionsSpec }
  /** A rule of its own: returns undefined when the value is good, else what it should be. */
  | { readonly type: 'custom'; readonly check: (value: unknown) => string | undefined }
);

/** One rule for each option. */
export type OptionsSpec<T extends object = Record<string, unknown>> = { readonly [K in keyof T]-?: OptionRule };

/**
 * Check options and fill in defaults.
 * @typeParam T what comes out; its properties name the options
 * @param where whose options they are, e.g. `defineActor("counter")`; begins the error's message
 * @returns a new object with every option that is given or has a default
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE or OPTION_RANGE, each with `field` and `value`
 */
export function checkOptions<T extends object>(given: unknown, spec: OptionsSpec<T>, where: string): T {
  return checkAt(given, spec as OptionsSpec, where, '') as T;
}

/**
 * Are options good as they are? For calls that are made a million times: what is not, `checkOptions` refuses.
 * @param spec has no defaults, no required options and no options of options
 */
export function areGood<T extends object>(given: T, spec: OptionsSpec<T>): boolean {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false;
  for (const name in given) {
    if (!Object.hasOwn(spec, name)) return false;
    const value: unknown = given[name];
    if (value === undefined) continue;
    const rule: OptionRule = spec[name];
    if (wrongType(value, rule) !== undefined || outOfRange(value, rule) !== undefined) return false;
  }
  return true;
}

function checkAt(given: unknown, spec: OptionsSpec, where: string, prefix: string): Record<string, unknown> {
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    const field = prefix === '' ? 'options' : prefix.slice(0, -1);
    throw refusal('OPTION_TYPE', where, field, given, 'must be an object');
  }
  const options = (given ?? {}) as Record<string, unknown>;
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(spec, name)) continue;
    const near = nearestName(name, Object.keys(spec));
    const hint = near === undefined ? `known are ${Object.keys(spec).join(', ')}` : `did you mean "${near}"?`;
    throw refusal('OPTION_UNKNOWN', where, prefix + name, options[name], `is not an option; ${hint}`);
  }
  const checked: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(spec)) {
    const value = checkOne(options[name], rule, where, prefix + name);
    if (value !== undefined) checked[name] = value;
  }
  return checked;
}

function checkOne(given: unknown, rule: OptionRule, where: string, field: string): unknown {
  if (given === undefined && rule.required === true) throw refusal('OPTION_TYPE', where, field, given, 'is required');
  if (rule.type === 'options')
    return given === undefined ? rule.default : checkAt(given, rule.spec, where, `${field}.`);
  if (given === undefined) return rule.default;
  const wrong = wrongType(given, rule);
  if (wrong !== undefined) throw refusal('OPTION_TYPE', where, field, given, wrong);
  const outside = outOfRange(given, rule);
  if (outside !== undefined) throw refusal('OPTION_RANGE', where, field, given, outside);
  return given;
}

function wrongType(value: unknown, rule: OptionRule): string | undefined {
  switch (rule.type) {
    case 'integer':
      return typeof value === 'number' ? undefined : 'must be a whole number';
    case 'number':
      return typeof value === 'number' ? undefined : 'must be a number';
    case 'string':
      return typeof value === 'string' ? undefined : 'must be a string';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'function':
      return typeof value === 'function' ? undefined : 'must be a function';
    case 'array':
      return Array.isArray(value) ? undefined : 'must be an array';
    case 'object':
      return typeof value === 'object' && value !== null ? undefined : 'must be an object';
    default:
      return undefined;
  }
}

function outOfRange(value: unknown, rule: OptionRule): string | undefined {
  if (rule.type === 'custom') {
    const expected = rule.check(value);
    return expected === undefined ? undefined : `must be ${expected}`;
  }
  if (rule.type === 'string') return stringOutOfRange(value as string, rule.oneOf, rule.charsMax);
  if (rule.type !== 'integer' && rule.type !== 'number') return undefined;
  const number = value as number;
  if (Number.isNaN(number)) return 'must be a number';
  if (rule.type === 'integer' && !Number.isSafeInteger(number)) return 'must be a whole number';
  const { min = -Infinity, max = Infinity } = rule;
  if (number >= min && number <= max) return undefined;
  if (max === Infinity) return `must be at least ${min}`;
  return min === -Infinity ? `must be at most ${max}` : `must be between ${min} and ${max}`;
}

function stringOutOfRange(value: string, oneOf?: readonly string[], charsMax = Infinity): string | undefined {
  if (oneOf !== undefined && !oneOf.includes(value))
    return `must be one of ${oneOf.map((each) => `"${each}"`).join(', ')}`;
  return value.length > charsMax ? `must have at most ${charsMax} characters` : undefined;
}

function refusal(code: ErrorCode, where: string, field: string, value: unknown, expected: string): TroupeError {
  const shown = expected === 'is required' || code === 'OPTION_UNKNOWN' ? '' : `, but is ${describeBriefly(value)}`;
  return new TroupeError(code, `${where}: ${field} ${expected}${shown}`, { field, value });
}

/** The known name a typing error is closest to, or undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const each of known) {
    const distance = editDistance(name.toLowerCase(), each.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [each, distance];
  }
  return best;
}

/** How many letters to add, drop or change (Levenshtein). */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const change = above[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(change, above[column]! + 1, current[column - 1]! + 1));
    }
    above = current;
  }
  return above[to.length]!;
}
