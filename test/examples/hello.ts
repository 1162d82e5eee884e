/** An actor: a machine with an address. It is told things, in order, and asked things. */
import { isMainThread } from 'node:worker_threads';
import { assign, setup } from 'xstate';
import { createSystem, defineActor, reply, type Request } from '../../src/index.js';

type Events = { type: 'meet'; name: string } | Request<'greet', object, string>;

/** Greets everybody it has met. */
export const host = defineActor(
  import.meta,
  'example.host',
  setup({ types: { context: {} as { names: string[] }, events: {} as Events } }).createMachine({
    context: { names: [] },
    on: {
      meet: { actions: assign({ names: ({ context, event }) => [...context.names, event.name] }) },
      greet: { actions: reply(({ context }) => `Hello ${context.names.join(' and ')}!`) },
    },
  }),
);

// Threads that run actors import this module too; only the main thread makes a system.
if (isMainThread) {
  const system = await createSystem({ journal: process.argv[2] ?? './data', logger: false });
  const ref = await system.spawn(host, { id: 'host' });
  await ref.tell({ type: 'meet', name: 'Ada' });
  await ref.tell({ type: 'meet', name: 'Grace' });
  console.log(await ref.ask({ type: 'greet' }));
  await system.stop();
}
