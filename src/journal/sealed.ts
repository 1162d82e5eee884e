/**
 * A value with its checksum before it. Every value of every table is sealed, one way or another: rows and log records
 * carry theirs inside. The store's own files have no checksum of content, so a flipped bit shows here or nowhere.
 *
 *   u32 crc of the body   body
 */
import { crc32 } from 'node:zlib';
import { TroupeError } from '../core/errors.js';

/** A body with its seal. */
export function seal(body: Uint8Array): Buffer {
  const value = Buffer.allocUnsafe(4 + body.byteLength);
  value.set(body, 4);
  value.writeUInt32LE(crc32(body), 0);
  return value;
}

/**
 * The body of a sealed value, sharing its memory.
 * @param where which value it is, for the error: `mail 5/17`
 * @throws TroupeError JOURNAL_CORRUPT naming `where`
 */
export function unseal(value: Buffer, where: string): Buffer {
  const body = value.subarray(4);
  if (value.byteLength < 4 || value.readUInt32LE(0) !== crc32(body)) {
    throw new TroupeError('JOURNAL_CORRUPT', `${where}: checksum does not match its bytes`, { value: where });
  }
  return body;
}
