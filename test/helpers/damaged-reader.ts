/** A journal some of whose values are not what was written: for tests of whoever must notice. */
import type { JournalReader, LogRecord, StoreKey, Table } from '../../src/journal/store.js';

/** What to show instead; undefined: nothing, as if it were not there. */
export type Damage = (place: string, value: Buffer) => Buffer | undefined;

/** A value's place as `Damage` gets it: `rows 5`, `mail 5,17`, `log 3`. */
function placeOf(table: string, key: StoreKey): string {
  return `${table} ${String(key)}`;
}

/** Shows the values of a sound reader through `damage`. */
export class DamagedReader implements JournalReader {
  constructor(
    private readonly sound: JournalReader,
    private readonly damage: Damage,
  ) {}

  get(table: Table, key: StoreKey): Buffer | undefined {
    const value = this.sound.get(table, key);
    return value === undefined ? undefined : this.damage(placeOf(table, key), value);
  }

  *scan(table: Table, from?: StoreKey, to?: StoreKey): Generator<{ key: StoreKey; value: Buffer }> {
    for (const { key, value } of this.sound.scan(table, from, to)) {
      const shown = this.damage(placeOf(table, key), value);
      if (shown !== undefined) yield { key, value: shown };
    }
  }

  *readLog(from?: number, to?: number): Generator<LogRecord> {
    for (const { position, bytes } of this.sound.readLog(from, to)) {
      const shown = this.damage(placeOf('log', position), bytes);
      if (shown !== undefined) yield { position, bytes: shown };
    }
  }

  close(): void {
    // The sound one belongs to the test.
  }
}

/** Every value a journal has. */
export function* allValues(reader: JournalReader): Generator<{ place: string; value: Buffer }> {
  for (const table of ['rows', 'paths', 'mail', 'dead', 'meta'] as const) {
    for (const { key, value } of reader.scan(table)) yield { place: placeOf(table, key), value };
  }
  for (const { position, bytes } of reader.readLog()) yield { place: placeOf('log', position), value: bytes };
}
