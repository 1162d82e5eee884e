/**
 * Is the journal sound? The one place the torture asks it: of a journal as kill -9 left it, and of one that was
 * closed in order.
 */
import { openLmdbStore } from '../../src/journal/lmdb-store.js';
import type { Outcomes } from '../../src/journal/model.js';
import { recover } from '../../src/journal/recovery.js';
import { tables } from '../../src/journal/store.js';

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
 * Open a journal that nobody has open, recover from it and read every record of every table.
 * @returns what is wrong with it, a sentence each
 */
export function checkJournal(folder: string): string[] {
  try {
    const store = openLmdbStore(folder);
    try {
      recover(store, silent);
      for (const table of tables) for (const { value } of store.scan(table)) value.byteLength;
      return [];
    } finally {
      store.close();
    }
  } catch (error) {
    return [String(error)];
  }
}
