/**
 * The double of `ring.ts` for a system that lives on one thread: a queue with a byte limit. Same contract, same
 * suite; in place of bells it calls back.
 *
 * M1  A frame is copied when it is written, so the writer may reuse its buffer at once.
 * M2  A frame is accepted if and only if its length is at most `room`; any single frame passes when the queue
 *     is empty, as a ticket would in a ring.
 */
import assert from 'node:assert';
import { limits } from '../core/limits.js';
import type { LinkReader, LinkWriter } from '../core/link.js';
import { frameBytesMax } from './ring.js';

/** What a memory link is made of. */
export interface MemoryLinkOptions {
  /** Most bytes waiting to be read, each frame counting 8 more than its length. Default 4 MiB. */
  bytesMax?: number;
  /** Called after every write. Must not read from inside the call if the writer minds being nested. */
  wakeReader(): void;
  /** Called once after each `wantRoom`, when there is room. */
  wakeWriter(): void;
}

/** What a frame costs beside its bytes, so that empty frames are not free. */
const frameCost = 8;

/** Frames read before the array is cut: `shift` on a long array would move all of it each time. */
const readFramesMax = 1_024;

class MemoryQueue {
  #frames: (Buffer | undefined)[] = [];
  #readCount = 0;
  #bytes = 0;
  /** Length for which the writer wants room, or -1. */
  wanted = -1;

  constructor(readonly bytesMax: number) {}

  get room(): number {
    return this.first === undefined ? frameBytesMax : this.bytesMax - this.#bytes - frameCost;
  }

  get first(): Buffer | undefined {
    return this.#frames[this.#readCount];
  }

  push(frame: Buffer): void {
    this.#frames.push(frame);
    this.#bytes += frame.length + frameCost;
  }

  shift(): Buffer | undefined {
    const frame = this.first;
    if (frame === undefined) return undefined;
    this.#bytes -= frame.length + frameCost;
    this.#frames[this.#readCount] = undefined;
    this.#readCount += 1;
    if (this.#readCount >= readFramesMax) {
      this.#frames = this.#frames.slice(this.#readCount);
      this.#readCount = 0;
    }
    return frame;
  }
}

class MemoryLinkWriter implements LinkWriter {
  readonly #queue: MemoryQueue;
  readonly #options: MemoryLinkOptions;
  #refused = 0;

  constructor(queue: MemoryQueue, options: MemoryLinkOptions) {
    this.#queue = queue;
    this.#options = options;
  }

  get room(): number {
    return this.#queue.room;
  }

  write(frame: Uint8Array): boolean {
    if (frame.length > this.#queue.room) {
      this.#refused = frame.length;
      return false;
    }
    this.#queue.push(Buffer.from(frame));
    this.#options.wakeReader();
    return true;
  }

  wantRoom(): void {
    if (this.#refused <= this.#queue.room) this.#options.wakeWriter();
    else this.#queue.wanted = this.#refused;
  }
}

class MemoryLinkReader implements LinkReader {
  readonly #queue: MemoryQueue;
  readonly #options: MemoryLinkOptions;

  constructor(queue: MemoryQueue, options: MemoryLinkOptions) {
    this.#queue = queue;
    this.#options = options;
  }

  nextLength(): number {
    return this.#queue.first?.length ?? -1;
  }

  readInto(target: Uint8Array, offset: number): void {
    const length = this.nextLength();
    assert(length >= 0, 'readInto needs a frame: call nextLength first');
    if (offset + length > target.length) throw new RangeError(`${length} bytes do not fit at ${offset}`);
    target.set(this.read()!, offset);
  }

  read(): Buffer | undefined {
    const frame = this.#queue.shift();
    if (frame === undefined) return undefined;
    if (this.#queue.wanted >= 0 && this.#queue.wanted <= this.#queue.room) {
      this.#queue.wanted = -1;
      this.#options.wakeWriter();
    }
    return frame;
  }
}

/** Make a link inside one thread. See `core/link.ts` for what both ends promise. */
export function createMemoryLink(options: MemoryLinkOptions): { writer: LinkWriter; reader: LinkReader } {
  const queue = new MemoryQueue(options.bytesMax ?? limits.ringBytes);
  return { writer: new MemoryLinkWriter(queue, options), reader: new MemoryLinkReader(queue, options) };
}
