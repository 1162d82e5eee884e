/** An agent with a tool. Its model is a demo: it needs no key and no network, and says so. */
import { isMainThread } from 'node:worker_threads';
import { defineAgent, defineTool, demoModel, jsonSchema, startAgent, toolBus } from '../../actors/index.js';
import { createSystem } from '../../src/index.js';

const weather = defineTool({
  name: 'weather',
  description: 'The weather in a city.',
  input: jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
  }),
  touches: 'nothing',
  run: ({ city }) => `It rains in ${city}.`,
});

/** Which tools there are, and who may use them. */
export const tools = toolBus(import.meta, 'example.tools', { tools: [weather], grants: { reporter: ['weather'] } });

/** Answers questions about the weather. */
export const reporter = defineAgent(import.meta, 'example.reporter', {
  model: demoModel(),
  instructions: 'You report the weather.',
  principal: 'reporter',
  limits: { steps: 5 },
});

if (isMainThread) {
  const system = await createSystem({ journal: process.argv[2] ?? './data', logger: false });
  const bus = await system.spawn(tools, { id: 'tools' });
  const run = await startAgent(system, reporter, { id: 'q1', input: { text: 'Oslo', bus } });
  const { answer, steps, costs } = await run.result();
  console.log(answer);
  console.log(`${steps} calls of the model, ${costs[0]?.tools} of a tool`);
  await system.stop();
}
