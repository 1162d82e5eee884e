/**
 * The part of an actor's mail that is in its host's RAM: a first-in-first-out queue. The journal sends at
 * most a window's worth ahead, so it is bounded; the rest waits with the journal.
 */
import type { Envelope } from '../core/envelope.js';

/** One message to handle. */
export interface MailItem {
  /** Its number in the journal; 0 for a message that has none (sent within this turn, or not journaled). */
  seq: number;
  envelope: Envelope;
  /** The envelope's bytes, kept only for a message sent within this turn. */
  bytes: Buffer | undefined;
}

/** A queue that does not shift its array for every message. */
export class HostMailbox {
  private items: MailItem[] = [];
  private at = 0;

  get length(): number {
    return this.items.length - this.at;
  }

  push(item: MailItem): void {
    this.items.push(item);
  }

  shift(): MailItem | undefined {
    const item = this.items[this.at];
    if (item === undefined) return undefined;
    this.at += 1;
    if (this.at === this.items.length) {
      this.items.length = 0;
      this.at = 0;
    } else if (this.at > 64 && this.at * 2 > this.items.length) {
      this.items.splice(0, this.at);
      this.at = 0;
    }
    return item;
  }

  /** Take the newest back: a message sent within a turn that the turn had no time for. */
  pop(): MailItem | undefined {
    return this.length > 0 ? this.items.pop() : undefined;
  }

  /** Forget everything. Returns how many there were. */
  clear(): number {
    const { length } = this;
    this.items.length = 0;
    this.at = 0;
    return length;
  }
}
