/** The tool that asks a JSON value something, in JSONata. */
import { checkOptions, type OptionsSpec } from '../../../src/core/options.js';
import { jsonSchema } from '../../schema/index.js';
import { defineTool, type Tool } from '../tool.js';
import { evaluate, type ExpressionLimits, readExpression } from './expression.js';
import { refuse } from './refuse.js';

/** Arguments of `jsonQuery`. */
export interface JsonQueryArgs {
  /** A JSON value, or the text of one. */
  json: unknown;
  /** JSONata, for instance `orders[price > 5].name`. */
  query: string;
}

const spec: OptionsSpec<ExpressionLimits> = {
  evaluateMsMax: { type: 'number', min: 1, max: 10_000, default: 500 },
  depthMax: { type: 'integer', min: 1, max: 1_000, default: 200 },
  itemsMax: { type: 'integer', min: 1, max: 1_000_000, default: 10_000 },
};

/** Limits, checked. @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE */
export function expressionLimits(options: Partial<ExpressionLimits>, where: string): ExpressionLimits {
  return checkOptions<ExpressionLimits>(options, spec, where);
}

/**
 * `jsonQuery`: what a JSONata expression makes of a JSON value; null when that is nothing. Without regular expressions.
 * Refuses with TOOL_CONTENT (no JSON, no expression, one that makes no sense of the value) and TOOL_LIMIT (too long,
 * too deep, too slow, too many items).
 * @param options `evaluateMsMax` (default 500), `depthMax` (200), `itemsMax` (10,000)
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function jsonQuery(options: Partial<ExpressionLimits> = {}): Tool<JsonQueryArgs, unknown> {
  const limits = expressionLimits(options, 'jsonQuery');
  return defineTool<JsonQueryArgs, unknown>({
    name: 'jsonQuery',
    description: 'Asks a JSON value something in JSONata: picks, filters, sums, rearranges.',
    touches: 'nothing',
    input: jsonSchema<JsonQueryArgs>({
      type: 'object',
      properties: {
        json: { description: 'a JSON value, or its text' },
        query: { type: 'string', minLength: 1, maxLength: 4_096, description: 'JSONata, like orders[price > 5].name' },
      },
      required: ['json', 'query'],
      additionalProperties: false,
    }),
    example: {
      args: {
        json: {
          teas: [
            { name: 'Assam', cents: 450 },
            { name: 'Sencha', cents: 700 },
          ],
        },
        query: '$sum(teas.cents)',
      },
      says: '1150',
    },
    run: async ({ json, query }) =>
      evaluate(readExpression(query, limits), typeof json === 'string' ? parsed(json) : json),
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return refuse('TOOL_CONTENT', `json is no JSON: ${(error as Error).message.slice(0, 200)}`, 'json');
  }
}
