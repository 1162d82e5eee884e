/**
 * How an entry says that it has started, or why it could not: a coded error must reach whoever started the
 * thread, which the thread's own death would not carry.
 */
import { fromPlain, type PlainError, toPlain } from '../core/errors.js';
import { announceReady, type WorkerHost } from './worker-host.js';

interface StartFailure {
  startFailure: PlainError;
}

let hasStarted = false;

/** The thread is ready. */
export function announceStart(): void {
  hasStarted = true;
  announceReady();
}

/** The thread cannot start; later failures are rethrown and end it. */
export function announceStartFailure(error: unknown): void {
  if (hasStarted) throw error;
  announceReady({ startFailure: toPlain(error) } satisfies StartFailure);
}

/** Wait until a thread has started. @throws what it said, or THREAD_START */
export async function started(thread: WorkerHost): Promise<void> {
  const value = (await thread.ready) as Partial<StartFailure> | undefined;
  if (value?.startFailure === undefined) return;
  await thread.terminate();
  throw fromPlain(value.startFailure);
}
