/** The journal's control api over a core: the same for the journal thread and for a system on one thread. */
import type { JournalCore } from '../journal/core.js';
import { actorInfo, listActors, listDeadLetters } from '../journal/queries.js';
import type { JournalStore } from '../journal/store.js';
import type { JournalApi, JournalStats } from './journal-api.js';

/** Everything but `attach` and `close`, which depend on how the core is driven. */
export function journalService(
  core: JournalCore,
  store: JournalStore,
  wake: () => void,
): Omit<JournalApi, 'attach' | 'close'> {
  return {
    open: () => {
      core.open();
      wake();
    },
    retire: (session, blamedAid, blamedSeq, report) => {
      const done = core.retire(session, blamedAid, blamedSeq, report);
      wake();
      return done;
    },
    actorInfo: (path) => actorInfo(core, path),
    listActors: (parent, limit) => listActors(core, parent, limit),
    deadLetters: (from, limit) => listDeadLetters(core, from, limit),
    locate: (path) => {
      const row = core.model.current(path);
      return row === undefined ? 0 : core.router.locate(row);
    },
    stats: () => statsOf(core, store),
    flush: () => {
      void store.flush();
    },
  };
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
