/**
 * What a journal says without a system: of one as kill -9 left it, and of one that was closed in order. Nothing of it
 * is touched.
 */
import { EnvelopeKind, parseEnvelope } from '../../src/core/envelope.js';
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
 * Is the journal sound? The one place the torture asks. Recovers from it and reads every record of log and tables.
 * @returns what is wrong with it, a sentence each; nothing when there is no journal yet
 */
export async function checkJournal(folder: string): Promise<string[]> {
  try {
    return await reading(folder, (reader) => {
      recover(reader, silent);
      for (const table of tables) for (const { value } of reader.scan(table)) value.byteLength;
      for (const { bytes } of reader.readLog()) bytes.byteLength;
      return [];
    });
  } catch (error) {
    return TroupeError.is(error, 'JOURNAL_MISSING') ? [] : [String(error)];
  }
}

/** The ids of effects whose last report is accepted and waits in their actor's mail: they must not run again. */
export async function settledEffects(folder: string): Promise<string[]> {
  return reading(folder, (reader) => {
    const { model } = recover(reader, silent);
    return [...model.rows.inMemory()].flatMap((row) =>
      [...row.mail.items(model)].flatMap(({ bytes, offset, length }) => {
        const { kind, effectId } = parseEnvelope(bytes.subarray(offset, offset + length));
        return kind === EnvelopeKind.settle && effectId !== undefined ? [effectId] : [];
      }),
    );
  });
}

/** Recovery only reads: a reader will do in place of a store. */
async function reading<T>(folder: string, look: (reader: JournalStore) => T): Promise<T> {
  const reader = openJournalReader(folder);
  try {
    return look(reader as unknown as JournalStore);
  } finally {
    await reader.close();
  }
}
