/** A counter survives kill -9: this program kills itself three times, and counts on. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { fromTransition } from 'xstate';
import { actorContext, createSystem, defineActor, type Request } from '../../src/index.js';

/** Counts. */
export const counter = defineActor(
  import.meta,
  'example.counter',
  fromTransition((count: number, event: { type: 'add' } | Request<'read', object, number>) => {
    if (event.type === 'add') return count + 1;
    actorContext().reply(count);
    return count;
  }, 0),
);

const [, , journal = './data', role = 'parent'] = process.argv;

if (isMainThread && role === 'child') {
  const system = await createSystem({ journal, logger: false });
  const ref = await system.spawn(counter, { id: 'clicks' });
  // When this resolves it cannot be lost any more.
  for (let at = 0; at < 10; at += 1) await ref.tell({ type: 'add' });
  process.kill(process.pid, 'SIGKILL');
} else if (isMainThread) {
  for (let life = 1; life <= 3; life += 1) {
    const { signal } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), journal, 'child']);
    console.log(`life ${life} ended by ${signal}`);
  }
  const system = await createSystem({ journal, logger: false });
  const ref = await system.spawn(counter, { id: 'clicks' });
  console.log(`counted ${await ref.ask({ type: 'read' })}`);
  await system.stop();
}
