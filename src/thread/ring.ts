/**
 * The real link: a ring of bytes in shared memory, one writing thread, one reading thread.
 *
 *   words   head · · · tail · · · want · · ·          each on a cache line of its own
 *   bytes   [length kind payload pad][length kind payload pad]...      frames begin at multiples of 8
 *
 * `head` and `tail` count bytes ever written and read, modulo 2^32; their difference is what is unread, and
 * their low bits are the places in the ring (its size is a power of two). The writer owns `head`, the reader
 * owns `tail`; each copies the other's to spare the bus.
 *
 * R1  `head` moves only after the whole frame lies in the ring, so a reader never meets half a frame, and a
 *     writer that dies in the middle leaves nothing (L1, L3).
 * R2  A frame's eight-byte header never wraps; its payload may, and is then copied in two pieces.
 * R3  A frame larger than half the ring goes by ticket: its bytes are posted through a message port, and then a
 *     header without payload goes into the ring. The port delivers in order and the ring publishes the ticket
 *     after the post, so whoever meets the ticket finds the bytes waiting; taking them needs no event loop.
 * R4  A frame is accepted if and only if its length is at most `room`. Bytes under way by ticket have a limit of
 *     their own (`ticketBytesMax`); a single ticket frame always passes when none is under way.
 * R5  `wantRoom` loses no wake-up: the writer stores what it wants, then looks at `tail`; the reader stores
 *     `tail`, then looks at what is wanted. One of the two sees the other and rings the writer's bell.
 */
import assert from 'node:assert';
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { limits } from '../core/limits.js';
import type { LinkReader, LinkWriter } from '../core/link.js';
import { Bell } from './bell.js';

/** Indexes into the control words; 16 words are one cache line. */
const headAt = 0;
const tailAt = 16;
const wantAt = 32;
const controlBytes = 256;

const headerBytes = 8;
const kindInline = 0;
const kindTicket = 1;

/** Smallest and largest ring. Beyond 2^30 the byte counters could no longer tell full from empty. */
const ringBytesMin = 64;
const ringBytesMax = 2 ** 30;

/** Largest frame a link carries. Its length is a positive Int32. */
export const frameBytesMax = 2 ** 31 - 1;
/** How many bytes may be under way by ticket unless the ring's maker says otherwise. */
const ticketBytesMaxDefault = 256 * 2 ** 20;

/** What a ring is made of. */
export interface RingOptions {
  /** Size in bytes, a power of two from 64 to 2^30. Default 4 MiB. Half of it is the largest frame without ticket. */
  bytes?: number;
  /** Bell of the reading thread, rung by every write. */
  readerBell: Int32Array;
  /** Bell of the writing thread, rung when room it asked for has come. */
  writerBell: Int32Array;
  /** Most bytes under way by ticket. Default 256 MiB. At the limit `write` returns false. */
  ticketBytesMax?: number;
  /** Where the byte counters start, a multiple of 8. Default 0. For tests of their wrap at 2^32. */
  firstPosition?: number;
}

/** One end of a ring, to be sent to its thread (`port` in the transfer list). */
export interface RingEnd {
  memory: SharedArrayBuffer;
  port: MessagePort;
  readerBell: Int32Array;
  writerBell: Int32Array;
  ticketBytesMax: number;
}

/**
 * Make a ring.
 * @returns its two ends; hand each to its thread and open it there with `RingWriter` or `RingReader`
 * @throws RangeError for a size that is no power of two in range
 */
export function createRing(options: RingOptions): { writer: RingEnd; reader: RingEnd } {
  const { bytes = limits.ringBytes, firstPosition = 0, ticketBytesMax = ticketBytesMaxDefault } = options;
  const isPowerOfTwo = Number.isInteger(Math.log2(bytes));
  if (!isPowerOfTwo || bytes < ringBytesMin || bytes > ringBytesMax) {
    throw new RangeError(`bytes must be a power of two from ${ringBytesMin} to ${ringBytesMax}, is ${bytes}`);
  }
  assert(firstPosition % headerBytes === 0, 'firstPosition is a multiple of 8');
  const memory = new SharedArrayBuffer(controlBytes + bytes);
  const words = new Int32Array(memory, 0, controlBytes / 4);
  words[headAt] = firstPosition | 0;
  words[tailAt] = firstPosition | 0;
  const { port1, port2 } = new MessageChannel();
  const { readerBell, writerBell } = options;
  const shared = { memory, readerBell, writerBell, ticketBytesMax };
  return { writer: { ...shared, port: port1 }, reader: { ...shared, port: port2 } };
}

/** Payload length rounded up, so that the next header is aligned. */
function padded(length: number): number {
  return (length + 7) & ~7;
}

/** What both ends see of the shared memory. */
class RingMemory {
  readonly words: Int32Array;
  /** The same bytes twice: by byte for payloads, by word for headers. */
  readonly bytes: Buffer;
  readonly headers: Int32Array;
  readonly capacity: number;
  readonly mask: number;
  /** Longest payload without a ticket: with its header it fills half the ring. */
  readonly inlineMax: number;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory, 0, controlBytes / 4);
    this.bytes = Buffer.from(memory, controlBytes);
    this.headers = new Int32Array(memory, controlBytes);
    this.capacity = this.bytes.length;
    this.mask = this.capacity - 1;
    this.inlineMax = this.capacity / 2 - headerBytes;
  }

  /** Free bytes between two counters. Their difference is at most 2^30, so 32-bit arithmetic gets it right. */
  free(head: number, tail: number): number {
    return this.capacity - ((head - tail) | 0);
  }
}

/** Bytes that left by ticket and have not been taken yet. */
interface TicketUnderWay {
  /** The counter's value behind the ticket: taken when `tail` has come here. */
  end: number;
  bytes: number;
}

/** The sending end. Belongs to one thread. */
export class RingWriter implements LinkWriter {
  readonly #ring: RingMemory;
  readonly #port: MessagePort;
  readonly #readerBell: Bell;
  readonly #ownBell: Bell;
  readonly #ticketBytesMax: number;
  readonly #tickets: TicketUnderWay[] = [];
  #ticketBytes = 0;
  #head: number;
  /** The reader's counter when last looked at: never ahead of the truth, so room is never overestimated. */
  #tail: number;
  /** Length of the frame refused last: what `wantRoom` wants room for. */
  #refused = 0;

  constructor(end: RingEnd) {
    this.#ring = new RingMemory(end.memory);
    this.#port = end.port;
    this.#readerBell = new Bell(end.readerBell);
    this.#ownBell = new Bell(end.writerBell);
    this.#ticketBytesMax = end.ticketBytesMax;
    this.#head = Atomics.load(this.#ring.words, headAt);
    this.#tail = Atomics.load(this.#ring.words, tailAt);
  }

  /** See `LinkWriter`. Negative when not even an empty frame fits. */
  get room(): number {
    this.#lookAtTail();
    const inline = this.#ring.free(this.#head, this.#tail) - headerBytes;
    return inline < this.#ring.inlineMax ? inline : Math.max(this.#ring.inlineMax, this.#ticketRoom());
  }

  /**
   * See `LinkWriter`.
   * @throws RangeError for a frame longer than 2^31 - 1 bytes, which no waiting would help
   */
  write(frame: Uint8Array): boolean {
    const length = frame.length;
    const needed = headerBytes + padded(length);
    const isInline = length <= this.#ring.inlineMax;
    if (!isInline || this.#ring.free(this.#head, this.#tail) < needed) {
      if (length > frameBytesMax) throw new RangeError(`a frame of ${length} bytes is longer than ${frameBytesMax}`);
      if (length > this.room) {
        this.#refused = length;
        return false;
      }
    }
    const at = this.#head & this.#ring.mask;
    if (isInline) this.#copyIn(frame, at + headerBytes);
    else this.#postTicket(frame);
    this.#ring.headers[at >> 2] = length;
    this.#ring.headers[(at >> 2) + 1] = isInline ? kindInline : kindTicket;
    this.#head = (this.#head + (isInline ? needed : headerBytes)) | 0;
    if (!isInline) this.#tickets.push({ end: this.#head, bytes: length });
    Atomics.store(this.#ring.words, headAt, this.#head); // R1: from here on the frame exists
    this.#readerBell.ring();
    return true;
  }

  /** See `LinkWriter`. Rings the writer's own bell at once when the room is there by now. */
  wantRoom(): void {
    const wanted = this.#freeWanted(this.#refused);
    Atomics.store(this.#ring.words, wantAt, wanted);
    this.#lookAtTail(); // R5: after the store
    if (this.#ring.free(this.#head, this.#tail) < wanted) return;
    if (Atomics.compareExchange(this.#ring.words, wantAt, wanted, 0) === wanted) this.#ownBell.ring();
  }

  /** Let go of the port for tickets. Frames already written stay readable. */
  close(): void {
    this.#port.close();
  }

  #copyIn(frame: Uint8Array, begin: number): void {
    const { bytes, capacity, mask } = this.#ring;
    const place = begin & mask;
    const first = capacity - place;
    if (frame.length <= first) {
      bytes.set(frame, place);
    } else {
      bytes.set(frame.subarray(0, first), place);
      bytes.set(frame.subarray(first), 0);
    }
  }

  #postTicket(frame: Uint8Array): void {
    const copy = new Uint8Array(frame.length);
    copy.set(frame);
    this.#port.postMessage(copy.buffer, [copy.buffer]);
    this.#ticketBytes += frame.length;
  }

  #ticketRoom(): number {
    return this.#ticketBytes === 0 ? frameBytesMax : this.#ticketBytesMax - this.#ticketBytes;
  }

  #lookAtTail(): void {
    this.#tail = Atomics.load(this.#ring.words, tailAt);
    while (this.#tickets.length > 0 && ((this.#tail - this.#tickets[0]!.end) | 0) >= 0) {
      this.#ticketBytes -= this.#tickets.shift()!.bytes;
    }
  }

  /** How many bytes of the ring must be free before a frame of this length is accepted. */
  #freeWanted(length: number): number {
    if (length <= this.#ring.inlineMax) return headerBytes + padded(length);
    let wanted = this.#ring.capacity / 2;
    let left = this.#ticketBytes;
    for (const ticket of this.#tickets) {
      if (left + length <= this.#ticketBytesMax) break;
      left -= ticket.bytes;
      wanted = Math.max(wanted, this.#ring.free(this.#head, ticket.end));
    }
    return wanted;
  }
}

/** The receiving end. Belongs to one thread; works in a thread that never gives its event loop a turn. */
export class RingReader implements LinkReader {
  readonly #ring: RingMemory;
  readonly #port: MessagePort;
  readonly #writerBell: Bell;
  #tail: number;
  /** The writer's counter when last looked at. */
  #head: number;

  constructor(end: RingEnd) {
    this.#ring = new RingMemory(end.memory);
    this.#port = end.port;
    this.#writerBell = new Bell(end.writerBell);
    this.#tail = Atomics.load(this.#ring.words, tailAt);
    this.#head = Atomics.load(this.#ring.words, headAt);
  }

  /** See `LinkReader`. */
  nextLength(): number {
    if (this.#head === this.#tail) {
      this.#head = Atomics.load(this.#ring.words, headAt);
      if (this.#head === this.#tail) return -1;
    }
    return this.#ring.headers[(this.#tail & this.#ring.mask) >> 2]!;
  }

  /**
   * See `LinkReader`.
   * @throws RangeError when `target` is too short; the frame then stays in the link
   */
  readInto(target: Uint8Array, offset: number): void {
    const length = this.nextLength();
    assert(length >= 0, 'readInto needs a frame: call nextLength first');
    if (offset + length > target.length) throw new RangeError(`${length} bytes do not fit at ${offset}`);
    if (this.#nextIsTicket()) {
      target.set(this.#takeTicket(length), offset);
      this.#advance(headerBytes);
    } else {
      this.#copyOut(target, offset, length);
      this.#advance(headerBytes + padded(length));
    }
  }

  /** See `LinkReader`. The buffer may be kept; a small one lies in Node's buffer pool, so do not transfer it. */
  read(): Buffer | undefined {
    const length = this.nextLength();
    if (length < 0) return undefined;
    if (this.#nextIsTicket()) {
      const { buffer } = this.#takeTicket(length);
      this.#advance(headerBytes);
      return Buffer.from(buffer);
    }
    const frame = Buffer.allocUnsafe(length);
    this.#copyOut(frame, 0, length);
    this.#advance(headerBytes + padded(length));
    return frame;
  }

  /** Let go of the port for tickets. Do it when the link is done with: ticket frames not read yet are lost. */
  close(): void {
    this.#port.close();
  }

  #nextIsTicket(): boolean {
    return this.#ring.headers[((this.#tail & this.#ring.mask) >> 2) + 1] === kindTicket;
  }

  /** R3: the bytes were posted before the ticket was published. */
  #takeTicket(length: number): Uint8Array<ArrayBuffer> {
    const posted = receiveMessageOnPort(this.#port);
    assert(posted?.message instanceof ArrayBuffer, 'a ticket in the ring means that its bytes wait at the port');
    assert(posted.message.byteLength === length, 'tickets and posted bytes pair up in order');
    return new Uint8Array(posted.message);
  }

  #copyOut(target: Uint8Array, offset: number, length: number): void {
    const { bytes, capacity, mask } = this.#ring;
    const place = (this.#tail + headerBytes) & mask;
    const first = Math.min(length, capacity - place);
    bytes.copy(target, offset, place, place + first);
    if (first < length) bytes.copy(target, offset + first, 0, length - first);
  }

  #advance(bytes: number): void {
    this.#tail = (this.#tail + bytes) | 0;
    Atomics.store(this.#ring.words, tailAt, this.#tail);
    const wanted = Atomics.load(this.#ring.words, wantAt); // R5: after the store
    if (wanted === 0) return;
    if (this.#ring.free(Atomics.load(this.#ring.words, headAt), this.#tail) < wanted) return;
    if (Atomics.compareExchange(this.#ring.words, wantAt, wanted, 0) === wanted) this.#writerBell.ring();
  }
}
