/**
 * Makes a golden journal in the folder given, with a record of every kind, and dies by `kill -9`. Run by
 * `test/run/golden.mjs` when the journal's format has changed; never by the tests.
 */
import { type ActorRef, createSystem } from '../../src/index.js';
import { eventually } from '../../src/testing/index.js';
import { alarm, desk, library, lost, notebook, worker } from './actors.js';

const [, , folder = ''] = process.argv;
const options = {
  journal: folder,
  hosts: 2,
  logger: false as const,
  signals: false,
  checkpointBytes: 65_536,
  actorsMax: 1_000,
};
const system = await createSystem(options);
// First: a host that has the other definitions has this one too.
const quarantined: ActorRef = await system.spawn(lost as never, { id: 'lost' } as never);
await eventually(async () => (await system.state('/lost'))?.status === 'quarantined', 'it is nowhere');
const diary = await system.spawn(notebook, { id: 'diary' });
const friend = await system.spawn(notebook, { id: 'friend' });
await diary.tell({ type: 'copy', id: 'copy' });
await diary.tell({ type: 'watch', whom: friend });
await diary.tell({ type: 'tear' });
await friend.tell({ type: 'close' });
await (await system.spawn(alarm, { id: 'alarm' })).tell({ type: 'wind', ms: 60_000 });
await system.spawn(worker, { id: 'worker' });
for (let n = 0; n < 100; n += 1) await quarantined.tell({ type: 'letter', n, text: 'y'.repeat(1_000) });
for (let n = 0; n < 300; n += 1) await diary.tell({ type: 'note', text: `note ${n}` });
const books = await system.spawn(library, { id: 'library' });
await eventually(async () => (await books.ask({ type: 'count' })).active === 2, 'the library is open');
await system.spawn(library, { id: 'library' });
const right = system.get('/library/right');
await right.tell({ type: 'note', text: 'kept' } as never);
await right.tell({ type: 'tear' } as never);
await right.tell({ type: 'note', text: 'waits' } as never);
const office = await system.spawn(desk, { id: 'desk' });
await eventually(async () => (await office.ask({ type: 'count' })).active === 1, 'there is a pad');
const pad = system.get('/desk/pad');
for (const event of [{ type: 'note', text: 'gone' }, { type: 'tear' }, { type: 'note', text: 'anew' }]) {
  await pad.tell(event as never);
}
await eventually(async () => ((await pad.ask({ type: 'read' } as never)) as string[]).length === 1, 'it is a new one');
await books.ask({ type: 'stopChild', id: 'left' });
await eventually(async () => ((await diary.ask({ type: 'read' })) as string[]).length === 301, 'all is written down');
await eventually(async () => (await system.deadLetters()).length === 2, 'what cannot be done is given up');
await system.passivate();
await diary.tell({ type: 'note', text: 'the last one' });
process.kill(process.pid, 'SIGKILL');
