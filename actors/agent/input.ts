/** What a run is begun with, checked at the door. */
import { ActorRef, describeBriefly, TroupeError } from '../../src/index.js';
import type { AgentInput } from './agent.js';
import { type AgentLimits, checkLimits } from './limits.js';

const known: readonly (keyof AgentInput)[] = ['text', 'messages', 'bus', 'streamTo', 'limits', 'depth'];

/**
 * Refuse what no run can begin with.
 * @param agent its name
 * @returns the limits it names
 * @throws TroupeError AGENT_INPUT naming the field and the value
 */
export function checkInput(agent: string, input: AgentInput): Partial<AgentLimits> | undefined {
  const refuse = (field: string, value: unknown, what: string): never => {
    const message = `a run of ${agent}: ${field} ${what}, and is ${describeBriefly(value)}`;
    throw new TroupeError('AGENT_INPUT', message, { field, value });
  };
  if (typeof input !== 'object' || input === null) refuse('input', input, 'must be an object');
  for (const [field, value] of Object.entries(input)) {
    if (!(known as readonly string[]).includes(field))
      refuse(field, value, `is unknown; known are ${known.join(', ')}`);
  }
  const { text, messages = [], bus, streamTo, limits, depth = 0 } = input;
  if (text !== undefined && typeof text !== 'string') refuse('text', text, 'must be a text');
  if (!Array.isArray(messages)) refuse('messages', messages, 'must be a list');
  if (text === undefined && messages.length === 0) refuse('text', text, 'must say what it is about');
  if (bus !== undefined && !(bus instanceof ActorRef)) refuse('bus', bus, 'must be the ref of a tool bus');
  if (streamTo !== undefined && !(streamTo instanceof ActorRef)) refuse('streamTo', streamTo, 'must be a ref');
  if (!Number.isSafeInteger(depth) || depth < 0) refuse('depth', depth, 'must be a whole number from 0');
  if (limits !== undefined) checkLimits(limits, `a run of ${agent}`, 'AGENT_INPUT');
  return limits;
}
