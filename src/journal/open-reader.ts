/** Opening a journal for reading only. */
import { openLmdbStore } from './lmdb-store.js';
import type { JournalReader } from './store.js';

/**
 * Open a journal to read it.
 * @param folder where it lies
 * @throws TroupeError NOT_A_JOURNAL, JOURNAL_NEWER, JOURNAL_UNWRITABLE, JOURNAL_IN_USE
 */
export function openJournalReader(folder: string): JournalReader {
  return openLmdbStore(folder);
}
