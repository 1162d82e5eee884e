/**
 * One file of the log: bytes at offsets, and whether the disk has them. What the bytes mean belongs to
 * `write-ahead-log.ts`.
 *
 * F1  A file for writing is filled with zeros and flushed before it is used, so that a later flush of its
 *     content need not write the file system's own books as well.
 * F2  After a flush that failed nobody knows what of the file is on disk. It is distrusted: nothing counts
 *     as flushed until everything unflushed has been written again and a flush has succeeded.
 */
import fs from 'node:fs';

/** See the file's header. */
export class LogFile {
  private isFlushed = true;
  private isDistrusted = false;

  private constructor(
    readonly path: string,
    private readonly descriptor: number,
  ) {}

  /** Open what is there. Throws what the file system throws. */
  static open(path: string, mode: 'read' | 'write'): LogFile {
    return new LogFile(path, fs.openSync(path, mode === 'read' ? 'r' : 'r+'));
  }

  /** F1. Throws what the file system throws; nothing is left behind then. */
  static create(path: string, bytes: number): LogFile {
    const file = new LogFile(path, fs.openSync(path, 'w+', 0o664));
    try {
      file.write([Buffer.alloc(bytes)], 0);
      fs.fsyncSync(file.descriptor);
    } catch (error) {
      file.close();
      fs.rmSync(path, { force: true });
      throw error;
    }
    file.isFlushed = true;
    return file;
  }

  get distrusted(): boolean {
    return this.isDistrusted;
  }

  /** How long the file is, in bytes. */
  get bytes(): number {
    return fs.fstatSync(this.descriptor).size;
  }

  /** Write buffers one behind the other. Throws what the file system throws; a part may be written then. */
  write(buffers: readonly Buffer[], offset: number): void {
    this.isFlushed = false;
    const total = buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
    let done = fs.writevSync(this.descriptor, buffers, offset);
    if (done === total) return;
    for (const rest = Buffer.concat(buffers); done < total; ) {
      done += fs.writeSync(this.descriptor, rest, done, total - done, offset + done);
    }
  }

  /** Read exactly these bytes; undefined when the file ends before. */
  read(offset: number, bytes: number): Buffer | undefined {
    const target = Buffer.allocUnsafeSlow(bytes);
    for (let done = 0; done < bytes; ) {
      const read = fs.readSync(this.descriptor, target, done, bytes - done, offset + done);
      if (read === 0) return undefined;
      done += read;
    }
    return target;
  }

  /** The next flush goes to the disk even if nothing is written before it. */
  touch(): void {
    this.isFlushed = false;
  }

  /** Make everything written survive a power cut. Throws what the file system throws (F2). */
  flush(): void {
    if (this.isFlushed) return;
    try {
      fs.fdatasyncSync(this.descriptor);
    } catch (error) {
      this.isDistrusted = true;
      throw error;
    }
    this.isFlushed = true;
    this.isDistrusted = false;
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }
}
