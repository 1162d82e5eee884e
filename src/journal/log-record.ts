/**
 * The bytes of one batch in the log files. A record proves that it is whole, that it belongs to its
 * generation and that it follows the record before it.
 *
 *   header   u32 magic  u32 crc  u32 logBytes  u32 changesBytes   f64 generation  u32 ordinal
 *            u32 flushed  f64 position  u8 kind  7 zero bytes               (little-endian, 48 bytes)
 *   log      the journal's log record of this batch: a group (group.ts); `logBytes` may be 0
 *   changes  each: u8 table (+128: remove)  u16 keyBytes  key  [u32 valueBytes  value]
 *
 * The checksum covers everything behind it. `flushed` says how many records of the generation the disk had
 * acknowledged when this one was written: a damaged record below that number was not torn by a power cut.
 */
import { crc32 } from 'node:zlib';
import { ByteReader } from '../core/bytes.js';
import { TroupeError } from '../core/errors.js';
import { type Change, type Table, tables } from './store.js';
import { encodeKey } from './store-key.js';

/** Bytes before a record's content. */
export const recordHeaderBytes = 48;
/** 'trl1' */
const recordMagic = 0x316c7274;
const removeBit = 0x80;
/** The longest a record may be: its length fields are checked against it before they are believed. */
const recordBytesMax = 2 ** 31 - 1;
const crcFrom = 8;

/** What a record is. Stored: only add. */
export const RecordKind = {
  /** A batch: counts as soon as it is whole. */
  batch: 0,
  /** Begins a generation and says what it follows; its changes are a `Link` as JSON. */
  link: 1,
  /** A batch whose changes went straight to lmdb: counts when lmdb's mark covers it. */
  held: 2,
} as const;
/** One of `RecordKind`'s numbers. */
export type RecordKindValue = (typeof RecordKind)[keyof typeof RecordKind];

/** A change whose key is encoded. */
export interface KeyedChange {
  readonly table: Table;
  readonly key: string;
  readonly value: Buffer | undefined;
}

/** What a record says of itself. */
export interface RecordHeader {
  readonly kind: RecordKindValue;
  /** Grows each time the log is opened and with each file. */
  readonly generation: number;
  /** The record's number in its generation, from 0 (the link). */
  readonly ordinal: number;
  /** How many records of the generation were known to be on disk. */
  readonly flushed: number;
  /** The position of its log record; 0 when it has none. */
  readonly position: number;
  readonly logBytes: number;
  readonly changesBytes: number;
}

/** Encode the keys of a batch. Values still belong to the caller. */
export function keyChanges(changes: readonly Change[]): KeyedChange[] {
  return changes.map(keyChange);
}

/** Encode the key of a change. @throws TroupeError JOURNAL_WRITE for an unknown table or an illegal key */
export function keyChange({ table, key, value }: Change): KeyedChange {
  if (!tables.includes(table))
    throw new TroupeError('JOURNAL_WRITE', 'unknown table', { field: 'table', value: table });
  return { table, key: encodeKey(key), value: value === undefined ? undefined : asBuffer(value) };
}

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** How many bytes changes take in a record. */
export function changesBytes(changes: readonly KeyedChange[]): number {
  let bytes = 0;
  for (const { key, value } of changes) bytes += 3 + key.length + (value === undefined ? 0 : 4 + value.byteLength);
  return bytes;
}

/**
 * Write changes as bytes.
 * @returns the bytes, and the changes again with values that lie in them: nothing of the caller's is kept
 */
export function encodeChanges(changes: readonly KeyedChange[]): { bytes: Buffer; kept: KeyedChange[] } {
  const bytes = Buffer.allocUnsafeSlow(changesBytes(changes));
  let at = 0;
  const kept = changes.map(({ table, key, value }) => {
    bytes[at] = tables.indexOf(table) | (value === undefined ? removeBit : 0);
    bytes.writeUInt16LE(key.length, at + 1);
    bytes.write(key, at + 3, 'latin1');
    at += 3 + key.length;
    if (value === undefined) return { table, key, value };
    bytes.writeUInt32LE(value.byteLength, at);
    bytes.set(value, at + 4);
    at += 4 + value.byteLength;
    return { table, key, value: bytes.subarray(at - value.byteLength, at) };
  });
  return { bytes, kept };
}

/** Read what `encodeChanges` wrote; the values share its memory. */
export function decodeChanges(bytes: Buffer): KeyedChange[] {
  const reader = new ByteReader(bytes);
  const changes: KeyedChange[] = [];
  while (!reader.done) {
    const kind = reader.u8();
    const key = reader.raw(reader.u16()).toString('latin1');
    const value = (kind & removeBit) === 0 ? reader.bytes() : undefined;
    changes.push({ table: tables[kind & ~removeBit]!, key, value });
  }
  return changes;
}

/** The header of a record with this content, checksum included. */
export function encodeHeader(header: RecordHeader, log: Buffer, changes: Buffer): Buffer {
  const bytes = Buffer.alloc(recordHeaderBytes);
  bytes.writeUInt32LE(recordMagic, 0);
  bytes.writeUInt32LE(header.logBytes, 8);
  bytes.writeUInt32LE(header.changesBytes, 12);
  bytes.writeDoubleLE(header.generation, 16);
  bytes.writeUInt32LE(header.ordinal, 24);
  bytes.writeUInt32LE(header.flushed, 28);
  bytes.writeDoubleLE(header.position, 32);
  bytes.writeUInt8(header.kind, 40);
  let sum = crc32(bytes.subarray(crcFrom));
  // zlib takes an empty buffer without memory for "begin anew" and answers 0.
  for (const part of [log, changes]) if (part.length > 0) sum = crc32(part, sum);
  bytes.writeUInt32LE(sum, 4);
  return bytes;
}

/** What a header says, unproven; undefined when these bytes begin no record. */
export function readHeader(bytes: Buffer, at = 0): RecordHeader | undefined {
  if (at + recordHeaderBytes > bytes.length || bytes.readUInt32LE(at) !== recordMagic) return undefined;
  const header: RecordHeader = {
    logBytes: bytes.readUInt32LE(at + 8),
    changesBytes: bytes.readUInt32LE(at + 12),
    generation: bytes.readDoubleLE(at + 16),
    ordinal: bytes.readUInt32LE(at + 24),
    flushed: bytes.readUInt32LE(at + 28),
    position: bytes.readDoubleLE(at + 32),
    kind: bytes.readUInt8(at + 40) as RecordKindValue,
  };
  return recordBytes(header) <= recordBytesMax ? header : undefined;
}

/** The whole length of a record. */
export function recordBytes({ logBytes, changesBytes }: Pick<RecordHeader, 'logBytes' | 'changesBytes'>): number {
  return recordHeaderBytes + logBytes + changesBytes;
}

/** Does the checksum fit? @param record as long as its header says */
export function isWhole(record: Buffer): boolean {
  return crc32(record.subarray(crcFrom)) === record.readUInt32LE(4);
}

/** The place in a file, or in a buffer, of the next thing that looks like a record; -1 when there is none. */
export function nextMagic(bytes: Buffer, from: number): number {
  return bytes.indexOf('trl1', from, 'latin1');
}
