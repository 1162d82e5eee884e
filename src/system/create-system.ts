/** `createSystem`: a system on threads. */
import { isHostThread } from '../cell/define.js';
import { TroupeError } from '../core/errors.js';
import { resolveOptions, type SystemOptions } from './options.js';
import { System } from './system.js';
import { startThreads } from './threads.js';

/**
 * Start a system, or continue the one whose journal is there: actors, states, mailboxes, timers and running
 * effects are where they were, with whatever number of hosts.
 *
 * @param options.journal the folder; made when missing
 * @throws OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE (field and value named); JOURNAL_IN_USE (names the process that
 *   has it), JOURNAL_UNWRITABLE, NOT_A_JOURNAL, JOURNAL_NEWER, JOURNAL_CORRUPT, JOURNAL_FULL; SYSTEM_IN_HOST when a
 *   host imports the module that calls it: keep definitions apart from the program's start; THREAD_START
 */
export async function createSystem(options: SystemOptions): Promise<System> {
  if (isHostThread()) {
    const message =
      'a host thread imported a module that calls createSystem; move the definitions into modules of their own';
    throw new TroupeError('SYSTEM_IN_HOST', message);
  }
  const resolved = resolveOptions(options);
  const system = new System(resolved);
  return system.start((ready, events) =>
    startThreads(
      {
        folder: ready.journal,
        hosts: ready.hosts,
        jobThreads: ready.jobThreads,
        checkpointBytes: ready.checkpointBytes,
        retentionBytes: ready.retentionBytes,
        residentActorsMax: ready.residentActorsMax,
        hangAfterMs: ready.hangAfterMs,
        memoryBytesMax: ready.memoryBytesMax,
        resourceLimits: ready.hostLimits,
      },
      events,
    ),
  );
}
