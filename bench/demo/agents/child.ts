/**
 * The process of the demo that is killed: it runs the team and tells its parent, a line of JSON at a time, what
 * happens. Its arguments: the journal's folder, the question, whether to approve, and who is to stumble meanwhile.
 */
import { startRun, type ToolBusEvents, workflowMermaid } from '../../../actors/index.js';
import { type ActorRef, createSystem } from '../../../src/index.js';
import { until } from '../../kernel/contender.js';
import { office, team } from './team.js';

const [journal, question, approves, stumbles] = process.argv.slice(2) as [string, string, string, string?];
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

const system = await createSystem({ journal, logger: false });
await system.spawn(office, { id: 'office' });
const bus = system.get<ToolBusEvents>('/office/tools') as ActorRef<ToolBusEvents>;
const run = await startRun(system, team, { id: 'answer', input: question });
const result = run.result();

const pending = () => bus.ask({ type: 'pending' });
const isOver = async () => (await run.view()).status === 'done';
await until('an approval is waited for', async () => (await pending()).length > 0 || (await isOver()));
if (stumbles !== undefined) await system.injectFailure(stumbles, 'throw');
for (const { id, from, tool } of await pending()) {
  say({ waits: `${from} wants to ${tool}` });
  if (approves === 'yes') await bus.ask({ type: 'approve', by: 'you', id });
}
const { report, verdict, costs } = await result;
for (const { path, by, why } of await system.decisions({ under: '/office' })) say({ restarted: path, by, why });
say({ report, verdict, costs, picture: workflowMermaid(team, await run.view()) });
await system.stop();
