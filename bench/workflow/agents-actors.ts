/** Agents with one tool, and the bus that has it. */
import { defineAgent, defineTool, jsonSchema, modelFrom, noUsage, openAiModel, toolBus } from '../../actors/index.js';
import { pause } from '../kernel/contender.js';
import { doublerReply } from './doubling.js';
import { modelUrl } from './model-server.js';

const principal = 'doubler';
const instructions = 'You double numbers.';

const double = defineTool({
  name: 'double',
  description: 'Doubles a number.',
  input: jsonSchema<{ value: number }>({
    type: 'object',
    properties: { value: { type: 'number' } },
    required: ['value'],
  }),
  touches: 'nothing',
  run: ({ value }) => String(2 * value),
});

/** One for all agents. */
export const tools = toolBus(import.meta, 'bench.tools', {
  tools: [double],
  grants: { [principal]: ['double'] },
  callsMax: 10_000,
});

/** The same answers without a server: it does nothing but wait. */
const waitingModel = modelFrom({
  name: 'doubler',
  async *stream({ messages }) {
    const asked = messages.find(({ role }) => role === 'user')?.text ?? '';
    const { thinksMs, call, text } = doublerReply(asked, messages.find(({ role }) => role === 'tool')?.text);
    await pause(thinksMs);
    const toolCalls = call === undefined ? [] : [{ id: 'call', ...call }];
    const finish = call === undefined ? 'stop' : 'tools';
    if (text !== '') yield { type: 'text', text };
    yield { type: 'done', reply: { model: 'doubler', text, toolCalls, usage: noUsage, finish } };
  },
});

/** By where their model is. */
export const doublers = {
  server: defineAgent(import.meta, 'bench.doubler-server', {
    model: openAiModel({ url: modelUrl(), model: 'doubler' }),
    instructions,
    principal,
  }),
  inside: defineAgent(import.meta, 'bench.doubler-inside', { model: waitingModel, instructions, principal }),
};
