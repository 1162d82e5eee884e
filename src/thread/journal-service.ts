/** The journal's control api over a core: the same for the journal thread and for a system on one thread. */
import { limits } from '../core/limits.js';
import type { JournalCore, StepResult } from '../journal/core.js';
import { actorInfo, listActors, listDeadLetters } from '../journal/queries.js';
import type { JournalStore } from '../journal/store.js';
import type { JournalApi, JournalStats } from './journal-api.js';

/** Everything but `attach` and `close`, which depend on how the core is driven. */
export function journalService(
  core: JournalCore,
  store: JournalStore,
  wake: () => void,
): Omit<JournalApi, 'attach' | 'close'> {
  /** A question may have met a damaged row. */
  const told = <T>(answer: T): T => {
    if (core.router.hasNews) wake();
    return answer;
  };
  return {
    open: (actorsMax) => {
      core.open(actorsMax);
      wake();
    },
    hostUp: (session) => {
      core.hostUp(session);
      wake();
    },
    retire: (session, blamedAid, blamedSeq, report) => {
      const done = core.retire(session, blamedAid, blamedSeq, report);
      wake();
      return done;
    },
    actorInfo: (path) => told(actorInfo(core, path)),
    listActors: (parent, limit) => told(listActors(core, parent, limit)),
    deadLetters: (from, limit) => listDeadLetters(core, from, limit),
    locate: (path) => {
      const row = core.model.current(path);
      return told(row === undefined ? 0 : core.router.locate(row));
    },
    stats: () => statsOf(core, store),
    flush: () => {
      void store.flush();
    },
  };
}

/** Node waits at most this long; longer waits are cut in pieces. */
const waitMsMax = 2 ** 31 - 1;

/**
 * How long the journal's thread sleeps after a step, in milliseconds: 0 when there is more to do, for ever when no
 * timer is pending, else not so long that it would miss the machine's clock being set.
 */
export function sleepMs({ worked, waitMs }: StepResult): number {
  if (worked) return 0;
  return Number.isFinite(waitMs) ? Math.min(waitMs, limits.clockLookMs) : waitMsMax;
}

function statsOf(core: JournalCore, store: JournalStore): JournalStats {
  const { model, router, stats } = core;
  return {
    ...stats,
    actors: model.livingCount,
    rowsInMemory: model.rows.residents,
    waiting: model.waiting,
    deadLetters: model.deadLetterCount,
    lateReplies: router.lost.replies,
    droppedUnjournaled: router.lost.volatile,
    position: model.counters.position,
    seq: model.counters.seq,
    bytesOnDisk: store.bytesOnDisk,
  };
}
