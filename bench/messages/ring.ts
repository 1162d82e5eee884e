/**
 * The barest ring there can be, to compare with: one writer, one reader, frames of bytes in shared memory. The writer
 * owns `head`, the reader owns `tail` and the total; both count bytes and never turn back.
 */

const capacity = 1 << 22;
const header = 4;
const at = { head: 0, tail: 1 } as const;

/** Both ends, over the same memory. */
export class Ring {
  private readonly marks: Int32Array;
  private readonly sum: Float64Array;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  /** @param memory `bytesNeeded` of it */
  constructor(readonly memory: SharedArrayBuffer) {
    this.marks = new Int32Array(memory, 0, 2);
    this.sum = new Float64Array(memory, 8, 1);
    this.bytes = new Uint8Array(memory, 16, capacity);
    this.view = new DataView(memory, 16, capacity);
  }

  /** Append a frame; sleeps while there is no room. */
  write(frame: Uint8Array): void {
    let head = Atomics.load(this.marks, at.head);
    // A frame does not turn around the end: what is left there is skipped, and says so by a length of zero.
    const left = capacity - (head & (capacity - 1));
    const skip = left < frame.length + header ? left : 0;
    this.waitForRoom(head, skip + frame.length + header);
    if (skip >= header) this.view.setUint32(head & (capacity - 1), 0);
    head = (head + skip) | 0;
    const from = head & (capacity - 1);
    this.view.setUint32(from, frame.length);
    this.bytes.set(frame, from + header);
    Atomics.store(this.marks, at.head, (head + header + frame.length) | 0);
    Atomics.notify(this.marks, at.head);
  }

  /** Resolves when the reader has handled all there is. */
  async whenEmpty(): Promise<void> {
    const head = Atomics.load(this.marks, at.head);
    for (;;) {
      const tail = Atomics.load(this.marks, at.tail);
      if (tail === head) return;
      await Atomics.waitAsync(this.marks, at.tail, tail).value;
    }
  }

  /** Handle frames for ever; sleeps while there is none. @param handle returns what to add to the total */
  read(handle: (frame: Uint8Array) => number): never {
    for (;;) {
      const tail = Atomics.load(this.marks, at.tail);
      if (tail === Atomics.load(this.marks, at.head)) {
        Atomics.wait(this.marks, at.head, tail);
        continue;
      }
      const from = tail & (capacity - 1);
      const length = capacity - from < header ? 0 : this.view.getUint32(from);
      if (length > 0) {
        // Copied: a decoder is slow in shared memory.
        this.sum[0]! += handle(this.bytes.slice(from + header, from + header + length));
      }
      const next = length === 0 ? tail + capacity - from : tail + header + length;
      Atomics.store(this.marks, at.tail, next | 0);
      Atomics.notify(this.marks, at.tail);
    }
  }

  /** Of what the reader was given, once it is empty. */
  total(): number {
    return this.sum[0] ?? Number.NaN;
  }

  private waitForRoom(head: number, bytes: number): void {
    for (;;) {
      const tail = Atomics.load(this.marks, at.tail);
      if (((head - tail) | 0) + bytes <= capacity) return;
      Atomics.wait(this.marks, at.tail, tail);
    }
  }
}

/** A ring with memory of its own. */
export function makeRing(): Ring {
  return new Ring(new SharedArrayBuffer(16 + capacity));
}
