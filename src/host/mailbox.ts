/**
 * The part of an actor's mail that is in its host's RAM: a first-in-first-out queue. The journal sends at
 * most a window's worth ahead, so it is bounded; the rest waits with the journal.
 */
import type { Envelope } from '../core/envelope.js';

/** One message to handle. */
export interface MailItem {
  /** Its number in the journal; 0 for a message that has none (sent within this turn, a report, or not journaled). */
  seq: number;
  envelope: Envelope;
  /** The envelope's bytes, kept only for what is not in the journal yet: sent within this turn, or a report. */
  bytes: Buffer | undefined;
}

const placesMin = 4;

/** A ring of places that grows: neither end moves what is between. */
export class HostMailbox {
  /** As many as a power of two. */
  private places: (MailItem | undefined)[] = new Array<MailItem | undefined>(placesMin).fill(undefined);
  private first = 0;
  length = 0;

  push(item: MailItem): void {
    if (this.length === this.places.length) this.grow();
    this.places[(this.first + this.length) & (this.places.length - 1)] = item;
    this.length += 1;
  }

  shift(): MailItem | undefined {
    if (this.length === 0) return undefined;
    const { places, first } = this;
    const item = places[first];
    places[first] = undefined;
    this.first = (first + 1) & (places.length - 1);
    this.length -= 1;
    return item;
  }

  /** Take a message back that the turn it was sent in had no time for: the newest, most of the time. */
  take(item: MailItem): boolean {
    const { places, first, length } = this;
    const mask = places.length - 1;
    let at = length - 1;
    while (at >= 0 && places[(first + at) & mask] !== item) at -= 1;
    if (at < 0) return false;
    for (; at < length - 1; at += 1) places[(first + at) & mask] = places[(first + at + 1) & mask];
    places[(first + length - 1) & mask] = undefined;
    this.length -= 1;
    return true;
  }

  /** Is there mail that the journal has sent? */
  get hasNumbered(): boolean {
    for (let at = 0; at < this.length; at += 1) {
      if ((this.places[(this.first + at) & (this.places.length - 1)] as MailItem).seq !== 0) return true;
    }
    return false;
  }

  /** Forget everything. Returns how many there were. */
  clear(): number {
    const { length } = this;
    this.places = new Array<MailItem | undefined>(placesMin).fill(undefined);
    this.first = 0;
    this.length = 0;
    return length;
  }

  private grow(): void {
    const { places, first, length } = this;
    const larger = new Array<MailItem | undefined>(length * 2).fill(undefined);
    for (let at = 0; at < length; at += 1) larger[at] = places[(first + at) & (length - 1)];
    this.places = larger;
    this.first = 0;
  }
}
