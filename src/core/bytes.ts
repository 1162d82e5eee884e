/**
 * Writing and reading the kernel's own binary records: little-endian, no self-description, no
 * allocation per field. Numbers that may pass 2^32 (actor numbers, sequence numbers, times) are
 * doubles, exact up to 2^53.
 */

import { TroupeError } from './errors.js';

const initialBytes = 4096;
/** Up to here a loop is quicker than a native copy. */
const shortBytes = 64;

/** A buffer that grows as fields are appended. Reused: `reset` keeps the memory. */
export class ByteWriter {
  private buffer: Buffer;
  private view: DataView;
  /** Up to where may be written without a further look: the buffer's size, or nowhere while it is lent. */
  private limit: number;
  /** Bytes written so far. */
  length = 0;

  constructor(capacityBytes = initialBytes) {
    this.buffer = Buffer.allocUnsafeSlow(capacityBytes);
    this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.buffer.byteLength);
    this.limit = capacityBytes;
  }

  /** Forget what was written. */
  reset(): void {
    this.length = 0;
  }

  /** Forget what was written after `length` was this. */
  truncate(length: number): void {
    this.length = length;
  }

  u8(value: number): void {
    this.ensure(1);
    this.buffer[this.length++] = value;
  }

  u16(value: number): void {
    this.ensure(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
  }

  u32(value: number): void {
    this.ensure(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  f64(value: number): void {
    this.ensure(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** UTF-8 with a 32-bit length before it. */
  str(value: string): void {
    this.ensure(4 + value.length * 3);
    const written = this.buffer.write(value, this.length + 4, 'utf8');
    this.view.setUint32(this.length, written, true);
    this.length += 4 + written;
  }

  /** Bytes with a 32-bit length before them. */
  bytes(value: Uint8Array): void {
    this.u32(value.byteLength);
    this.raw(value);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    this.rawFrom(value, 0, value.byteLength);
  }

  /** `count` bytes of a buffer that is not to be cut, from `from` on. */
  rawFrom(value: Uint8Array, from: number, count: number): void {
    this.ensure(count);
    const { buffer, length } = this;
    if (count <= shortBytes) {
      for (let at = 0; at < count; at += 1) buffer[length + at] = value[from + at] as number;
    } else {
      const isWhole = from === 0 && value.byteLength === count;
      buffer.set(isWhole ? value : value.subarray(from, from + count), length);
    }
    this.length += count;
  }

  /** Make room for `count` bytes and move behind them. Returns where they begin in `memory`. */
  grow(count: number): number {
    this.ensure(count);
    const at = this.length;
    this.length += count;
    return at;
  }

  /** The memory fields are written to; another one after every write that may grow it. */
  get memory(): DataView {
    return this.view;
  }

  /** The same memory as bytes, also what is not written yet. */
  get whole(): Buffer {
    return this.buffer;
  }

  /** Somebody writes into the memory from `length` on: until it is given back, nobody else may. */
  lend(): void {
    this.limit = -1;
  }

  /** It is given back. @param length how much is written now */
  giveBack(length: number): void {
    this.length = length;
    this.limit = this.buffer.byteLength;
  }

  /** Make sure of room for `count` bytes behind the first `used`, also while it is lent. */
  reserve(used: number, count: number): void {
    if (used + count > this.buffer.byteLength) this.enlarge(used, used + count);
  }

  /** Overwrite a number written before. */
  patchU32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  /** What was written, sharing memory with the writer: valid until the next write. */
  view8(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** What was written, as a copy of its own. */
  copy(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length));
  }

  private ensure(more: number): void {
    const needed = this.length + more;
    if (needed <= this.limit) return;
    if (this.limit < 0) {
      const message = 'a getter of a message may not send, ask, spawn or stop: the message itself is being written';
      throw new TroupeError('PAYLOAD_NOT_CARRIABLE', message);
    }
    this.enlarge(this.length, needed);
    this.limit = this.buffer.byteLength;
  }

  private enlarge(used: number, needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.byteLength * 2));
    this.buffer.copy(grown, 0, 0, used);
    this.buffer = grown;
    this.view = new DataView(grown.buffer, grown.byteOffset, grown.byteLength);
  }
}

const internedMax = 4_096;
const interned = new Map<string, string>();

/**
 * One copy of a text that many records repeat (names, module URLs): read from bytes it would be a new string each time.
 * What is kept is bounded; beyond it everything is forgotten and begins anew.
 */
export function intern(text: string): string {
  const known = interned.get(text);
  if (known !== undefined) return known;
  if (interned.size >= internedMax) interned.clear();
  interned.set(text, text);
  return text;
}

/** Reads what `ByteWriter` wrote. Throws RangeError past the end. */
export class ByteReader {
  private view: DataView;

  constructor(
    private buffer: Buffer,
    public at = 0,
    private end = buffer.byteLength,
  ) {
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  /** The buffer being read. */
  get source(): Buffer {
    return this.buffer;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    const value = this.view.getUint8(this.at);
    this.at += 1;
    return value;
  }

  u16(): number {
    const value = this.view.getUint16(this.at, true);
    this.at += 2;
    return value;
  }

  u32(): number {
    const value = this.view.getUint32(this.at, true);
    this.at += 4;
    return value;
  }

  f64(): number {
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  str(): string {
    const length = this.u32();
    const value = this.buffer.toString('utf8', this.at, this.at + length);
    this.at += length;
    return value;
  }

  /** A view into the source: copy it if it must outlive the source. */
  bytes(): Buffer {
    const length = this.u32();
    return this.raw(length);
  }

  /** A view of the next `length` bytes. */
  raw(length: number): Buffer {
    if (this.at + length > this.end) throw new RangeError('record ends in the middle of a field');
    const value = this.buffer.subarray(this.at, this.at + length);
    this.at += length;
    return value;
  }

  /** Move on. */
  skip(count: number): void {
    if (this.at + count > this.end) throw new RangeError('record ends in the middle of a field');
    this.at += count;
  }

  /** A 32-bit number further on, without moving. */
  peekU32(): number {
    return this.view.getUint32(this.at, true);
  }
}
