/** What the job pool and its threads say to each other. Types only. */
import type { PlainError } from '../core/errors.js';

/** One call of a user's function on a thread of the pool. */
export interface Job {
  /** The module, as `import` takes it; normally a `file:` URL. */
  url: string;
  /** The function's export name. */
  name: string;
  /** Its first argument, anything the codec carries. */
  input: unknown;
  /** Stable over repetitions, for idempotency; the function gets it as `{ effectId }`. */
  effectId: string;
}

/** A job as it travels to its thread. */
export interface JobRequest {
  url: string;
  name: string;
  effectId: string;
  /** The encoded input. */
  input: Uint8Array;
  /** Shared; the thread sets it to 1 when it begins, so that a job without a thread can be told. */
  started: Int32Array;
}

/** How a job ended, if its thread lived. */
export type JobAnswer =
  | { kind: 'done'; result: Uint8Array }
  | { kind: 'failed'; code: 'JOB_NOT_FOUND' | 'JOB_IMPORT' | 'JOB_FAILED'; error: PlainError };
