/**
 * A group: the frames committed by one transaction, as one log record. Building one copies each frame
 * once, from its link straight into the record; rows keep views into it. Records are carved from slabs,
 * so that a small group does not cost a large allocation.
 *
 *   u32 crc of all that follows   u32 bytes of the whole record
 *   u16 format  u8 level  u8 zero  u32 frames
 *   f64 position  f64 seq  f64 aid  f64 session   counters before the group
 *   f64 time      milliseconds since the epoch
 *   frames: f64 session  u32 bytes  u32 zero  bytes
 */
import { crc32 } from 'node:zlib';
import { TroupeError } from '../core/errors.js';
import type { Counters } from './model.js';
import type { CommitLevel } from './store.js';

/** Bytes before the first frame. */
const groupHeaderBytes = 56;
/** Bytes before each frame's own. */
const frameEntryBytes = 16;

const groupFormat = 1;
const slabBytes = 1 << 20;

/** Builds one record at a time. */
export class GroupBuilder {
  private slab = Buffer.alloc(0);
  private slabAt = 0;
  /** The record being built; frames lie at the offsets `frame` returned. */
  buffer = this.slab;
  private start = 0;
  private end = 0;
  frames = 0;

  /** Begin a record. */
  begin(): void {
    this.frames = 0;
    this.reserve(groupHeaderBytes);
    this.start = this.slabAt;
    this.end = this.start + groupHeaderBytes;
  }

  /** Bytes so far. */
  get length(): number {
    return this.end - this.start;
  }

  /**
   * Make room for one frame and return where its bytes go in `buffer`. Earlier offsets stay valid
   * until then: when the slab is too small the whole record moves, so ask before applying anything.
   * @returns the offset, or -1 when the record would have to move (commit what is there first)
   */
  frame(session: number, length: number): number {
    const needed = frameEntryBytes + length;
    if (this.end + needed > this.buffer.length) {
      if (this.frames > 0) return -1;
      this.reserve(groupHeaderBytes + needed);
      this.start = this.slabAt;
      this.end = this.start + groupHeaderBytes;
    }
    this.buffer.writeDoubleLE(session, this.end);
    this.buffer.writeUInt32LE(length, this.end + 8);
    this.buffer.writeUInt32LE(0, this.end + 12);
    const at = this.end + frameEntryBytes;
    this.end = at + length;
    this.frames += 1;
    return at;
  }

  /**
   * Add the journal's own frame behind those that are applied. This one may move the record: views of its old place
   * stay as they are.
   */
  append(session: number, bytes: Uint8Array): void {
    const at = this.frame(session, bytes.byteLength);
    if (at >= 0) {
      this.buffer.set(bytes, at);
      return;
    }
    const built = this.buffer.subarray(this.start, this.end);
    this.reserve(built.length + frameEntryBytes + bytes.byteLength);
    this.buffer.set(built, this.slabAt);
    this.start = this.slabAt;
    this.end = this.start + built.length;
    this.append(session, bytes);
  }

  /** Take the last frame back: it was not applied. */
  unframe(length: number): void {
    this.end -= frameEntryBytes + length;
    this.frames -= 1;
  }

  /** Close the record: header and checksum. The bytes stay as they are for ever. */
  finish(before: Counters, level: CommitLevel, time: number): Buffer {
    const record = this.buffer.subarray(this.start, this.end);
    record.writeUInt32LE(record.length, 4);
    record.writeUInt16LE(groupFormat, 8);
    record.writeUInt8(level === 'flushed' ? 1 : 0, 10);
    record.writeUInt8(0, 11);
    record.writeUInt32LE(this.frames, 12);
    record.writeDoubleLE(before.position + 1, 16);
    record.writeDoubleLE(before.seq, 24);
    record.writeDoubleLE(before.aid, 32);
    record.writeDoubleLE(before.session, 40);
    record.writeDoubleLE(time, 48);
    record.writeUInt32LE(crc32(record.subarray(4)), 0);
    this.slabAt = (this.end + 7) & ~7;
    return record;
  }

  private reserve(bytes: number): void {
    if (this.slabAt + bytes <= this.slab.length && this.slab.length > 0) {
      this.buffer = this.slab;
      return;
    }
    this.slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, bytes));
    this.slabAt = 0;
    this.buffer = this.slab;
  }
}

/** A log record's header, read and checked. */
export interface GroupHeader {
  position: number;
  level: CommitLevel;
  frames: number;
  before: Counters;
  time: number;
}

/**
 * Read a record's header and check every byte of the record.
 * @throws TroupeError JOURNAL_CORRUPT or JOURNAL_NEWER, naming `where`
 */
export function readGroup(record: Buffer, where: string): GroupHeader {
  const corrupt = (what: string) => new TroupeError('JOURNAL_CORRUPT', `${where}: ${what}`, { value: where });
  if (record.length < groupHeaderBytes) throw corrupt(`${record.length} bytes are too few for a record`);
  if (record.readUInt32LE(4) !== record.length) throw corrupt('its length does not match');
  if (record.readUInt32LE(0) !== crc32(record.subarray(4))) throw corrupt('checksum does not match its bytes');
  const format = record.readUInt16LE(8);
  if (format > groupFormat) throw new TroupeError('JOURNAL_NEWER', `${where}: record format ${format} is not known`);
  const position = record.readDoubleLE(16);
  return {
    position,
    level: record.readUInt8(10) === 1 ? 'flushed' : 'committed',
    frames: record.readUInt32LE(12),
    before: {
      position: position - 1,
      seq: record.readDoubleLE(24),
      aid: record.readDoubleLE(32),
      session: record.readDoubleLE(40),
    },
    time: record.readDoubleLE(48),
  };
}

/** The frames of a record, in order: session and place of the frame's bytes. */
export function* framesOf(record: Buffer): Generator<{ session: number; at: number; length: number }> {
  let at = groupHeaderBytes;
  while (at < record.length) {
    const session = record.readDoubleLE(at);
    const length = record.readUInt32LE(at + 8);
    yield { session, at: at + frameEntryBytes, length };
    at += frameEntryBytes + length;
  }
}
