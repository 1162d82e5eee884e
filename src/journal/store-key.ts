/**
 * Store keys as strings of bytes (one character per byte) whose plain string order is the order the
 * store promises: numbers before names, numbers by value, a number before the pairs that begin with it.
 * Every table of every store, and the log files, use these bytes; nothing depends on a library's order.
 *
 *   number   01  8 bytes big-endian
 *   pair     01  8 bytes big-endian  8 bytes big-endian
 *   name     02  UTF-8
 */
import { describeBriefly, TroupeError } from '../core/errors.js';
import type { StoreKey } from './store.js';

/** Longest name, in bytes of UTF-8. */
const nameBytesMax = 1_024;
/** Sorts before every key. */
export const lowestKey = '\x00';
/** Sorts after every key. */
export const highestKey = '\xff';

/**
 * A key's bytes, as a string of characters 0 to 255.
 * @throws TroupeError JOURNAL_WRITE when it is no legal key
 */
export function encodeKey(key: StoreKey): string {
  if (typeof key === 'number') return `\x01${encodeNumber(key, key)}`;
  if (typeof key === 'string') return encodeName(key);
  if (!Array.isArray(key) || key.length !== 2) throw illegalKey(key);
  return `\x01${encodeNumber(key[0] as number, key)}${encodeNumber(key[1] as number, key)}`;
}

/** The way back from `encodeKey`. */
export function decodeKey(bytes: string): StoreKey {
  if (bytes.charCodeAt(0) === 2) return Buffer.from(bytes, 'latin1').toString('utf8', 1);
  const first = decodeNumber(bytes, 1);
  return bytes.length === 9 ? first : [first, decodeNumber(bytes, 9)];
}

function encodeNumber(value: number, key: StoreKey): string {
  if (!Number.isSafeInteger(value) || value < 0) throw illegalKey(key);
  const high = Math.floor(value / 2 ** 32);
  const low = value >>> 0;
  return String.fromCharCode(
    0,
    (high >>> 16) & 255,
    (high >>> 8) & 255,
    high & 255,
    low >>> 24,
    (low >>> 16) & 255,
    (low >>> 8) & 255,
    low & 255,
  );
}

function decodeNumber(bytes: string, at: number): number {
  let value = 0;
  for (let index = at; index < at + 8; index += 1) value = value * 256 + bytes.charCodeAt(index);
  return value;
}

function encodeName(name: string): string {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.byteLength === 0 || bytes.byteLength > nameBytesMax) throw illegalKey(name);
  return `\x02${bytes.toString('latin1')}`;
}

function illegalKey(key: unknown): TroupeError {
  const message = `a store key is a non-negative safe integer, a pair of them, or a name of 1 to ${nameBytesMax} bytes`;
  return new TroupeError('JOURNAL_WRITE', `${message}; got ${describeBriefly(key)}`, { field: 'key', value: key });
}
