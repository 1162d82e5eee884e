/** Agents as definitions of actors: a name, a module, a model, and what it may do. */
import { moduleOf } from '../../src/core/meta.js';
import { defineActor, describeBriefly, TroupeError } from '../../src/index.js';
import type { AgentDefinition, AgentOptions } from './agent.js';
import type { AgentRules } from './books.js';
import { agentMachine, descriptions } from './machine.js';
import { type CheckedAgent, checkAgent } from './options.js';

const nameLegal = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
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
 * @throws TroupeError AGENT_SPEC naming the field and the value, or the way from an agent back to itself;
 *   DEFINITION_NAME, DEFINITION_DUPLICATE
 */
export function defineAgent<O = string>(
  meta: { readonly url: string },
  name: string,
  options: AgentOptions<O>,
): AgentDefinition<O> {
  moduleOf(meta, 'defineAgent');
  const checked = checkAgent(name, options);
  const { model, output, temperature, maxOutputTokens, description, keepMs } = checked;
  const rules = rulesOf(name, checked);
  checkTeam(rules);
  const request: { temperature?: number; maxOutputTokens?: number } = {};
  if (temperature !== undefined) request.temperature = temperature;
  if (maxOutputTokens !== undefined) request.maxOutputTokens = maxOutputTokens;
  const machine = agentMachine({ rules, model, output, request, keepMs });
  const definition = defineActor(meta, name, machine, { passivateAfterMs }) as unknown as AgentDefinition<O>;
  descriptions.set(definition, description);
  teams.set(definition, rules);
  return definition;
}

function rulesOf<O>(name: string, checked: CheckedAgent<O>): AgentRules {
  const { principal, instructions, tools, agents, handoffs, handoffFilter, limits } = checked;
  const { depthMax, contextTokensMax, outputAttemptsMax, summarize } = checked;
  checkNames(name, tools, { agents, handoffs });
  const { prices } = checked.model;
  // Copies: whoever adds to the given ones later would make a team that nobody has checked.
  const team = { agents: Object.freeze({ ...agents }), handoffs: Object.freeze({ ...handoffs }) };
  const rest = { depthMax, contextTokensMax, outputAttemptsMax, summarize, limits, prices };
  return { name, principal, instructions, tools, ...team, handoffFilter, ...rest };
}

/** What a model may call, it calls by one name each. @throws TroupeError AGENT_SPEC */
function checkNames(name: string, tools: readonly string[] | undefined, callable: Record<string, object>): void {
  const refuse = (field: string, value: unknown, what: string): never => {
    const message = `defineAgent("${name}"): ${field} ${what}, and is ${describeBriefly(value)}`;
    throw new TroupeError('AGENT_SPEC', message, { field, value });
  };
  const names = new Set<string>(tools);
  for (const [field, others] of Object.entries(callable)) {
    for (const [called, agent] of Object.entries(others) as [string, object][]) {
      if (!nameLegal.test(called)) refuse(`${field}.${called}`, called, 'must be a name a model can call');
      if (names.has(called)) refuse(`${field}.${called}`, called, 'is the name of two things it may call');
      if (!descriptions.has(agent)) refuse(`${field}.${called}`, agent, 'must be what defineAgent returned');
      names.add(called);
    }
  }
}

/** Whom agents may call and hand over to, by their definitions. */
const teams = new WeakMap<object, Pick<AgentRules, 'name' | 'agents' | 'handoffs'>>();

/**
 * A run finds the agents below it by their names. So one of a name that is defined again, above one that knew it, would
 * be below itself: each run would start the next, down to `depthMax`.
 * @throws TroupeError AGENT_SPEC naming the cycle
 */
function checkTeam({ name, agents, handoffs }: AgentRules): void {
  for (const [field, others] of Object.entries({ agents, handoffs })) {
    for (const [called, agent] of Object.entries(others)) {
      const way = wayTo(name, agent, new Set());
      if (way === undefined) continue;
      const value = [name, ...way].join(' > ');
      const message = `defineAgent("${name}"): ${field}.${called} leads back to it: ${value}`;
      throw new TroupeError('AGENT_SPEC', message, { field: `${field}.${called}`, value });
    }
  }
}

/** The names from an agent down to the one of that name; undefined when it is not below. */
function wayTo(name: string, agent: object, seen: Set<object>): string[] | undefined {
  const team = teams.get(agent);
  if (team === undefined || seen.has(agent)) return undefined;
  seen.add(agent);
  if (team.name === name) return [name];
  for (const below of [...Object.values(team.agents), ...Object.values(team.handoffs)]) {
    const way = wayTo(name, below, seen);
    if (way !== undefined) return [team.name, ...way];
  }
  return undefined;
}
