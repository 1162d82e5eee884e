/** Functions for the job pool. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { BroadcastChannel, threadId } from 'node:worker_threads';

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
  // biome-ignore lint/style/useThrowOnlyError: user code may throw anything
  throw 'just text';
}

/** Tell whoever listens on a channel that the job runs. Delivered even if the thread never yields again. */
function sayRunning(channelName: string): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage('running');
  channel.close();
}

/** Blocks its thread for ever. */
export function block(channelName: string): never {
  sayRunning(channelName);
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

/** Never ends, but leaves the event loop free. */
export async function hang(channelName: string): Promise<void> {
  sayRunning(channelName);
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

/** Leaves something behind that throws when a message comes on a channel, long after the job was answered. */
export function leaveTrouble(channelName: string): string {
  new BroadcastChannel(channelName).onmessage = () => {
    throw new Error('stray');
  };
  return 'fine';
}

/** Returns what cannot be carried. */
export function returnFunction(): unknown {
  return { callback: () => {} };
}

/** No function. */
export const notAFunction = 7;
