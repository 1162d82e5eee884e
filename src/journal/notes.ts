/**
 * The journal's notes on a group: what its frames brought about that stands in none of them. Three things: messages
 * the model made itself (word of a watched actor's end, or of a supervised one), which took numbers between those of
 * the frames' envelopes; actors that are over, some of them without a word of their own; and supervised ones that are
 * held. With the notes a record accounts for every number it gave out, so history can name each message without
 * knowing the state the model was in.
 *
 * What I own: the frame that closes a record. The model fills it, the loop takes it; recovery, which folds the same
 * frames once more, throws it away.
 */
import { type EndKindValue, FrameWriter } from './ops.js';

/** See the file's header. */
export class GroupNotes {
  private frame: FrameWriter | undefined;
  private isEmpty = true;

  /** A message of the model's own. @param envelope empty when there was nobody to get it */
  told(aid: number, seq: number, envelope: Uint8Array): void {
    this.open().told(aid, seq, envelope);
  }

  /** An actor is over. */
  over(aid: number, how: EndKindValue): void {
    this.open().over(aid, how);
  }

  /** A supervised actor has exited. */
  held(aid: number, how: EndKindValue): void {
    this.open().held(aid, how);
  }

  /** The frame, valid until the next note; undefined when there is nothing to note. */
  take(): Buffer | undefined {
    if (this.isEmpty) return undefined;
    this.isEmpty = true;
    return this.frame?.view();
  }

  private open(): FrameWriter {
    this.frame ??= new FrameWriter();
    if (this.isEmpty) this.frame.beginNotes();
    this.isEmpty = false;
    return this.frame;
  }
}
