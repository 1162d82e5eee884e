/**
 * What a thread of the job pool runs: import the job's module, call its function, answer. It never throws, so
 * whatever piscina rejects with is about the thread and not about the job.
 */
import { decode, encode } from '../core/codec.js';
import { toPlain } from '../core/errors.js';
import type { JobAnswer, JobRequest } from './job.js';

/** Piscina calls this for each job. */
export async function runJob(request: JobRequest): Promise<JobAnswer> {
  Atomics.store(request.started, 0, 1);
  let module: Record<string, unknown>;
  try {
    module = (await import(request.url)) as Record<string, unknown>;
  } catch (error) {
    return failed('JOB_IMPORT', error);
  }
  const job = module[request.name];
  if (typeof job !== 'function') {
    const found = job === undefined ? 'there is no such export' : `the export is a value of type ${typeof job}`;
    return failed('JOB_NOT_FOUND', new TypeError(found));
  }
  try {
    const result: unknown = await job(decode(request.input), { effectId: request.effectId });
    // A copy of exactly its own bytes: posting a view would copy all of the memory behind it.
    return { kind: 'done', result: new Uint8Array(encode(result, 'result')) };
  } catch (error) {
    return failed('JOB_FAILED', error);
  }
}

function failed(code: 'JOB_NOT_FOUND' | 'JOB_IMPORT' | 'JOB_FAILED', error: unknown): JobAnswer {
  return { kind: 'failed', code, error: toPlain(error) };
}
