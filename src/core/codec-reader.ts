/**
 * The codec's reader. It trusts nothing: bytes that the writer could not have written are refused, so a
 * corrupted record can cost an error but never a wrong object prototype, a runaway allocation or a hang.
 *
 * R1  Nothing returned shares memory with the source.
 * R2  A key `__proto__` becomes an own property and nothing else.
 * R3  No length is believed before it is checked against the bytes that are left.
 */
import { durabilityKinds, Extension, viewKinds } from './codec-format.js';
import { fromPlain, TroupeError, type PlainError } from './errors.js';
import { limits } from './limits.js';
import { ActorRef, ReplyTo } from './ref.js';

/** Keys and short texts repeat; looking one up is cheaper than making it, and keeps one copy in memory. */
const cacheSize = 2_048;
/** Longer texts are not looked up. */
const cachedBytesMax = 24;

const nothing = Buffer.alloc(0);

let source: Buffer = nothing;
let at = 0;
let end = 0;
const cachedTexts: (string | undefined)[] = new Array<string | undefined>(cacheSize);

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

/** Decode a value; see `decode` in codec.ts. Needs no care for re-entry: no user code runs in here. */
export function readValue(bytes: Uint8Array): unknown {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readValueAt(buffer, 0, buffer.length);
}

/** Decode the value that is all of `bytes` from `first` to `last`. */
export function readValueAt(bytes: Buffer, first: number, last: number): unknown {
  source = bytes;
  at = first;
  end = last;
  try {
    const value = read(0);
    if (at !== end) throw malformed(`${end - at} bytes follow the value`);
    return value;
  } catch (error) {
    if (TroupeError.is(error)) throw error;
    throw malformed(error instanceof Error ? error.message : String(error));
  } finally {
    source = nothing;
  }
}

function malformed(why: string): TroupeError {
  return new TroupeError('BYTES_MALFORMED', `not an encoded value: ${why} (at byte ${at} of ${end})`);
}

/** R3: make sure of `bytes` more bytes. */
function need(bytes: number): void {
  if (bytes > end - at) throw malformed(`${bytes} bytes are announced and ${end - at} left`);
}

function uint8(): number {
  need(1);
  return source[at++]!;
}

function uint16(): number {
  need(2);
  return (source[at++]! << 8) | source[at++]!;
}

function uint32(): number {
  need(4);
  return ((source[at++]! << 24) | (source[at++]! << 16) | (source[at++]! << 8) | source[at++]!) >>> 0;
}

/** Eight bytes into the scratch view. */
function eight(): DataView {
  need(8);
  for (let index = 0; index < 8; index += 1) scratchBytes[index] = source[at++]!;
  return scratch;
}

function read(depth: number): unknown {
  const token = uint8();
  if (token < 0x80) return token;
  if (token < 0x90) return readRecord(token & 0x0f, {}, depth);
  if (token < 0xa0) return readArray(token & 0x0f, depth);
  if (token < 0xc0) return readText(token & 0x1f);
  if (token >= 0xe0) return token - 0x100;
  return readLong(token, depth);
}

function readLong(token: number, depth: number): unknown {
  switch (token) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
      return readBuffer(uint8());
    case 0xc5:
      return readBuffer(uint16());
    case 0xc6:
      return readBuffer(uint32());
    case 0xc9:
      return readExtension(uint32(), depth);
    case 0xcb:
      return eight().getFloat64(0);
    case 0xcc:
      return uint8();
    case 0xcd:
      return uint16();
    case 0xce:
      return uint32();
    case 0xcf:
      return eight().getBigUint64(0);
    case 0xd0:
      return (uint8() << 24) >> 24;
    case 0xd1:
      return (uint16() << 16) >> 16;
    case 0xd2:
      return uint32() | 0;
    case 0xd3:
      return eight().getBigInt64(0);
    case 0xd4:
      return readUndefined();
    case 0xd7:
      return readDate();
    case 0xd9:
      return readText(uint8());
    case 0xda:
      return readText(uint16());
    case 0xdb:
      return readText(uint32());
    case 0xdc:
      return readArray(uint16(), depth);
    case 0xdd:
      return readArray(uint32(), depth);
    case 0xde:
      return readRecord(uint16(), {}, depth);
    case 0xdf:
      return readRecord(uint32(), {}, depth);
    default:
      throw malformed(`byte 0x${token.toString(16)} begins no value`);
  }
}

function readUndefined(): undefined {
  if (uint16() !== Extension.undefined << 8) throw malformed('an unknown extension of one byte');
  return undefined;
}

function readDate(): Date {
  if (uint8() !== Extension.date) throw malformed('an unknown extension of eight bytes');
  return new Date(eight().getFloat64(0));
}

function readText(bytes: number): string {
  need(bytes);
  const start = at;
  at += bytes;
  if (bytes <= cachedBytesMax) return readCachedText(start, bytes);
  return source.toString('utf8', start, at);
}

function readCachedText(start: number, bytes: number): string {
  let hash = bytes;
  let isAscii = true;
  for (let index = start; index < at; index += 1) {
    const byte = source[index]!;
    if (byte >= 0x80) isAscii = false;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  if (!isAscii) return source.toString('utf8', start, at);
  const slot = (hash ^ (hash >>> 11)) & (cacheSize - 1);
  const cached = cachedTexts[slot];
  if (cached !== undefined && cached.length === bytes && equalsAscii(cached, start)) return cached;
  const text = source.toString('latin1', start, at);
  cachedTexts[slot] = text;
  return text;
}

function equalsAscii(text: string, start: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) !== source[start + index]) return false;
  }
  return true;
}

function readRecord(count: number, into: Record<string, unknown>, depth: number): Record<string, unknown> {
  checkNesting(count * 2, depth);
  for (let index = 0; index < count; index += 1) {
    const key = read(depth + 1);
    if (typeof key !== 'string') throw malformed('a key that is no text');
    const value = read(depth + 1);
    if (key === '__proto__') {
      Object.defineProperty(into, key, { value, writable: true, enumerable: true, configurable: true });
    } else {
      into[key] = value;
    }
  }
  return into;
}

function readArray(count: number, depth: number): unknown[] {
  checkNesting(count, depth);
  const items: unknown[] = new Array(count);
  for (let index = 0; index < count; index += 1) items[index] = read(depth + 1);
  return items;
}

/** R3: every part takes a byte at least. */
function checkNesting(parts: number, depth: number): void {
  need(parts);
  if (depth >= limits.payloadDepthMax) throw malformed('nested too deep');
}

/** R1: memory of its own, not a slice of Node's pool. */
function readBytes(bytes: number): ArrayBuffer {
  need(bytes);
  const copy = new Uint8Array(bytes);
  copy.set(source.subarray(at, at + bytes));
  at += bytes;
  return copy.buffer;
}

function readBuffer(bytes: number): Buffer {
  return Buffer.from(readBytes(bytes));
}

function readExtension(bytes: number, depth: number): unknown {
  need(bytes + 1);
  const type = uint8();
  const after = at + bytes;
  const value = readExtensionOf(type, bytes, depth);
  if (at !== after) throw malformed('an extension whose length is wrong');
  return value;
}

function readExtensionOf(type: number, bytes: number, depth: number): unknown {
  switch (type) {
    case Extension.bigint:
      return readBigint(bytes);
    case Extension.string16:
      return Buffer.from(readBytes(bytes)).toString('utf16le');
    case Extension.view:
      return readView(bytes);
    case Extension.map:
      return readMap(depth);
    case Extension.set:
      return new Set(nestedArray(depth));
    case Extension.bare:
      return readRecord(nestedCount(0x80, 0xde), Object.create(null) as Record<string, unknown>, depth);
    case Extension.error:
      return readError(depth);
    case Extension.ref:
      return readRef(depth);
    case Extension.replyTo: {
      const [session, askId] = nestedArray(depth);
      return new ReplyTo(session as number, askId as number);
    }
    default:
      throw malformed(`extension ${type} is unknown`);
  }
}

function readBigint(bytes: number): bigint {
  if (bytes < 2) throw malformed('an empty bigint');
  const negative = uint8() === 1;
  const magnitude = BigInt(`0x${Buffer.from(readBytes(bytes - 1)).toString('hex')}`);
  return negative ? -magnitude : magnitude;
}

function readView(bytes: number): unknown {
  const kind = viewKinds[uint8()];
  if (kind === undefined || bytes < 1) throw malformed('bytes of an unknown kind');
  const copy = readBytes(bytes - 1);
  if (kind === ArrayBuffer) return copy;
  if ('BYTES_PER_ELEMENT' in kind && copy.byteLength % kind.BYTES_PER_ELEMENT !== 0) {
    throw malformed(`a ${kind.name} of ${copy.byteLength} bytes`);
  }
  return new (kind as new (buffer: ArrayBuffer) => unknown)(copy);
}

function readMap(depth: number): Map<unknown, unknown> {
  const count = nestedCount(0x80, 0xde);
  checkNesting(count * 2, depth);
  const map = new Map<unknown, unknown>();
  for (let index = 0; index < count; index += 1) {
    const key = read(depth + 1);
    map.set(key, read(depth + 1));
  }
  return map;
}

function readError(depth: number): Error {
  const plain = readRecord(nestedCount(0x80, 0xde), {}, depth);
  if (typeof plain.name !== 'string' || typeof plain.message !== 'string')
    throw malformed('an error without a message');
  return fromPlain(plain as unknown as PlainError);
}

function readRef(depth: number): ActorRef {
  const [path, aid, durability] = nestedArray(depth);
  const level = durabilityKinds[durability as number];
  if (typeof path !== 'string' || typeof aid !== 'number' || level === undefined) throw malformed('a broken ref');
  return new ActorRef(path, aid, level);
}

function nestedArray(depth: number): unknown[] {
  return readArray(nestedCount(0x90, 0xdc), depth);
}

function nestedCount(short: number, long: number): number {
  const token = uint8();
  if (token >= short && token < short + 0x10) return token & 0x0f;
  if (token === long) return uint16();
  if (token === long + 1) return uint32();
  throw malformed('an extension that holds the wrong type');
}
