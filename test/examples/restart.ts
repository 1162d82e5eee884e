/** A supervisor restarts a child that crashes: its state and its mail are kept, the message it fails at is not. */
import { isMainThread } from 'node:worker_threads';
import { fromTransition } from 'xstate';
import { actorContext, createSystem, defineActor, type Request } from '../../src/index.js';
import { supervisor } from '../../supervisors/index.js';

type Events = { type: 'divide'; by: number } | Request<'read', object, number>;

/** Divides what it has. It cannot by zero. */
export const divider = defineActor(
  import.meta,
  'example.divider',
  fromTransition((value: number, event: Events) => {
    if (event.type === 'read') actorContext().reply(value);
    else if (event.by === 0) throw new RangeError('division by zero');
    else return value / event.by;
    return value;
  }, 100),
  { maxAttempts: 1 },
);

/** Has one child, and restarts it. */
export const office = supervisor(import.meta, 'example.office', {
  strategy: 'one-for-one',
  children: [{ id: 'divider', actor: divider }],
});

if (isMainThread) {
  const system = await createSystem({ journal: process.argv[2] ?? './data', logger: false });
  await system.spawn(office, { id: 'office' });
  const ref = system.get<Events>('/office/divider');
  for (const by of [2, 0, 5]) await ref.tell({ type: 'divide', by });
  console.log(`100 / 2 / 5 = ${await ref.ask({ type: 'read' })}`);
  for (const { event, error } of await system.deadLetters()) console.log(`${(event as Events).type}: ${error.message}`);
  await system.stop();
}
