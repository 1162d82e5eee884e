/**
 * Is the journal sound? The one place the torture asks it: of a journal as kill -9 left it, and of one that was
 * closed in order.
 */
import { TroupeError } from '../../src/core/errors.js';
import { openJournalReader } from '../../src/journal/lmdb-reader.js';
import type { Outcomes } from '../../src/journal/model.js';
import { recover } from '../../src/journal/recovery.js';
import { type JournalStore, tables } from '../../src/journal/store.js';

const nothing = () => {};
const silent: Outcomes = {
  wake: nothing,
  volatile: nothing,
  released: nothing,
  awaitEnd: nothing,
  ended: nothing,
  dropped: nothing,
  result: nothing,
  reply: nothing,
  notice: nothing,
};

/**
 * Recover from a journal without touching it, and read every record of its log and tables.
 * @returns what is wrong with it, a sentence each; nothing when there is no journal yet
 */
export async function checkJournal(folder: string): Promise<string[]> {
  try {
    const reader = openJournalReader(folder);
    try {
      // Recovery only reads.
      recover(reader as unknown as JournalStore, silent);
      for (const table of tables) for (const { value } of reader.scan(table)) value.byteLength;
      for (const { bytes } of reader.readLog()) bytes.byteLength;
      return [];
    } finally {
      await reader.close();
    }
  } catch (error) {
    return TroupeError.is(error, 'JOURNAL_MISSING') ? [] : [String(error)];
  }
}
