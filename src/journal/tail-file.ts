/**
 * The tail: a file of the batches that are committed and not yet in lmdb. I own the file, where its
 * records end, and whether they are flushed. The store owns what they mean and when the tail starts anew.
 *
 * F1  A record counts when it is whole and follows its predecessor; reading stops at the first that is
 *     not. So a power cut that tears the unflushed end costs exactly that end.
 * F2  `append` writes at `position` and moves it only when everything is written. What a failed write
 *     left there is not whole, so it does not count, and the next record is written over it.
 * F3  A new generation begins only after the old one's content is flushed elsewhere; old records behind
 *     the new ones are of another generation and never read. The file keeps its length, so that later
 *     flushes need not write the file system's own books.
 * F4  After a flush that failed, nobody knows what of the file is on disk: the tail is distrusted, and
 *     takes nothing more until it starts anew.
 */
import fs from 'node:fs';
import { announcedBytes, decodeTailRecord, type KeyedChange, tailHeaderBytes } from './tail-record.js';

/** See the file's header. */
export class TailFile {
  private readonly descriptor: number;
  private generationNow = 0;
  private ordinalNext = 0;
  private positionNow = 0;
  private isFlushed = true;
  private isDistrusted = false;

  /** Open or create. Throws what the file system throws. */
  constructor(readonly path: string) {
    this.descriptor = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o664);
  }

  /** Where the next record will stand. */
  get place(): { generation: number; ordinal: number } {
    return { generation: this.generationNow, ordinal: this.ordinalNext };
  }

  /** Bytes of the records of this generation. */
  get position(): number {
    return this.positionNow;
  }

  /** F4. */
  get distrusted(): boolean {
    return this.isDistrusted;
  }

  /** How long the file is, in bytes. */
  get bytesOnDisk(): number {
    return fs.fstatSync(this.descriptor).size;
  }

  /** The batches of a generation in the order they were committed. Does not move `position`. */
  *read(generation: number): Generator<KeyedChange[]> {
    const end = this.bytesOnDisk;
    const header = Buffer.alloc(tailHeaderBytes);
    let at = 0;
    for (let ordinal = 0; at + tailHeaderBytes <= end; ordinal += 1) {
      this.readFully(header, at);
      const bytes = announcedBytes(header, { generation, ordinal });
      if (bytes < 0 || at + bytes > end) return;
      const record = Buffer.allocUnsafeSlow(bytes);
      this.readFully(record, at);
      const changes = decodeTailRecord(record);
      if (changes === undefined) return;
      yield changes;
      at += bytes;
    }
  }

  /** Add a record that was encoded for `place`. Throws what the file system throws (F2). */
  append(record: Buffer): void {
    if (this.isDistrusted) throw new Error('the tail is distrusted');
    for (let done = 0; done < record.byteLength; ) {
      done += fs.writeSync(this.descriptor, record, done, record.byteLength - done, this.positionNow + done);
    }
    this.positionNow += record.byteLength;
    this.ordinalNext += 1;
    this.isFlushed = false;
  }

  /** Make all records survive a power cut. Throws what the file system throws (F4). */
  flush(): void {
    if (this.isFlushed) return;
    try {
      fs.fdatasyncSync(this.descriptor);
    } catch (error) {
      this.distrust();
      throw error;
    }
    this.isFlushed = true;
  }

  /**
   * Take the last record back, after `flush` failed on it: without a header it does not count, whether
   * it reached the disk or not. When even that fails, the record counts for the next opening only.
   */
  takeBack(record: Buffer): void {
    this.positionNow -= record.byteLength;
    this.ordinalNext -= 1;
    try {
      fs.writeSync(this.descriptor, Buffer.alloc(tailHeaderBytes), 0, tailHeaderBytes, this.positionNow);
    } catch {
      // The tail is distrusted already (F4); nothing is acknowledged before it starts anew.
    }
  }

  /** F4: take nothing more until the tail starts anew. */
  distrust(): void {
    this.isDistrusted = true;
  }

  /** F3: forget all records and begin a generation. */
  startAnew(generation: number): void {
    this.generationNow = generation;
    this.ordinalNext = 0;
    this.positionNow = 0;
    this.isFlushed = true;
    this.isDistrusted = false;
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }

  private readFully(target: Buffer, position: number): void {
    for (let done = 0; done < target.byteLength; ) {
      const read = fs.readSync(this.descriptor, target, done, target.byteLength - done, position + done);
      if (read === 0) throw new Error(`${this.path} ended while it was read`);
      done += read;
    }
  }
}
