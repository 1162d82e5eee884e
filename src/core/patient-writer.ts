/**
 * A link's sending end that keeps what finds no room, in order, until there is some.
 *
 * What I own: the frames that wait. What the caller owns: calling `drain` after its bell has rung, and not sending
 * without bound while frames wait.
 */
import type { LinkWriter } from './link.js';

/** See the file's header. */
export class PatientWriter {
  private waiting: Buffer[] = [];

  constructor(private readonly writer: LinkWriter) {}

  /** How many bytes a frame may have to go out at once, when none waits. */
  get room(): number {
    return this.writer.room;
  }

  /** Frames wait for room. */
  get isBlocked(): boolean {
    return this.waiting.length > 0;
  }

  /** Send a frame now, or keep a copy of it. */
  write(frame: Buffer): void {
    if (this.waiting.length === 0 && this.writer.write(frame)) return;
    this.waiting.push(Buffer.from(frame));
    this.writer.wantRoom();
  }

  /** Ask to be woken when there is room again. */
  wantRoom(): void {
    this.writer.wantRoom();
  }

  /** Send what waits. Returns false while something still does. */
  drain(): boolean {
    while (this.waiting.length > 0) {
      if (!this.writer.write(this.waiting[0] as Buffer)) {
        this.writer.wantRoom();
        return false;
      }
      this.waiting.shift();
    }
    return true;
  }

  /** Drop what waits. */
  clear(): void {
    this.waiting = [];
  }
}
