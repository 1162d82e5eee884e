/** What main asks of a host, and a host of main, on the control plane. */
import type { InjectedFailure } from '../core/injected-failure.js';
import type { PlainError } from '../core/errors.js';
import type { ChannelMessages } from '../observe/channels.js';
import type { Job } from './job.js';
import type { RingEnd } from './ring.js';

/** Main's calls to a host. */
export interface HostApi {
  stats(): Record<string, number>;
  /** Let idle actors leave memory now, whatever their time. */
  passivate(): void;
  /** For tests: an actor's next messages fail, wherever it lives. */
  injectFailure(failure: InjectedFailure): void;
  /** Another thread has opened a link to this one. */
  attachDirect(session: number, reader: RingEnd): void;
  /** A thread is gone, and with it its links. */
  detachDirect(session: number): void;
  /** End all effects and the thread. */
  close(): void;
}

/** A host's calls to main. */
export interface MainApi {
  /** Run a function in the job pool. `id` is the host's number for the run, for `abortJob`. */
  runJob(id: number, job: Job): Promise<unknown>;
  abortJob(id: number): void;
  /** The session of the host that runs an actor that is not journaled, 0 for none. */
  locateActor(path: string): Promise<number>;
  /** A link to another thread; undefined when it is gone. */
  openDirect(session: number): Promise<RingEnd | undefined>;
  /** Where a definition is registered on the main thread now. */
  locate(name: string): string | undefined;
  /** News of an actor, for the channels of the process. */
  announce<K extends keyof ChannelMessages>(name: K, message: ChannelMessages[K]): void;
  /** Something went wrong that no caller hears of. */
  warn(error: PlainError): void;
}
