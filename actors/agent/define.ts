/** Agents as definitions of actors: a name, a module, a model, and what it may do. */
import { defineActor, describeBriefly, TroupeError } from '../../src/index.js';
import type { ModelMessage } from '../model/index.js';
import { isSchema } from '../schema/index.js';
import type { AgentDefinition, AgentOptions } from './agent.js';
import type { AgentRules } from './books.js';
import { checkLimits } from './limits.js';
import { agentMachine, descriptions } from './machine.js';

const known: readonly (keyof AgentOptions<unknown>)[] = [
  'description',
  'model',
  'instructions',
  'output',
  'outputAttemptsMax',
  'principal',
  'tools',
  'agents',
  'handoffs',
  'handoffFilter',
  'limits',
  'depthMax',
  'contextTokensMax',
  'summarize',
  'temperature',
  'maxOutputTokens',
  'keepMs',
];
const nameLegal = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
const keepMsDefault = 7 * 86_400_000;
/** A run that waits for an approval need not stay in memory for long. */
const passivateAfterMs = 10_000;

/**
 * Make an agent. A run of it is an actor: kill the process with -9 while it waits for its model, a tool or a person,
 * and it goes on where it was, without paying again for a call whose result was recorded.
 *
 *   export const reader = defineAgent(import.meta, 'reader', {
 *     model: demoModel(),
 *     instructions: 'You answer from files.',
 *     tools: ['readFile'],
 *     limits: { steps: 8, costUsd: 0.1 },
 *   });
 *
 * It stops when its model answers, or when it has used up a limit, and says which. What its sub-agents use counts, and
 * they get no more than it has left.
 * @param meta the `import.meta` of the module that exports the agent
 * @param name as of `defineActor`: unique in the program
 * @throws TroupeError AGENT_SPEC naming the field; DEFINITION_NAME, DEFINITION_DUPLICATE
 */
export function defineAgent<O = string>(
  meta: { readonly url: string },
  name: string,
  options: AgentOptions<O>,
): AgentDefinition<O> {
  const refuse = (field: string, value: unknown, what: string): never => {
    const message = `defineAgent("${name}"): ${field} ${what}, and is ${describeBriefly(value)}`;
    throw new TroupeError('AGENT_SPEC', message, { field, value });
  };
  if (typeof options !== 'object' || options === null) refuse('options', options, 'must be an object');
  for (const [field, value] of Object.entries(options)) {
    if (!(known as readonly string[]).includes(field))
      refuse(field, value, `is no option; known are ${known.join(', ')}`);
  }
  const { model, output, temperature, maxOutputTokens, description = '', keepMs = keepMsDefault } = options;
  if (typeof (model as Partial<AgentOptions<O>['model']> | undefined)?.complete !== 'function')
    refuse('model', model, 'must be a model');
  if (output !== undefined && !isSchema(output)) refuse('output', output, 'must be a Standard Schema');
  if (typeof description !== 'string') refuse('description', description, 'must be a text');
  if (!(keepMs >= 0)) refuse('keepMs', keepMs, 'must be milliseconds from 0');
  const rules = rulesOf(name, options, refuse);
  const request: { temperature?: number; maxOutputTokens?: number } = {};
  if (temperature !== undefined) request.temperature = temperature;
  if (maxOutputTokens !== undefined) request.maxOutputTokens = maxOutputTokens;
  const machine = agentMachine({ rules, model, output, request, keepMs });
  const definition = defineActor(meta, name, machine, { passivateAfterMs }) as unknown as AgentDefinition<O>;
  descriptions.set(definition, description);
  return definition;
}

type Refuse = (field: string, value: unknown, what: string) => never;

function rulesOf<O>(name: string, options: AgentOptions<O>, refuse: Refuse): AgentRules {
  const { instructions, principal = name, tools, agents = {}, handoffs = {}, summarize = false } = options;
  const { handoffFilter = withoutTools, depthMax = 5, contextTokensMax = 32_000, outputAttemptsMax = 3 } = options;
  if (typeof instructions !== 'string' || instructions === '') refuse('instructions', instructions, 'must be a text');
  if (typeof principal !== 'string' || principal === '') refuse('principal', principal, 'must be a name');
  if (tools !== undefined && !(Array.isArray(tools) && tools.every((tool) => typeof tool === 'string')))
    refuse('tools', tools, 'must be a list of names of tools');
  if (typeof handoffFilter !== 'function') refuse('handoffFilter', handoffFilter, 'must be a function');
  const counts = { depthMax, contextTokensMax, outputAttemptsMax };
  for (const [field, value] of Object.entries(counts)) {
    const min = field === 'depthMax' ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < min) refuse(field, value, `must be a whole number from ${min}`);
  }
  const names = new Set<string>(tools);
  for (const [field, others] of Object.entries({ agents, handoffs })) {
    for (const [called, agent] of Object.entries(others)) {
      if (!nameLegal.test(called)) refuse(`${field}.${called}`, called, 'must be a name a model can call');
      if (names.has(called)) refuse(`${field}.${called}`, called, 'is the name of two things it may call');
      if (!descriptions.has(agent)) refuse(`${field}.${called}`, agent, 'must be what defineAgent returned');
      names.add(called);
    }
  }
  const limits = checkLimits(options.limits ?? {}, `defineAgent("${name}")`);
  const { prices } = options.model;
  const rest = { depthMax, contextTokensMax, outputAttemptsMax, summarize, limits, prices };
  return { name, principal, instructions, tools, agents, handoffs, handoffFilter, ...rest };
}

/** What users and agents said. */
function withoutTools(messages: readonly ModelMessage[]): ModelMessage[] {
  return messages.flatMap((message): ModelMessage[] => {
    if (message.role === 'user') return [message];
    return message.role === 'assistant' && message.text !== '' ? [{ role: 'assistant', text: message.text }] : [];
  });
}
