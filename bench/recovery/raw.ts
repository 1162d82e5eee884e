/** The same bytes without us: lmdb asked for all records of a table, and the log files read and summed up. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { open } from 'lmdb';
import { recordHeaderBytes } from '../../src/journal/log-record.js';

/** What was read. */
export interface RawRead {
  readonly records: number;
  readonly bytes: number;
}

/** Every record of some tables, keys and values as buffers. */
export function readTables(folder: string, names: readonly string[]): RawRead {
  const root = open<Buffer, string>({ path: folder, noSubdir: false, readOnly: true, encoding: 'binary', maxDbs: 20 });
  let records = 0;
  let bytes = 0;
  for (const name of names) {
    const table = root.openDB<Buffer, Buffer>(name, { encoding: 'binary', keyEncoding: 'binary' });
    for (const { key, value } of table.getRange()) {
      records += 1;
      bytes += key.length + value.length;
    }
  }
  void root.close();
  return { records, bytes };
}

/** Every record of the log files, and its checksum. @throws Error when one does not match */
export function readLogFiles(folder: string): RawRead {
  let records = 0;
  let bytes = 0;
  const names = readdirSync(folder).filter((name) => name.startsWith('log-'));
  for (const name of names.sort()) {
    const file = readFileSync(path.join(folder, name));
    let at = 0;
    // Zeros follow the last record of a file.
    while (at + recordHeaderBytes <= file.length && file.readUInt32LE(at) !== 0) {
      const length = recordHeaderBytes + file.readUInt32LE(at + 8) + file.readUInt32LE(at + 12);
      if (crc32(file.subarray(at + 8, at + length)) !== file.readUInt32LE(at + 4)) {
        throw new Error(`${name}, byte ${at}: the checksum does not match`);
      }
      records += 1;
      bytes += length;
      at += length;
    }
  }
  return { records, bytes };
}
