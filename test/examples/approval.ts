/** A tool that needs an approval: the agent waits for it, over the end of the process, and goes on when it is given. */
import { isMainThread } from 'node:worker_threads';
import { AgentRun, defineAgent, defineTool, demoModel, jsonSchema, startAgent, toolBus } from '../../actors/index.js';
import { createSystem } from '../../src/index.js';
import { eventually } from '../../src/testing/index.js';

const send = defineTool({
  name: 'send',
  description: 'Sends a letter.',
  input: jsonSchema<{ text: string }>({ type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }),
  approval: 'ask',
  run: () => 'The letter is on its way.',
});

/** Ada approves of letters. */
export const post = toolBus(import.meta, 'example.post', {
  tools: [send],
  grants: { clerk: ['send'] },
  approvers: ['ada'],
});

/** Writes letters. */
export const clerk = defineAgent(import.meta, 'example.clerk', {
  model: demoModel(),
  instructions: 'You write letters.',
  principal: 'clerk',
});

if (isMainThread) {
  const journal = process.argv[2] ?? './data';
  let system = await createSystem({ journal, logger: false });
  const bus = await system.spawn(post, { id: 'post' });
  await startAgent(system, clerk, { id: 'letter', input: { text: 'Send a letter to Bob.', bus } });
  const pending = () => bus.ask({ type: 'pending' });
  await eventually(async () => (await pending()).length > 0, 'an approval is waited for');
  const [waits] = await pending();
  console.log(`${waits?.from} wants to use ${waits?.tool}`);
  await system.stop();

  system = await createSystem({ journal, logger: false });
  const again = await system.spawn(post, { id: 'post' });
  await again.ask({ type: 'approve', by: 'ada', id: waits?.id ?? '' });
  console.log((await new AgentRun<string>(system.get('/letter')).result()).answer);
  await system.stop();
}
