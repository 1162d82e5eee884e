/**
 * JSONata expressions that a model wrote, bounded: by length, by steps deep, by time, by what they may make.
 *
 * N1  A look at the clock and the depth comes with every step of the evaluation. What one step can do is bounded
 *     too: no regular expressions (one can take for ever), no padding without end, no ranges beyond the items.
 */
import { createRequire } from 'node:module';
import type jsonata from 'jsonata';
import { refuse } from './refuse.js';

/** How much an expression may do. */
export interface ExpressionLimits {
  /** Milliseconds of evaluation. Nothing else runs on the thread meanwhile. */
  evaluateMsMax: number;
  /** Steps deep. */
  depthMax: number;
  /** Items of a sequence that it makes. */
  itemsMax: number;
}

const charsMax = 4_096;
/** How deep an expression may nest: its own reader goes as deep. */
const nestingMax = 100;

type Jsonata = typeof jsonata;

/** Loaded with the first expression: it is larger than everything else of the tools together. */
let engine: Jsonata | undefined;

/** JSONata's codes for limits that were reached. */
const limitCodes: ReadonlySet<string> = new Set(['D1011', 'D1012', 'D2014', 'D2015', 'U1001']);

/** Stands in for the engine of regular expressions. */
class NoRegex {
  constructor() {
    throw Object.assign(new Error('regular expressions are not allowed here'), { code: 'NO_REGEX' });
  }
}

/**
 * Read an expression.
 * @throws TroupeError TOOL_CONTENT when it is none, TOOL_LIMIT when it is too long or too deep
 */
export function readExpression(text: string, limits: ExpressionLimits): jsonata.Expression {
  if (text.length > charsMax) {
    refuse('TOOL_LIMIT', `the expression has ${text.length} characters, and may have ${charsMax}`, 'expression');
  }
  if (nestingOf(text) > nestingMax) {
    refuse('TOOL_LIMIT', `the expression nests deeper than ${nestingMax}`, 'expression', nestingMax);
  }
  const { evaluateMsMax: timeout, depthMax: stack, itemsMax: sequence } = limits;
  try {
    const options = { timeout, stack, sequence, RegexEngine: NoRegex as unknown as RegExpConstructor };
    engine ??= createRequire(import.meta.url)('jsonata') as Jsonata;
    const expression = engine(text, options);
    expression.registerFunction('pad', pad, '<s-ns?:s>');
    return expression;
  } catch (error) {
    return refuseFor(error);
  }
}

/** How deep its brackets nest; those in its texts count too, which does no harm. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const sign of text) {
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** JSONata's own makes as many characters as it is told. */
function pad(text: string | undefined, width: number, sign = ' '): string | undefined {
  if (text === undefined) return undefined;
  if (Math.abs(width) > charsMax)
    refuse('TOOL_LIMIT', `a text is padded to ${Math.abs(width)} characters`, 'expression');
  const fill = sign === '' ? ' ' : sign;
  return width < 0 ? text.padStart(-width, fill) : text.padEnd(width, fill);
}

/**
 * Evaluate an expression.
 * @throws TroupeError TOOL_CONTENT when it makes no sense of this value, TOOL_LIMIT
 */
export async function evaluate(expression: jsonata.Expression, value: unknown): Promise<unknown> {
  let result: unknown;
  try {
    result = await expression.evaluate(value);
  } catch (error) {
    return refuseFor(error);
  }
  return plainOf(result);
}

/** JSONata's lists carry marks of its own, and a result may be one of its functions. */
function plainOf(result: unknown): unknown {
  if (result === undefined) return null;
  try {
    const text = JSON.stringify(result, (_key, each: unknown) => (typeof each === 'function' ? undefined : each));
    return text === undefined ? null : JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    return refuse('TOOL_CONTENT', `the result is no JSON: ${message.slice(0, 200)}`, 'expression');
  }
}

/** JSONata throws plain objects with a code; our own refusals pass. */
function refuseFor(error: unknown): never {
  const { code = '', message } = error as { code?: string; message?: string };
  if (code.startsWith('TOOL_')) throw error;
  const words = (message ?? code).slice(0, 300);
  if (limitCodes.has(code) || error instanceof RangeError) {
    return refuse('TOOL_LIMIT', `the expression does more than it may: ${words}`, 'expression');
  }
  return refuse('TOOL_CONTENT', `the expression cannot be evaluated: ${words}`, 'expression');
}
