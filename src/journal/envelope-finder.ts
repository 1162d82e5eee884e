/**
 * Finds the envelope of a number in the log. Whoever reads an actor's history asks for growing numbers, most of them
 * accepted a little before the record it stands at: so this is a second reader of the log that follows the first at a
 * distance, and only a long way is taken by halves.
 *
 * N1  What is kept is one record and its index, however long the log is.
 */
import { readGroup, type GroupHeader } from './group.js';
import type { JournalReader, LogRecord } from './store.js';
import { OpsWalk } from './ops-walk.js';

/** An envelope as it was accepted. */
export interface FoundEnvelope {
  /** A view of the record's bytes. */
  bytes: Buffer;
  position: number;
  /** When it was accepted, in milliseconds since the epoch. */
  time: number;
}

/** So many records are read one after the other before the way is halved. */
const stepsMax = 256;

/** See the file's header. */
export class EnvelopeFinder {
  private record: Buffer = Buffer.alloc(0);
  private header: GroupHeader | undefined;
  private lastSeq = 0;
  private following: Iterator<LogRecord> | undefined;
  private readonly places = new Map<number, { at: number; length: number }>();
  private readonly walk = new OpsWalk({
    envelope: (seq, _how, at, length) => void this.places.set(seq, { at, length }),
  });

  /** @param first position of the oldest record there is */
  constructor(
    private readonly reader: JournalReader,
    private readonly first: number,
  ) {}

  /**
   * The envelope with a number.
   * @param upTo a position at or behind the record that accepted it
   * @returns undefined when it is no envelope of a frame, or lies before the oldest record
   * @throws TroupeError JOURNAL_CORRUPT
   */
  find(seq: number, upTo: number): FoundEnvelope | undefined {
    if (!this.covers(seq) && !this.follow(seq) && !this.search(seq, upTo)) return undefined;
    const place = this.places.get(seq);
    if (place === undefined || this.header === undefined) return undefined;
    const { position, time } = this.header;
    return { bytes: this.record.subarray(place.at, place.at + place.length), position, time };
  }

  /** Is it a little further on? */
  private follow(seq: number): boolean {
    if (this.header === undefined || seq <= this.lastSeq) return false;
    for (let steps = 0; steps < stepsMax; steps += 1) {
      this.following ??= this.reader.readLog(this.header.position + 1)[Symbol.iterator]();
      const next = this.following.next();
      if (next.done) {
        // The log may have grown when it is asked again.
        this.following = undefined;
        return false;
      }
      this.load(next.value);
      if (this.covers(seq)) return true;
      if (seq < this.lastSeq) return false;
    }
    return false;
  }

  /** By halves. */
  private search(seq: number, upTo: number): boolean {
    let [low, high] = [this.first, upTo];
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      this.following?.return?.();
      this.following = this.reader.readLog(middle)[Symbol.iterator]();
      const next = this.following.next();
      if (next.done) return false;
      this.load(next.value);
      if (this.covers(seq)) return true;
      if (seq > this.lastSeq) low = next.value.position + 1;
      else high = middle - 1;
    }
    return false;
  }

  private covers(seq: number): boolean {
    return this.header !== undefined && seq > this.header.before.seq && seq <= this.lastSeq;
  }

  private load({ position, bytes }: LogRecord): void {
    this.header = readGroup(bytes, `log record ${position}`);
    this.places.clear();
    this.walk.walk(bytes, this.header);
    this.record = bytes;
    this.lastSeq = this.walk.seq;
  }
}
