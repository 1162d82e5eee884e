/**
 * `job`: logic that runs a function in the job pool, for work that would block a host: CPU, or blocking calls.
 * To a machine it is a promise: it starts after the turn that asked for it is committed, at least once, and its
 * result is applied exactly once.
 */
import { fromPromise, type PromiseActorLogic } from 'xstate';
import { TroupeError } from '../core/errors.js';
import { moduleOf } from '../core/meta.js';
import type { EffectFunction } from './named-effects.js';
import { effectIdOf } from './xstate-effects.js';

/** One call of a function in the pool. */
export interface JobCall {
  /** The function's module. */
  url: string;
  /** Its export name. */
  name: string;
  input: unknown;
  effectId: string;
}

/** Runs a call; rejects with JOB_NOT_FOUND, JOB_IMPORT, JOB_FAILED, JOB_ABORTED or JOB_THREAD_LOST. */
export type JobRunner = (call: JobCall, signal: AbortSignal) => Promise<unknown>;

let runner: JobRunner | undefined;

/** Give this thread its way to the pool. */
export function installJobRunner(next: JobRunner | undefined): void {
  runner = next;
}

/**
 * Logic that calls an exported function in the job pool.
 *
 * The function gets `(input, { effectId })` and runs on a thread of its own: no actor waits for it. It may be called
 * again after a crash, with the same `effectId`. When the state that invoked it is left, its thread is ended.
 *
 * @param meta the `import.meta` of the module that exports the function
 * @param name the export's name
 * @throws (as the promise's rejection) JOB_NOT_FOUND, JOB_IMPORT, JOB_FAILED with the function's error as `cause`,
 *   JOB_ABORTED, JOB_THREAD_LOST
 * @example
 * const hash = job<{ file: string }, string>(import.meta, 'hashFile');
 * setup({ actors: { hash } }).createMachine({ invoke: { src: 'hash', input: ..., onDone: ... } });
 */
export function job<Input, Output>(meta: { url: string }, name: string): PromiseActorLogic<Output, Input> {
  checkName(name);
  const url = moduleOf(meta, 'job');
  return fromPromise<Output, Input>(
    ({ input, self, signal }) =>
      runJob({ url, name, input, effectId: effectIdOf(self) ?? '' }, signal) as Promise<Output>,
  );
}

/**
 * The same as one of a definition's `effects`.
 * @param meta the `import.meta` of the module that exports the function
 * @param name the export's name
 * @throws as `job`
 * @example
 * defineActor(import.meta, 'hasher', logic, { effects: { hash: jobEffect(import.meta, 'hashFile') } });
 */
export function jobEffect<Input>(meta: { url: string }, name: string): EffectFunction<Input> {
  checkName(name);
  const url = moduleOf(meta, 'jobEffect');
  return ({ input, effectId, signal }) => runJob({ url, name, input, effectId }, signal);
}

function checkName(name: unknown): void {
  if (typeof name === 'string' && name !== '') return;
  const message = 'a job needs the name of an exported function';
  throw new TroupeError('OPTION_TYPE', message, { field: 'name', value: name });
}

async function runJob(call: JobCall, signal: AbortSignal): Promise<unknown> {
  if (runner !== undefined) return runner(call, signal);
  throw new TroupeError('NO_SYSTEM', `job ${call.name} was started on a thread without a system`);
}
