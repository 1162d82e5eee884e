/**
 * A link carries frames one way between two threads: one writer, one reader, in order,
 * each frame whole or not at all. `thread/ring.ts` is the real one (shared memory);
 * `thread/memory-link.ts` is its double for a system that lives on one thread.
 *
 * L1  A frame read is exactly a frame written, and frames arrive in the order written.
 * L2  `write` never blocks and never writes half a frame: it returns false when there is no room.
 * L3  A frame that was written completely can be read even after its writer's thread has died.
 */

/** The sending end. */
export interface LinkWriter {
  /**
   * Write one frame and ring the reader's bell.
   * @returns false when there is no room now; nothing was written
   */
  write(frame: Uint8Array): boolean;
  /** How many bytes a frame may have now to be accepted (a larger one than the link holds goes by ticket). */
  readonly room: number;
  /**
   * Ask to be woken when there is room again: the reader rings the writer's own bell after
   * its next read.
   */
  wantRoom(): void;
}

/** The receiving end. */
export interface LinkReader {
  /** Bytes of the next frame, or -1 when there is none. */
  nextLength(): number;
  /** Copy the next frame into `target` at `offset` and remove it from the link. Call only after `nextLength() >= 0`. */
  readInto(target: Uint8Array, offset: number): void;
  /** The next frame as a buffer of its own, or undefined when there is none. */
  read(): Buffer | undefined;
}
