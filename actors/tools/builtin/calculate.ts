/** The tool that calculates. */
import type jsonata from 'jsonata';
import { jsonSchema } from '../../schema/index.js';
import { defineTool, type Tool } from '../tool.js';
import { evaluate, type ExpressionLimits, readExpression } from './expression.js';
import { expressionLimits } from './json-query.js';
import { refuse } from './refuse.js';

/** Arguments of `calculate`. */
export interface CalculateArgs {
  /** Numbers, `+ - * / %`, brackets, and the functions that its description names. */
  expression: string;
}

/** Functions of JSONata that take numbers and give one. */
const functions: ReadonlySet<string> = new Set('abs average ceil floor max min power round sqrt sum count'.split(' '));
/** Kinds of nodes in JSONata's tree: what numbers need, and no more. */
const kinds: ReadonlySet<string> = new Set(['number', 'binary', 'unary', 'block', 'function']);
const operators: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '[']);

/**
 * `calculate`: the value of an arithmetic expression: numbers, `+ - * / %`, brackets, lists `[1, 2]` and `$abs
 * $average $ceil $count $floor $max $min $power $round $sqrt $sum`. Numbers are doubles.
 * Refuses with TOOL_CONTENT (no such expression, no finite number) and TOOL_LIMIT (too long, too deep).
 * @param options `evaluateMsMax` (default 500), `depthMax` (200), `itemsMax` (10,000)
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function calculate(options: Partial<ExpressionLimits> = {}): Tool<CalculateArgs, number> {
  const limits = expressionLimits(options, 'calculate');
  return defineTool<CalculateArgs, number>({
    name: 'calculate',
    description: `Calculates: numbers, + - * / %, brackets, lists like [1, 2], and $${[...functions].join(' $')}.`,
    touches: 'nothing',
    input: jsonSchema<CalculateArgs>({
      type: 'object',
      properties: { expression: { type: 'string', minLength: 1, maxLength: 4_096, description: 'like (3 + 4) * 5' } },
      required: ['expression'],
      additionalProperties: false,
    }),
    example: { args: { expression: '$round((3 + 4) * 5 / 3, 2)' }, says: '11.67' },
    run: async ({ expression: text }) => {
      const expression = readExpression(text, limits);
      requireArithmetic(expression.ast());
      const value = await evaluate(expression, null);
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      return refuse('TOOL_CONTENT', 'the result is no finite number', 'expression', text);
    },
  });
}

/** Refuse what is more than arithmetic. */
function requireArithmetic(node: unknown): void {
  if (Array.isArray(node)) {
    for (const each of node) requireArithmetic(each);
    return;
  }
  const {
    type,
    value,
    procedure,
    lhs,
    rhs,
    expressions,
    expression,
    arguments: given,
  } = node as jsonata.ExprNode & {
    expression?: unknown;
  };
  const isKnown =
    kinds.has(type) &&
    (type !== 'binary' || operators.has(value)) &&
    (type !== 'unary' || operators.has(value)) &&
    (type !== 'function' || (procedure?.type === 'variable' && functions.has(procedure.value)));
  if (!isKnown)
    refuse('TOOL_CONTENT', `an expression here has only numbers, and this has a ${type}`, 'expression', value);
  for (const part of [lhs, rhs, expressions, expression, given]) if (part !== undefined) requireArithmetic(part);
}
