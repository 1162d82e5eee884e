/** What main asks of a host, and a host of main, on the control plane. */
import type { PlainError } from '../core/errors.js';
import type { Job } from './job.js';

/** Main's calls to a host. */
export interface HostApi {
  stats(): Record<string, number>;
  /** Let idle actors leave memory now, whatever their time. */
  passivate(): void;
  /** End all effects and the thread. */
  close(): void;
}

/** A host's calls to main. */
export interface MainApi {
  /** Run a function in the job pool. `id` is the host's number for the run, for `abortJob`. */
  runJob(id: number, job: Job): Promise<unknown>;
  abortJob(id: number): void;
  /** Where a definition is registered on the main thread now. */
  locate(name: string): string | undefined;
  /** Something went wrong that no caller hears of. */
  warn(error: PlainError): void;
}
