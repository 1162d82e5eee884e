/** Ours: what recovery, a history and a check read, and how fast. Opening the journal is part of it. */
import { checkJournal } from '../../src/journal/check.js';
import { historyOf } from '../../src/journal/history.js';
import { type LmdbReader, openJournalReader } from '../../src/journal/lmdb-reader.js';
import { recover, silentOutcomes } from '../../src/journal/recovery.js';
import { stateIn } from '../../src/journal/row.js';
import { Standing } from '../../src/journal/standing.js';
import { tables } from '../../src/journal/store.js';
import type { ContenderInput, Measures } from '../kernel/contender.js';
import { perSecond, prove } from '../kernel/contender.js';
import { journalsIn, machinePath } from './prepare.js';
import { readLogFiles, readTables } from './raw.js';
import type { Sizes } from './sizes.js';

type Reading = (input: ContenderInput<Sizes>) => Promise<Measures>;

/** lmdb's records of the table of actors. */
export const rawRows: Reading = async ({ sizes, prepared }) => {
  const { ms, value } = timed(() => readTables(journalsIn(prepared).rested, ['rows']));
  prove('rows', value.records, actorsOf(sizes));
  return { perSecond: perSecond(value.records, ms), mbPerSecond: mbPerSecond(value.bytes, ms) };
};

/** The log files of the journal that was killed. */
export const rawLog: Reading = async ({ prepared }) => {
  const { ms, value } = timed(() => readLogFiles(journalsIn(prepared).killed));
  return { mbPerSecond: mbPerSecond(value.bytes, ms) };
};

/** The log files and all tables of the journal that rests. */
export const rawAll: Reading = async ({ prepared }) => {
  const { rested } = journalsIn(prepared);
  const log = timed(() => readLogFiles(rested));
  const stored = timed(() => readTables(rested, tables));
  const bytes = log.value.bytes + stored.value.bytes;
  return {
    logMbPerSecond: mbPerSecond(log.value.bytes, log.ms),
    mbPerSecond: mbPerSecond(bytes, log.ms + stored.ms),
  };
};

/** Every actor's state, as bytes that were checked. */
export const states: Reading = async ({ sizes, prepared }) => {
  const { ms, value } = timed(() =>
    reading(journalsIn(prepared).rested, (reader) => {
      let found = 0;
      for (const { key, value: bytes } of reader.scan('rows')) {
        if (stateIn(bytes, `row ${String(key)}`) !== undefined) found += 1;
      }
      return found;
    }),
  );
  prove('actors with a state', value, actorsOf(sizes));
  return { perSecond: perSecond(value, ms) };
};

/** Recovery of a journal whose actors all have something to do, and whose log is checkpointed. */
export const recoverRows: Reading = async ({ sizes, prepared }) => {
  const { ms, value } = timed(() =>
    reading(journalsIn(prepared).rested, (reader) => {
      const { model, tailGroups } = recover(reader, silentOutcomes);
      prove('records behind the checkpoint', tailGroups, 0);
      return [...model.rows.inMemory()].length;
    }),
  );
  prove('actors recovered', value, sizes.sleepers);
  return { perSecond: perSecond(value, ms) };
};

/** Recovery of a journal that was never checkpointed: the whole log is folded. */
export const recoverLog: Reading = async ({ sizes, prepared }) => {
  const { killed } = journalsIn(prepared);
  const { ms, value } = timed(() => reading(killed, (reader) => recover(reader, silentOutcomes).model.livingCount));
  prove('actors recovered', value, sizes.machines);
  return { mbPerSecond: mbPerSecond(readLogFiles(killed).bytes, ms) };
};

/** All of one machine's history, which lies all over the log. The recovery before it is another contender's. */
export const history: Reading = async ({ sizes, prepared }) => {
  const { rested } = journalsIn(prepared);
  const { ms, value } = reading(rested, (reader) => {
    const standing = new Standing(reader);
    return timed(() => {
      let messages = 0;
      for (const entry of historyOf(standing, machinePath(0)).entries()) {
        if (entry.kind === 'turn') messages += entry.messages.length;
      }
      return messages;
    });
  });
  // It is asked for its total once.
  prove('messages in the history', value, sizes.tells / sizes.machines + 1);
  return { mbPerSecond: mbPerSecond(readLogFiles(rested).bytes, ms) };
};

/** A check of everything. */
export const check: Reading = async ({ sizes, prepared }) => {
  const { rested } = journalsIn(prepared);
  const { ms, value } = timed(() => reading(rested, (reader) => checkJournal(reader)));
  prove('problems', value.problemCount, 0);
  prove('actors checked', value.counts.actors, actorsOf(sizes));
  const bytes = readLogFiles(rested).bytes + readTables(rested, tables).bytes;
  return { mbPerSecond: mbPerSecond(bytes, ms) };
};

function actorsOf({ sleepers, machines }: Sizes): number {
  return sleepers + machines;
}

function reading<T>(folder: string, use: (reader: LmdbReader) => T): T {
  const reader = openJournalReader(folder);
  try {
    return use(reader);
  } finally {
    reader.close();
  }
}

function timed<T>(work: () => T): { ms: number; value: T } {
  const begin = performance.now();
  const value = work();
  return { ms: performance.now() - begin, value };
}

function mbPerSecond(bytes: number, ms: number): number {
  return perSecond(bytes / 2 ** 20, ms);
}
