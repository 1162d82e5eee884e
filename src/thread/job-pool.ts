/**
 * Threads for functions that compute long or block: piscina, wrapped. Jobs wait here, not in piscina, because
 * piscina forgets waiting tasks when the thread they waited for is aborted or dies and no minimum of threads is
 * kept; it is handed only as many as there are threads.
 *
 *   waiting ──pump──> running ──answer, abort, thread's death──> settled
 *      └───────abort, close──────────────────────────────────────^
 *
 * P1  A job's promise settles exactly once.
 * P2  At most `maxThreads` jobs run, one per thread; waiting ones start in the order of `run`.
 * P3  No thread exists before the first job, nor `idleTimeoutMs` after the last.
 * P4  Aborting a running job ends its thread, whatever it is doing; its promise does not wait for that. What the
 *     function had done outside stays done: a job runs at least once, never exactly once.
 * P5  Piscina's failures are told apart here and nowhere else.
 */
import { availableParallelism } from 'node:os';
import type { ResourceLimits } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { decode, encode } from '../core/codec.js';
import { fromPlain, TroupeError } from '../core/errors.js';
import type { Job, JobAnswer, JobRequest } from './job.js';

/** Settings of a job pool. */
export interface JobPoolOptions {
  /** Most threads. Default: one less than the machine runs in parallel, at least one. Further jobs wait. */
  maxThreads?: number;
  /** How long an idle thread is kept, in milliseconds. Default 10,000. */
  idleTimeoutMs?: number;
  /** Limits of a thread's JavaScript heap, in MB. They do not bound ArrayBuffers. Default: Node's. */
  resourceLimits?: ResourceLimits;
  /** Told of what a thread threw while it ran no job (a job's leftovers). Default: it is dropped; the thread ends. */
  onStray?: (error: Error) => void;
}

/** How long an idle thread is kept unless the pool's maker says otherwise. */
const idleTimeoutMsDefault = 10_000;

/** A job between `run` and its end. */
interface JobRun {
  readonly job: Job;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: TroupeError) => void;
  /** Takes it out of piscina, with its thread when it has one. */
  readonly controller: AbortController;
  /** See `JobRequest.started`. */
  readonly started: Int32Array;
  /** Stop listening to the caller's signal. */
  forgetSignal(): void;
  isSettled: boolean;
}

/** A pool of threads for jobs. Lives on the main thread. */
export class JobPool {
  readonly #pool: Piscina<JobRequest, JobAnswer>;
  readonly #maxThreads: number;
  readonly #waiting = new Set<JobRun>();
  readonly #running = new Set<JobRun>();
  #closing: Promise<void> | undefined;
  #isCheckDue = false;

  constructor(options: JobPoolOptions = {}) {
    this.#maxThreads = options.maxThreads ?? Math.max(1, availableParallelism() - 1);
    this.#pool = new Piscina({
      filename: new URL('./job-entry.js', import.meta.url).href,
      name: 'runJob',
      minThreads: 0,
      maxThreads: this.#maxThreads,
      idleTimeout: options.idleTimeoutMs ?? idleTimeoutMsDefault,
      resourceLimits: options.resourceLimits,
      // Otherwise an idle thread blocks in Atomics.wait, and what a job left running (a log being flushed) stalls.
      atomics: 'disabled',
      recordTiming: false,
    });
    this.#pool.on('error', (error: Error) => {
      options.onStray?.(error);
      this.#checkThreads();
    });
    this.#pool.on('workerDestroy', () => this.#checkThreads());
  }

  /** Jobs that have no thread yet. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Jobs on a thread. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Threads alive, idle ones included. */
  get threadCount(): number {
    return this.#pool.threads.length;
  }

  /**
   * Run a job and resolve with what its function returns.
   *
   * The waiting line has no limit of its own: a job waits together with the actor that asked for it, and the
   * number of those in memory is limited.
   * @param signal aborting it cancels the job (P4)
   * @throws TroupeError JOB_IMPORT, JOB_NOT_FOUND, JOB_FAILED (its cause is what the function threw), JOB_ABORTED
   * (also when the pool closes), JOB_THREAD_LOST; PAYLOAD_NOT_CARRIABLE for an input the codec refuses
   */
  run(job: Job, signal?: AbortSignal): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(aborted(job, signal.reason));
    if (this.#closing !== undefined) return Promise.reject(aborted(job, new Error('the job pool is closed')));
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#cancel(run, aborted(job, signal?.reason));
      signal?.addEventListener('abort', onAbort, { once: true });
      const run: JobRun = {
        job,
        resolve,
        reject,
        controller: new AbortController(),
        started: new Int32Array(new SharedArrayBuffer(4)),
        forgetSignal: () => signal?.removeEventListener('abort', onAbort),
        isSettled: false,
      };
      this.#waiting.add(run);
      this.#pump();
    });
  }

  /** Refuse new jobs, abort the others (JOB_ABORTED) and end all threads. A second call waits for the same end. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const run of [...this.#waiting, ...this.#running]) {
      this.#cancel(run, aborted(run.job, new Error('the job pool is closing')));
    }
    await this.#pool.destroy();
  }

  #pump(): void {
    for (const run of this.#waiting) {
      if (this.#running.size >= this.#maxThreads) return;
      this.#waiting.delete(run);
      this.#start(run);
    }
  }

  #start(run: JobRun): void {
    const { url, name, effectId, input } = run.job;
    let request: JobRequest;
    try {
      // A copy of exactly its own bytes: posting a view would copy all of the memory behind it.
      request = { url, name, effectId, input: new Uint8Array(encode(input, 'input')), started: run.started };
    } catch (error) {
      this.#settle(run, () => run.reject(error as TroupeError));
      return;
    }
    this.#running.add(run);
    this.#pool.run(request, { signal: run.controller.signal }).then(
      (answer) => this.#settle(run, () => settleByAnswer(run, answer)),
      // Our entry never throws, so this is the thread's end (P5); our own abort has settled the job before.
      (cause) => this.#settle(run, () => run.reject(threadLost(run.job, cause))),
    );
  }

  #cancel(run: JobRun, error: TroupeError): void {
    this.#settle(run, () => run.reject(error));
    run.controller.abort();
  }

  /** The only way a job ends (P1). */
  #settle(run: JobRun, settle: () => void): void {
    if (run.isSettled) return;
    run.isSettled = true;
    this.#waiting.delete(run);
    this.#running.delete(run);
    run.forgetSignal();
    settle();
    // Not before piscina has taken note of the same end, or it would find its thread still busy.
    queueMicrotask(() => this.#pump());
  }

  /**
   * A thread is gone. When it died before it was ready (limits too small), piscina leaves the job it was meant for
   * waiting for ever: find such jobs by counting, and give them up.
   */
  #checkThreads(): void {
    if (this.#isCheckDue || this.#closing !== undefined) return;
    this.#isCheckDue = true;
    // A turn later, so that jobs which end together with their thread have settled.
    setImmediate(() => {
      this.#isCheckDue = false;
      const unstarted = [...this.#running].filter((run) => Atomics.load(run.started, 0) === 0);
      const lostCount = Math.max(0, this.#running.size - this.#pool.threads.length);
      for (const run of unstarted.slice(0, lostCount)) {
        this.#cancel(run, threadLost(run.job, new Error('the thread died while it started')));
      }
    });
  }
}

function settleByAnswer(run: JobRun, answer: JobAnswer): void {
  if (answer.kind === 'failed') {
    run.reject(jobFailed(run.job, answer.code, fromPlain(answer.error)));
    return;
  }
  try {
    run.resolve(decode(answer.result));
  } catch (error) {
    run.reject(jobFailed(run.job, 'JOB_FAILED', error as Error));
  }
}

function title(job: Job): string {
  return `job ${job.name} of ${job.url}`;
}

function aborted(job: Job, cause: unknown): TroupeError {
  return new TroupeError('JOB_ABORTED', `${title(job)} was aborted`, { field: job.name, cause });
}

function threadLost(job: Job, cause: unknown): TroupeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TroupeError('JOB_THREAD_LOST', `the thread of ${title(job)} died: ${why}`, { field: job.name, cause });
}

function jobFailed(job: Job, code: 'JOB_NOT_FOUND' | 'JOB_IMPORT' | 'JOB_FAILED', cause: Error): TroupeError {
  const what =
    code === 'JOB_IMPORT' ? 'its module cannot be imported' : code === 'JOB_FAILED' ? 'it threw' : 'not found';
  return new TroupeError(code, `${title(job)}: ${what}: ${cause.message}`, { field: job.name, cause });
}
