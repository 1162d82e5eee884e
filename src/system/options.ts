/** The options of `createSystem`: checked once, at the door, defaults filled in. */
import { availableParallelism } from 'node:os';
import type { ResourceLimits } from 'node:worker_threads';
import { limits } from '../core/limits.js';
import { checkOptions } from '../core/options.js';
import type { Logger } from '../observe/log.js';
import { memoryBytesMaxDefault } from './memory-watch.js';
import type { SupervisionPolicy } from './supervision.js';

/** What a caller may say. */
export interface SystemOptions {
  /** The folder the journal lives in; made when missing. One process at a time may have it open. */
  journal: string;
  /** Host threads. Default: one less than the machine's processors, at least 1. May differ from start to start. */
  hosts?: number;
  /** Threads for jobs. Default: the machine's processors. None is started before the first job. */
  jobThreads?: number;
  /** What to do about failing actors. Default: restore, up to the definition's `maxAttempts` for each message. */
  supervision?: SupervisionPolicy;
  /** A logger like pino's, or false for silence. Default: warnings and errors as JSON on standard error. */
  logger?: Logger | false;
  /** Stop orderly on SIGTERM and SIGINT and exit 0; a second signal exits at once with 1. Default true. */
  signals?: boolean;
  /** History kept behind the last checkpoint, in bytes. Default 256 MiB; at the limit the oldest is dropped. */
  retentionBytes?: number;
  /** Log written between two checkpoints, in bytes. Default 16 MiB. Smaller: faster recovery, more writing. */
  checkpointBytes?: number;
  /**
   * Actors each host keeps in memory although they are idle. Default 50,000; beyond, those idle longest leave it until
   * their next message. An idle machine with a small context takes about 2 kB, the journal's part included.
   */
  residentActorsMax?: number;
  /**
   * How long an actor may handle one message without a break, in milliseconds. Default 5,000; 0: for ever. Beyond, its
   * thread is ended, the message counts as failed (MESSAGE_HUNG), and the thread's other actors go on elsewhere.
   * Long work belongs into a `job` or a promise. Nothing is ended while a debugger is attached.
   */
  hangAfterMs?: number;
  /** Living actors the system may have; spawning more is refused with ACTORS_MAX. Default: as many as fit. */
  actorsMax?: number;
  /**
   * Memory the process may use before the host thread that takes it is ended, in bytes: heaps, and buffers outside of
   * them. Default: four fifths of what the machine or container has; 0: anything. The message it is at counts as failed
   * (MEMORY_LIMIT), the thread's other actors go on elsewhere.
   */
  memoryBytesMax?: number;
  /** Heap limits of each host thread, in MB. Default: Node's. At the limit the thread dies and is replaced. */
  hostLimits?: ResourceLimits;
}

/** The options with everything decided. */
export interface ResolvedOptions
  extends Required<Omit<SystemOptions, 'supervision' | 'logger' | 'hostLimits' | 'actorsMax'>> {
  actorsMax: number | undefined;
  supervision: SupervisionPolicy | undefined;
  logger: Logger | false | undefined;
  hostLimits: ResourceLimits | undefined;
}

/** Check and complete. @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE */
export function resolveOptions(given: SystemOptions): ResolvedOptions {
  return checkOptions<ResolvedOptions>(
    given,
    {
      journal: { type: 'string', required: true },
      hosts: { type: 'integer', min: 1, max: limits.hostsMax, default: Math.max(1, availableParallelism() - 1) },
      jobThreads: { type: 'integer', min: 1, max: limits.hostsMax, default: availableParallelism() },
      supervision: { type: 'function' },
      logger: { type: 'any' },
      signals: { type: 'boolean', default: true },
      retentionBytes: { type: 'integer', min: 0, default: limits.retentionBytesDefault },
      checkpointBytes: { type: 'integer', min: 65_536, default: limits.checkpointBytesDefault },
      residentActorsMax: { type: 'integer', min: 1, default: limits.residentActorsMaxDefault },
      hangAfterMs: { type: 'integer', min: 0, default: limits.hangAfterMsDefault },
      actorsMax: { type: 'integer', min: 1 },
      memoryBytesMax: { type: 'integer', min: 0, default: memoryBytesMaxDefault() },
      hostLimits: { type: 'object' },
    },
    'createSystem',
  );
}
