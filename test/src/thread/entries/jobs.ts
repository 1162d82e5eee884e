/** Functions for the job pool. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';

/** Gives back what it was given. */
export function echo(input: unknown, context: { effectId: string }): unknown {
  return { input, effectId: context.effectId };
}

/** Tells its thread. */
export async function whoRuns(): Promise<number> {
  await delay(1);
  return threadId;
}

/** Fails as user code does. */
export async function fail(): Promise<never> {
  await delay(1);
  throw Object.assign(new RangeError('too far', { cause: new Error('why') }), { code: 'E_FAR' });
}

/** Throws what is no error. */
export function throwText(): never {
  throw 'just text';
}

/** Blocks its thread for ever, after setting the first word of its input and waking whoever waits on it. */
export function block(started: Int32Array): never {
  Atomics.store(started, 0, 1);
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

/** Never ends, but leaves the event loop free. */
export async function hang(): Promise<void> {
  await once(process, 'never');
}

/** Ends its thread. */
export function exit(): never {
  process.exit(5);
}

/** Fills its heap. */
export function eatHeap(): never {
  const kept: unknown[] = [];
  for (;;) kept.push(new Array(1_000).fill(kept.length));
}

/** Throws after it has returned, on an idle thread. */
export function leaveTrouble(): string {
  setImmediate(() => setImmediate(() => {
    throw new Error('stray');
  }));
  return 'fine';
}

/** Returns what cannot be carried. */
export function returnFunction(): unknown {
  return { callback: () => {} };
}

/** No function. */
export const notAFunction = 7;
