/** What an agent may be declared with and a run begun with, checked at the door and completed. */
import { type ErrorCode, TroupeError } from '../../src/core/errors.js';
import { limits as kernel } from '../../src/core/limits.js';
import { checkOptions, type OptionRule, type OptionsSpec } from '../../src/core/options.js';
import { ActorRef } from '../../src/index.js';
import type { ModelMessage } from '../model/index.js';
import { isSchema, jsonSchemaOf } from '../schema/index.js';
import type { AgentInput, AgentOptions } from './agent.js';
import type { AgentLimits } from './limits.js';

/** An agent's options with their defaults. */
export type CheckedAgent<O> = Omit<AgentOptions<O>, 'limits' | 'principal'> & {
  limits: AgentLimits;
  principal: string;
} & Required<
    Pick<
      AgentOptions<O>,
      | 'description'
      | 'outputAttemptsMax'
      | 'agents'
      | 'handoffs'
      | 'handoffFilter'
      | 'depthMax'
      | 'contextTokensMax'
      | 'summarize'
      | 'keepMs'
    >
  >;

const limitsDefault: AgentLimits = Object.freeze({ steps: 20, timeMs: 600_000 });
const keepMsDefault = 7 * 86_400_000;

const rule = (check: (value: unknown) => boolean, expected: string): OptionRule => ({
  type: 'custom',
  check: (value) => (check(value) ? undefined : expected),
});

const text = rule((value) => typeof value === 'string' && value !== '', 'a text that is not empty');
const ref = rule((value) => value instanceof ActorRef, 'the ref of an actor');
const byName = rule(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'an object: agents by the names they are called by',
);
const count = { type: 'integer', min: 1 } as const;

/** A model, as far as an agent uses one. */
function isModel(value: unknown): boolean {
  const { complete, stream } = (value ?? {}) as { complete?: unknown; stream?: unknown };
  return typeof complete === 'function' && typeof stream === 'function';
}

/** One limit of nothing at all would come to no answer. */
const limitRules: OptionsSpec<AgentLimits> = {
  steps: count,
  timeMs: rule(
    (value) => typeof value === 'number' && value > 0 && value <= kernel.timerDelayMsMax,
    'milliseconds above 0, and at most 100 years',
  ),
  tokens: count,
  costUsd: rule((value) => typeof value === 'number' && value > 0, 'US dollars above 0'),
};

const agentSpec: OptionsSpec<AgentOptions<unknown>> = {
  description: { type: 'string', default: '' },
  model: { ...rule(isModel, 'a model'), required: true },
  instructions: { ...text, required: true },
  output: rule(isSchema, 'a Standard Schema (zod, valibot, `jsonSchema(...)`)'),
  outputAttemptsMax: { ...count, default: 3 },
  principal: text,
  tools: rule(
    (value) => Array.isArray(value) && value.every((tool) => typeof tool === 'string'),
    'a list of names of tools',
  ),
  agents: { ...byName, default: {} },
  handoffs: { ...byName, default: {} },
  handoffFilter: { type: 'function', default: withoutTools },
  limits: {
    type: 'options',
    default: limitsDefault,
    spec: {
      ...limitRules,
      steps: { ...limitRules.steps, default: limitsDefault.steps },
      timeMs: { ...limitRules.timeMs, default: limitsDefault.timeMs },
    },
  },
  depthMax: { type: 'integer', min: 0, default: 5 },
  contextTokensMax: { ...count, default: 32_000 },
  summarize: { type: 'boolean', default: false },
  temperature: { type: 'number', min: 0 },
  maxOutputTokens: count,
  keepMs: { type: 'number', min: 0, max: kernel.timerDelayMsMax, default: keepMsDefault },
};

const inputSpec: OptionsSpec<AgentInput> = {
  text: { type: 'string' },
  messages: { type: 'array' },
  bus: ref,
  streamTo: ref,
  limits: { type: 'options', spec: limitRules as unknown as OptionsSpec },
  depth: { type: 'integer', min: 0 },
};

/** `checkOptions`, with the refusal's code an agent's own. */
function checkAs<T extends object>(code: ErrorCode, given: unknown, spec: OptionsSpec<T>, where: string): T {
  try {
    return checkOptions<T>(given, spec, where);
  } catch (error) {
    if (!TroupeError.is(error)) throw error;
    const { message, field, value } = error;
    throw new TroupeError(code, message, { field, value });
  }
}

/**
 * Check what an agent is declared with, and fill in defaults. Names of what it may call are not looked at here.
 * @throws TroupeError AGENT_SPEC naming the field and the value
 */
export function checkAgent<O>(name: string, options: AgentOptions<O>): CheckedAgent<O> {
  const spec = agentSpec as OptionsSpec<AgentOptions<O>>;
  const where = `defineAgent("${name}")`;
  const checked = checkAs('AGENT_SPEC', options, spec, where);
  checkOutput(checked.output, where);
  return { principal: name, ...checked } as CheckedAgent<O>;
}

/**
 * Check what a run is begun with.
 * @param agent its name
 * @throws TroupeError AGENT_INPUT naming the field and the value
 */
export function checkInput(agent: string, input: AgentInput): AgentInput {
  const where = `a run of ${agent}`;
  const checked = checkAs('AGENT_INPUT', input, inputSpec, where);
  if (checked.text !== undefined || (checked.messages ?? []).length > 0) return checked;
  const message = `${where}: text is missing, and there are no messages: what is it about?`;
  throw new TroupeError('AGENT_INPUT', message, { field: 'text', value: checked.text });
}

/** A model is shown the form of the answer: a run could not begin without. */
function checkOutput(output: AgentOptions<unknown>['output'], where: string): void {
  if (output === undefined) return;
  try {
    jsonSchemaOf(output);
  } catch (cause) {
    if (!TroupeError.is(cause)) throw cause;
    const message = `${where}: output must be a schema that can be shown to a model: ${cause.message}`;
    throw new TroupeError('AGENT_SPEC', message, { field: 'output', value: cause.value, cause });
  }
}

/** What users and agents said. */
function withoutTools(messages: readonly ModelMessage[]): ModelMessage[] {
  return messages.flatMap((message): ModelMessage[] => {
    if (message.role === 'user') return [message];
    return message.role === 'assistant' && message.text !== '' ? [{ role: 'assistant', text: message.text }] : [];
  });
}
