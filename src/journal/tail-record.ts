/**
 * The bytes of one batch in the tail file. A record proves that it is whole, that it belongs to this
 * generation of the tail and that it follows the one before it.
 *
 *   header   u32 magic  u32 bodyBytes  u32 crc  u32 ordinal  f64 generation     (little-endian)
 *   change   u8 table (+128: remove)  u16 keyBytes  key  [u32 valueBytes  value]
 *
 * The checksum covers header (with its own field zero) and body.
 */
import { crc32 } from 'node:zlib';
import { ByteReader } from '../core/bytes.js';
import { TroupeError } from '../core/errors.js';
import { type Change, type Table, tables } from './store.js';
import { encodeKey } from './store-key.js';

/** Bytes before the first change. */
export const tailHeaderBytes = 24;
/** 'trp1' */
const tailMagic = 0x31707274;
const removeBit = 0x80;
/** The longest a record may be: its length field is checked against it before it is believed. */
const tailRecordBytesMax = 2 ** 31 - 1;

/** A change whose key is encoded. */
export interface KeyedChange {
  readonly table: Table;
  readonly key: string;
  readonly value: Buffer | undefined;
}

/** Where in the tail a record stands. */
export interface TailPlace {
  /** Grows each time the tail starts anew. */
  readonly generation: number;
  /** The record's number in its generation, from 0. */
  readonly ordinal: number;
}

/** Encode the keys of a batch. Values still belong to the caller. */
export function keyChanges(changes: readonly Change[]): KeyedChange[] {
  return changes.map(({ table, key, value }) => {
    if (!tables.includes(table))
      throw new TroupeError('JOURNAL_WRITE', 'unknown table', { field: 'table', value: table });
    return { table, key: encodeKey(key), value: value === undefined ? undefined : asBuffer(value) };
  });
}

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** How many bytes a batch takes as a record. */
export function tailRecordBytes(changes: readonly KeyedChange[]): number {
  let bytes = tailHeaderBytes;
  for (const { key, value } of changes) bytes += 3 + key.length + (value === undefined ? 0 : 4 + value.byteLength);
  return bytes;
}

/**
 * Write a batch as a record.
 * @returns the record, and the changes again with values that lie in the record: nothing of the caller's is kept
 */
export function encodeTailRecord(
  changes: readonly KeyedChange[],
  place: TailPlace,
): { record: Buffer; kept: KeyedChange[] } {
  const record = Buffer.allocUnsafeSlow(tailRecordBytes(changes));
  let at = tailHeaderBytes;
  const kept = changes.map(({ table, key, value }) => {
    record[at] = tables.indexOf(table) | (value === undefined ? removeBit : 0);
    record.writeUInt16LE(key.length, at + 1);
    record.write(key, at + 3, 'latin1');
    at += 3 + key.length;
    if (value === undefined) return { table, key, value };
    record.writeUInt32LE(value.byteLength, at);
    record.set(value, at + 4);
    at += 4 + value.byteLength;
    return { table, key, value: record.subarray(at - value.byteLength, at) };
  });
  writeHeader(record, place);
  return { record, kept };
}

function writeHeader(record: Buffer, { generation, ordinal }: TailPlace): void {
  record.writeUInt32LE(tailMagic, 0);
  record.writeUInt32LE(record.byteLength - tailHeaderBytes, 4);
  record.writeUInt32LE(0, 8);
  record.writeUInt32LE(ordinal, 12);
  record.writeDoubleLE(generation, 16);
  record.writeUInt32LE(crc32(record), 8);
}

/**
 * The whole length of the record a header announces, or -1 when it is no header of this place.
 * @param header `tailHeaderBytes` bytes
 */
export function announcedBytes(header: Buffer, { generation, ordinal }: TailPlace): number {
  const belongs =
    header.readUInt32LE(0) === tailMagic &&
    header.readUInt32LE(12) === ordinal &&
    header.readDoubleLE(16) === generation;
  const bytes = tailHeaderBytes + header.readUInt32LE(4);
  return belongs && bytes <= tailRecordBytesMax ? bytes : -1;
}

/**
 * The changes in a record, sharing its memory.
 * @param record as long as its header announces; the checksum field is zeroed
 * @returns undefined when the checksum does not fit: the record was cut or damaged
 */
export function decodeTailRecord(record: Buffer): KeyedChange[] | undefined {
  const sum = record.readUInt32LE(8);
  record.writeUInt32LE(0, 8);
  if (crc32(record) !== sum) return undefined;
  const reader = new ByteReader(record, tailHeaderBytes);
  const changes: KeyedChange[] = [];
  while (!reader.done) {
    const kind = reader.u8();
    const key = reader.raw(reader.u16()).toString('latin1');
    const value = (kind & removeBit) === 0 ? reader.bytes() : undefined;
    changes.push({ table: tables[kind & ~removeBit]!, key, value });
  }
  return changes;
}
