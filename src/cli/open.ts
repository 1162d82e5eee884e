/** Opening what a command works on. */
import { openJournalReader, type LmdbReader } from '../journal/lmdb-reader.js';
import type { LogDamage } from '../journal/log-walk.js';
import { Standing } from '../journal/standing.js';
import type { ActorRow } from '../journal/row.js';
import { TroupeError } from '../core/errors.js';

/** Do something with a journal, and let go of it whatever becomes of that. @throws what `openJournalReader` throws */
export async function withReader<T>(
  folder: string,
  use: (reader: LmdbReader) => T | Promise<T>,
  onDamage?: (damage: LogDamage) => void,
): Promise<T> {
  const reader = openJournalReader(folder, onDamage);
  try {
    return await use(reader);
  } finally {
    reader.close();
  }
}

/** The journal as it stands. @throws what `openJournalReader` throws; JOURNAL_CORRUPT */
export async function withStanding<T>(folder: string, use: (standing: Standing) => T | Promise<T>): Promise<T> {
  return withReader(folder, (reader) => use(new Standing(reader)));
}

/** An actor by its path or, as `#17`, its number. @throws ACTOR_UNKNOWN */
export function requireActor(standing: Standing, target: string): ActorRow {
  const row = standing.find(target);
  if (row !== undefined) return row;
  throw new TroupeError('ACTOR_UNKNOWN', `no actor has ever lived at ${target}`, { field: 'path', value: target });
}
