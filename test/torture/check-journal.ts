/**
 * What a journal says without a system: of one as kill -9 left it, and of one that was closed in order. Nothing of it
 * is touched.
 */
import { EnvelopeKind, parseEnvelope } from '../../src/core/envelope.js';
import { TroupeError } from '../../src/core/errors.js';
import * as check from '../../src/journal/check.js';
import { type LmdbReader, openJournalReader } from '../../src/journal/lmdb-reader.js';
import { Standing } from '../../src/journal/standing.js';

/**
 * Is the journal sound? The one place the torture asks.
 * @returns what is wrong with it, a sentence each; nothing when there is no journal yet
 */
export async function checkJournal(folder: string): Promise<string[]> {
  try {
    return await reading(folder, (reader) =>
      check.checkJournal(reader).problems.map(({ record, what }) => `${record}: ${what}`),
    );
  } catch (error) {
    return TroupeError.is(error, 'JOURNAL_MISSING') ? [] : [String(error)];
  }
}

/** The ids of effects whose last report is accepted and waits in their actor's mail: they must not run again. */
export async function settledEffects(folder: string): Promise<string[]> {
  return reading(folder, (reader) => {
    const { model } = new Standing(reader);
    return [...model.rows.inMemory()].flatMap((row) =>
      [...row.mail.items(model)].flatMap(({ bytes, offset, length }) => {
        const { kind, effectId } = parseEnvelope(bytes.subarray(offset, offset + length));
        return kind === EnvelopeKind.settle && effectId !== undefined ? [effectId] : [];
      }),
    );
  });
}

async function reading<T>(folder: string, look: (reader: LmdbReader) => T): Promise<T> {
  const reader = openJournalReader(folder);
  try {
    return look(reader);
  } finally {
    await reader.close();
  }
}
