/**
 * A whole journal in one file that explains itself: JSON lines, with the values in base64. What is written is one
 * instant of the journal, byte for byte; what is read must be exactly that.
 *
 *   {"export":"troupe journal","version":1,"position":812,"seq":4711}
 *   ["log",1,"base64 ...",checksum]            every log record that is kept, in order
 *   ["rows",7,"base64 ...",checksum]           then every table, in order of its keys
 *   {"end":true,"records":1234,"sha256":"..."} of all lines before
 *
 * X1  Records come in one order only, each once: a line that does not follow its predecessor is refused. So an export
 *     that was put together of parts is noticed, and one that was cut is, by its missing end.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { TroupeError } from '../core/errors.js';
import { readMark } from './checkpoint.js';
import { type Change, type JournalReader, type JournalStore, type StoreKey, type Table, tables } from './store.js';
import { encodeKey } from './store-key.js';

const exportName = 'troupe journal';
/** Grows when older code could not read what is written. */
const exportVersion = 1;
/** Changes of so many bytes go into one commit. */
const batchBytesMax = 1 << 20;

type Line = [table: string, key: StoreKey, base64: string, checksum: number];

/** How much an export holds. */
export interface ExportCounts {
  /** Values of the tables and records of the log. */
  records: number;
  logRecords: number;
}

/**
 * The lines of an export, each with its line break.
 * @returns how much they hold
 * @throws TroupeError JOURNAL_CORRUPT
 */
export function* exportLines(reader: JournalReader): Generator<string, ExportCounts> {
  const sum = createHash('sha256');
  const counts: ExportCounts = { records: 0, logRecords: 0 };
  const finish = (line: object): string => {
    const text = `${JSON.stringify(line)}\n`;
    sum.update(text);
    return text;
  };
  const record = (table: string, key: StoreKey, value: Buffer): string => {
    counts.records += 1;
    return finish([table, key, value.toString('base64'), crc32(value)] satisfies Line);
  };
  const mark = readMark(reader);
  yield finish({ export: exportName, version: exportVersion, position: mark?.position ?? 0, seq: mark?.seq ?? 0 });
  for (const { position, bytes } of reader.readLog()) {
    counts.logRecords += 1;
    yield record('log', position, bytes);
  }
  for (const table of tables) {
    for (const { key, value } of reader.scan(table)) yield record(table, key, value);
  }
  yield `${JSON.stringify({ end: true, records: counts.records, sha256: sum.digest('hex') })}\n`;
  return counts;
}

/**
 * Put an export into an empty store.
 * @param lines without their line breaks
 * @param name of the export, for errors
 * @throws TroupeError NOT_AN_EXPORT, EXPORT_NEWER, EXPORT_DAMAGED, naming the line; what `commit` throws. The store
 *   then holds a part, and is good for nothing
 */
export async function importLines(
  lines: AsyncIterable<string> | Iterable<string>,
  store: JournalStore,
  name: string,
): Promise<ExportCounts> {
  const importer = new Importer(store, name);
  for await (const line of lines) await importer.take(line);
  return importer.finish();
}

class Importer {
  private readonly sum = createHash('sha256');
  private number = 0;
  private last = { rank: -1, key: '' };
  private counts: ExportCounts = { records: 0, logRecords: 0 };
  private batch: Change[] = [];
  private batchBytes = 0;
  private isEnded = false;

  constructor(
    private readonly store: JournalStore,
    private readonly name: string,
  ) {}

  async take(text: string): Promise<void> {
    this.number += 1;
    if (this.isEnded) throw this.damaged('more follows its end: it was put together of parts');
    const line = this.parse(text);
    if (this.number === 1) this.takeHeader(line);
    else if (Array.isArray(line)) await this.takeRecord(line as Line);
    else return this.takeEnd(line as { end?: unknown; records?: unknown; sha256?: unknown });
    this.sum.update(`${text}\n`);
  }

  async finish(): Promise<ExportCounts> {
    if (this.number === 0) throw this.foreign('it is empty');
    if (!this.isEnded) throw this.damaged('it ends before its end: it was cut short; copy it anew');
    await this.commitBatch();
    await this.store.flush();
    return this.counts;
  }

  private parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      if (this.number === 1) throw this.foreign('its first line is no JSON');
      throw this.damaged('it is no JSON: the file was cut or changed');
    }
  }

  private takeHeader(line: unknown): void {
    const { export: what, version } = (line ?? {}) as { export?: unknown; version?: unknown };
    if (what !== exportName || typeof version !== 'number')
      throw this.foreign('its first line is not that of an export');
    if (version <= exportVersion) return;
    const message = `${this.name} has version ${version}; this version of troupe reads up to ${exportVersion}`;
    throw new TroupeError('EXPORT_NEWER', `${message}; import it with a newer one`, { value: this.name });
  }

  private async takeRecord([table, key, base64, checksum]: Line): Promise<void> {
    const rank = table === 'log' ? 0 : tables.indexOf(table as Table) + 1;
    if (rank === 0 && table !== 'log') throw this.damaged(`there is no table ${String(table)}`);
    const value = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined;
    if (value === undefined || crc32(value) !== checksum) throw this.damaged('its checksum does not match');
    this.follow(rank, key);
    this.counts.records += 1;
    if (table === 'log') {
      this.counts.logRecords += 1;
      await this.store.commit([], 'committed', { position: key as number, bytes: value });
      return;
    }
    this.batch.push({ table: table as Table, key, value });
    this.batchBytes += value.length;
    if (this.batchBytes >= batchBytesMax) await this.commitBatch();
  }

  /** X1 */
  private follow(rank: number, key: StoreKey): void {
    let encoded: string;
    try {
      encoded = encodeKey(key);
    } catch {
      throw this.damaged(`${JSON.stringify(key)} is no key`);
    }
    const { last } = this;
    const follows = rank > last.rank || (rank === last.rank && encoded > last.key);
    if (!follows) throw this.damaged('it does not follow the line before: parts of the export are doubled');
    this.last = { rank, key: encoded };
  }

  private takeEnd({ end, records, sha256 }: { end?: unknown; records?: unknown; sha256?: unknown }): void {
    if (end !== true) throw this.damaged('it is neither a record nor the end');
    if (records !== this.counts.records)
      throw this.damaged(`${String(records)} records are announced, ${this.counts.records} came`);
    if (sha256 !== this.sum.digest('hex')) throw this.damaged('the checksum of the whole does not match');
    this.isEnded = true;
  }

  private async commitBatch(): Promise<void> {
    if (this.batch.length > 0) await this.store.commit(this.batch, 'committed');
    this.batch = [];
    this.batchBytes = 0;
  }

  private foreign(why: string): TroupeError {
    const message = `${this.name} is no export of a troupe journal: ${why}`;
    return new TroupeError('NOT_AN_EXPORT', message, { value: this.name });
  }

  private damaged(why: string): TroupeError {
    return new TroupeError('EXPORT_DAMAGED', `${this.name}, line ${this.number}: ${why}`, { value: this.name });
  }
}
