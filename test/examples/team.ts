/** A team: an agent asks two others at once. They get no more than it has left, and what they use is counted. */
import { isMainThread } from 'node:worker_threads';
import { defineAgent, demoModel, modelFrom, startAgent } from '../../actors/index.js';
import { createSystem } from '../../src/index.js';

/** One who knows one thing. */
const expert = (name: string) =>
  defineAgent(import.meta, `example.${name}`, {
    description: `Knows all about ${name}.`,
    model: demoModel(),
    instructions: `You know all about ${name}.`,
  });

/** Knows all about cats. */
export const cats = expert('cats');
/** Knows all about dogs. */
export const dogs = expert('dogs');

/** Asks both at once, then answers: a model of a few lines, in place of a paid one. */
const leader = modelFrom({
  name: 'leader',
  stream: async function* ({ messages }) {
    const told = messages.filter(({ role }) => role === 'tool');
    const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 0, costUsd: 0 };
    const ask = (id: string) => ({ id, name: id, args: { text: `What about ${id}?` } });
    const toolCalls = told.length > 0 ? [] : [ask('cats'), ask('dogs')];
    const text = told.length > 0 ? `Both have spoken: ${told.length} answers.` : '';
    if (text !== '') yield { type: 'text', text };
    for (const call of toolCalls) yield { type: 'toolCall', call };
    const finish = toolCalls.length > 0 ? 'tools' : 'stop';
    yield { type: 'done', reply: { model: 'leader', text, toolCalls, usage, finish } };
  },
});

/** Leads them. */
export const lead = defineAgent(import.meta, 'example.lead', {
  model: leader,
  instructions: 'You lead a team.',
  agents: { cats, dogs },
  limits: { steps: 10 },
});

if (isMainThread) {
  const system = await createSystem({ journal: process.argv[2] ?? './data', logger: false });
  const run = await startAgent(system, lead, { id: 'pets', input: { text: 'Cats or dogs?' } });
  const { answer, costs } = await run.result();
  console.log(answer);
  for (const { agent, calls } of costs) console.log(`${agent}: ${calls} calls`);
  await system.stop();
}
