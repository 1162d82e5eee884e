/**
 * What a thread has sent to the journal and what became of it. Frames leave in order; each is settled
 * once, by an acknowledgement or by a reset.
 *
 * What I own: frame numbers, the epoch, frames the ring could not take. What you own: what a frame means.
 *
 * B1  Frames settle in the order they were sent.
 * B2  After a reset every frame sent before it has failed, and none of them will be committed: the
 *     journal passes frames of an older epoch over.
 */
import type { LinkWriter } from '../core/link.js';
import { PatientWriter } from '../core/patient-writer.js';
import type { FrameWriter } from '../journal/ops.js';

/** What happens to a frame. Exactly one of the two is called, once. */
export interface FrameFate {
  acked(): void;
  failed(error: Error): void;
}

/** One thread's stream of frames. */
export class Outbox {
  private frameNo = 0;
  private epoch = 0;
  private readonly sent: { frameNo: number; fate: FrameFate }[] = [];
  private sentAt = 0;
  private readonly writer: PatientWriter;

  constructor(writer: LinkWriter) {
    this.writer = new PatientWriter(writer);
  }

  /** Frames sent and not settled. */
  get unsettled(): number {
    return this.sent.length - this.sentAt;
  }

  /** The ring is full: frames wait here. */
  get isBlocked(): boolean {
    return this.writer.isBlocked;
  }

  /** The number the last frame got. */
  get lastFrameNo(): number {
    return this.frameNo;
  }

  /** True when every frame up to this one is settled. */
  isSettled(frameNo: number): boolean {
    const first = this.sent[this.sentAt];
    return frameNo <= this.frameNo && (first === undefined || first.frameNo > frameNo);
  }

  /**
   * Send a frame. Returns its number.
   * @param quiet nobody waits for `acked`: it may come later, with something that somebody does wait for
   */
  send(frame: FrameWriter, fate: FrameFate, quiet = false): number {
    this.frameNo += 1;
    frame.address(this.epoch, this.frameNo, quiet);
    this.sent.push({ frameNo: this.frameNo, fate });
    this.writer.write(frame.view());
    return this.frameNo;
  }

  /** Send what waited for room. Returns true when nothing waits any more. */
  drain(): boolean {
    return this.writer.drain();
  }

  /** The journal has committed everything up to this frame. */
  ack(frameNo: number): void {
    for (
      let first = this.sent[this.sentAt];
      first !== undefined && first.frameNo <= frameNo;
      first = this.sent[this.sentAt]
    ) {
      this.sentAt += 1;
      first.fate.acked();
    }
    if (this.sentAt > 256 || this.sentAt === this.sent.length) {
      this.sent.splice(0, this.sentAt);
      this.sentAt = 0;
    }
  }

  /** A commit failed: nothing that is unsettled has happened, or will. */
  reset(epoch: number, error: Error): void {
    this.epoch = epoch;
    this.writer.clear();
    const failed = this.sent.splice(this.sentAt);
    this.sent.length = 0;
    this.sentAt = 0;
    for (const { fate } of failed) fate.failed(error);
  }
}
