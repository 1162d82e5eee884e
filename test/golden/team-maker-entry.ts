/**
 * Makes a golden journal of agents, tools and workflows in the folder given, and dies by `kill -9` while they wait. Run
 * by `test/run/golden.mjs`; never by the tests.
 */
import { startAgent, startRun, type WorkflowRun } from '../../actors/index.js';
import { createSystem } from '../../src/index.js';
import { eventually } from '../../src/testing/index.js';
import { chief, clerk, mailroom, order } from './team.js';

const [, , folder = ''] = process.argv;
const system = await createSystem({ journal: folder, hosts: 1, logger: false, signals: false, actorsMax: 1_000 });
const bus = await system.spawn(mailroom, { id: 'mail' });
await startAgent(system, clerk, { id: 'letter', input: { text: 'To Bob', bus } });
await eventually(async () => (await bus.ask({ type: 'pending' })).length === 1, 'the letter waits for an approval');
await startAgent(system, chief, { id: 'chief', input: { text: 'Write to Eve.', bus } });
await eventually(async () => (await bus.ask({ type: 'pending' })).length === 2, 'that of the sub-agent waits too');
const thinker = await startAgent(system, clerk, { id: 'thinker', input: { text: 'Think.' } });
await eventually(async () => (await thinker.view()).status === 'thinking', 'it thinks');
for (const id of ['good', 'bad']) {
  const run = await startRun(system, order, { id, input: ['a', 'b'] });
  const parcels = async (of: WorkflowRun<unknown>) => (await of.view()).active.filter(({ path }) => path !== undefined);
  await eventually(async () => (await parcels(run)).length === 2, 'both parcels are under way');
  const [first] = await parcels(run);
  const parcel = system.get(first?.path as string);
  await eventually(
    async () => ((await parcel.ask({ type: 'view' } as never)) as { status: string }).status === 'waiting',
    'it is packed',
  );
  await parcel.ask({ type: 'signal', name: 'posted', payload: `first of ${id}` } as never);
  await eventually(async () => (await parcels(run)).length === 1, 'one is posted');
}
process.kill(process.pid, 'SIGKILL');
