/**
 * The log as the owner of a journal writes it: one stream of batches over numbered files (`log-walk.ts` shows
 * them). It is what a commit waits for, and it stays as the journal's history until whole files are dropped.
 *
 * What I own: the files, where the log ends, how much of it is on disk. What the store owns: what batches mean,
 * and lmdb's mark of how far it has taken them in.
 *
 * A1  `append` moves the end only when everything is written. What a failed write left is not whole, does not
 *     count, and is written over.
 * A2  A file is left only when all of it is on disk, and the next one's link is on disk before it is used.
 * A3  Each opening begins a generation of its own, behind what it found whole: records a power cut cut off can
 *     never come back behind new ones.
 * A4  After a flush that failed, everything unflushed is written again, after being proven, before anything else
 *     counts.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { flushFolder } from './journal-folder.js';
import { LogFile } from './log-file.js';
import { encodeHeader, isWhole, readHeader, recordBytes, recordHeaderBytes, RecordKind } from './log-record.js';
import type { RecordKindValue } from './log-record.js';
import { logFileName, logFolder, type LogSource } from './log-source.js';
import {
  type LogEntry,
  type LogFileStart,
  type LogPlace,
  logBeginning,
  nearest,
  placeAfter,
  readFirstLink,
  refuseDamage,
  startOf,
  walkLog,
} from './log-walk.js';
import type { LogRecord } from './store.js';

const nothing = Buffer.alloc(0);
/** A file as short as this holds next to nothing: a long record is added to it rather than to another. */
const smallFileBytes = 4_096;

/** See the file's header. */
export class WriteAheadLog {
  private readonly source: LogSource;
  private file: LogFile | undefined;
  private end: LogPlace;
  /** The first place the disk may not have. */
  private flushedTo: LogPlace;
  /** Where the last record stood, to take it back. */
  private before: LogPlace;
  /** Files and the first log position that may be in each. */
  private files: (LogFileStart & { bytes: number })[] = [];

  /**
   * @param folder holds the files
   * @param fileBytesMax how long a file may become; a longer record gets a file of its length
   */
  constructor(
    private readonly folder: string,
    private readonly fileBytesMax: number,
    start: LogPlace,
  ) {
    this.source = logFolder(folder);
    this.end = this.flushedTo = this.before = start;
  }

  /** Where the next record will stand. */
  get place(): LogPlace {
    return this.end;
  }

  /** A4. */
  get distrusted(): boolean {
    return this.file?.distrusted ?? false;
  }

  /** How long all files are, in bytes. */
  get bytesOnDisk(): number {
    return this.files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * The batches behind the place given to the constructor; afterwards the log ends where they end.
   * @throws TroupeError JOURNAL_CORRUPT when what was on disk cannot be read
   */
  *replay(): Generator<LogEntry> {
    const walk = walkLog(this.source, this.end, refuseDamage);
    let { position } = this.end;
    for (let next = walk.next(); ; next = walk.next()) {
      if (next.done) {
        this.end = next.value;
        return;
      }
      const { header, file, offset } = next.value;
      if (header.kind === RecordKind.held) {
        // Its changes went to lmdb, and lmdb's mark does not cover it: that transaction never happened.
        this.end = { file, offset, generation: header.generation, ordinal: header.ordinal, position };
        return;
      }
      if (header.position > 0) position = header.position;
      yield next.value;
    }
  }

  /** After `replay`: what it found whole may be in the kernel's memory only. Throws what the file system throws */
  secure(): void {
    const path = join(this.folder, logFileName(this.end.file));
    if (!fs.existsSync(path)) return;
    const file = LogFile.open(path, 'write');
    try {
      file.touch();
      file.flush();
    } finally {
      file.close();
    }
  }

  /**
   * A3: begin to write, behind what is secure. @param generation larger than any that was ever begun. Throws
   * what the file system throws
   */
  begin(generation: number): void {
    const path = join(this.folder, logFileName(this.end.file));
    const mayGoOn = fs.existsSync(path) && this.end.offset < this.fileBytesMax;
    this.dropUnused();
    this.files = this.source.numbers().map((number) => this.describe(number));
    if (!mayGoOn) {
      this.startFile(this.end.offset === 0 ? this.end.file : this.end.file + 1, generation);
      return;
    }
    this.file = LogFile.open(path, 'write');
    this.writeLink(this.file, this.end, generation);
    this.end = this.afterLink(this.end, generation);
    this.file.flush();
    this.flushedTo = this.before = this.end;
  }

  /**
   * Add a batch. Throws what the file system throws (A1).
   * @param log the journal's record, if the batch has one
   */
  append(log: LogRecord | undefined, changes: Buffer, kind: RecordKindValue = RecordKind.batch): void {
    const bytes = log?.bytes ?? nothing;
    const length = recordHeaderBytes + bytes.byteLength + changes.byteLength;
    this.heal();
    if (
      this.end.offset + length > this.fileBytesMax &&
      this.end.offset > Math.min(smallFileBytes, this.fileBytesMax / 2)
    ) {
      this.flush();
      this.startFile(this.end.file + 1, this.end.generation + 1);
    }
    const { generation, ordinal, offset } = this.end;
    const flushed = this.flushedTo.generation === generation ? this.flushedTo.ordinal : 0;
    const position = log?.position ?? 0;
    const sizes = { logBytes: bytes.byteLength, changesBytes: changes.byteLength };
    const header = { kind, generation, ordinal, flushed, position, ...sizes };
    this.openFile.write([encodeHeader(header, bytes, changes), bytes, changes], offset);
    this.before = this.end;
    this.end = placeAfter(this.end, header);
    const last = this.files.at(-1)!;
    last.bytes = Math.max(last.bytes, this.end.offset);
  }

  /** Make everything appended survive a power cut. Throws what the file system throws (A4). */
  flush(): void {
    this.heal();
    if (this.flushedTo === this.end) return;
    this.openFile.flush();
    this.flushedTo = this.end;
  }

  /**
   * Take the last record back: without a header it does not count, whether it reached the disk or not. When
   * even that cannot be written, it counts for the next opening only.
   */
  takeBack(): void {
    this.end = this.before;
    try {
      this.openFile.write([Buffer.alloc(recordHeaderBytes)], this.end.offset);
    } catch {
      // The next record is written over it.
    }
  }

  /**
   * Log records from one position (inclusive) to another (exclusive), in order.
   * @param marks places nearer than the beginning of a file: what lies before them need not be whole
   * @throws JOURNAL_CORRUPT
   */
  *read(from: number, to: number, marks: readonly LogPlace[] = []): Generator<LogRecord> {
    const start = nearest(startOf(this.source, this.files, from, logBeginning), marks, from);
    const last = Math.min(this.end.position, to - 1);
    let reached = start.position;
    for (const entry of reached < last ? walkLog(this.source, start, refuseDamage) : []) {
      const { position } = entry.header;
      if (position > last) return;
      if (entry.log === undefined) continue;
      reached = position;
      if (position >= from) yield { position, bytes: entry.log };
    }
    if (reached >= last || last < from) return;
    const what = `the log breaks off behind record ${reached}; it went on to ${this.end.position}`;
    refuseDamage({ file: logFileName(start.file), offset: start.offset, what });
  }

  /** Drop files whose records are all before a position, and before the place lmdb's mark names. */
  dropBefore(position: number, mark: LogPlace): void {
    let [first, second] = this.files;
    while (first !== undefined && second !== undefined && second.first <= position && first.number < mark.file) {
      fs.rmSync(join(this.folder, logFileName(first.number)), { force: true });
      this.files.shift();
      [first, second] = this.files;
    }
  }

  close(): void {
    this.file?.close();
    this.file = undefined;
  }

  private get openFile(): LogFile {
    if (this.file === undefined) throw new Error('the log is not open for writing');
    return this.file;
  }

  /** A2. Begin a file. Nothing is changed when it throws. */
  private startFile(number: number, generation: number): void {
    const path = join(this.folder, logFileName(number));
    const file = LogFile.create(path, this.fileBytesMax);
    const start = { ...this.end, file: number, offset: 0 };
    try {
      this.writeLink(file, start, generation);
      file.flush();
      flushFolder(this.folder);
    } catch (error) {
      file.close();
      fs.rmSync(path, { force: true });
      throw error;
    }
    this.file?.close();
    this.file = file;
    this.files.push({ number, first: this.end.position + 1, bytes: this.fileBytesMax });
    this.end = this.flushedTo = this.before = this.afterLink(start, generation);
  }

  private writeLink(file: LogFile, { offset, generation, ordinal, position }: LogPlace, own: number): void {
    const changes = Buffer.from(JSON.stringify({ generation, ordinal, position }));
    const sizes = { logBytes: 0, changesBytes: changes.byteLength };
    const header = { kind: RecordKind.link, generation: own, ordinal: 0, flushed: 0, position: 0, ...sizes };
    file.write([encodeHeader(header, nothing, changes), changes], offset);
  }

  private afterLink(place: LogPlace, generation: number): LogPlace {
    const { ordinal, position } = place;
    const bytes = Buffer.byteLength(JSON.stringify({ generation: place.generation, ordinal, position }));
    return { ...place, offset: place.offset + recordHeaderBytes + bytes, generation, ordinal: 1 };
  }

  /** Files behind the log's end were begun and never used. */
  private dropUnused(): void {
    for (const number of this.source.numbers()) {
      if (number > this.end.file) fs.rmSync(join(this.folder, logFileName(number)), { force: true });
    }
  }

  private describe(number: number): LogFileStart & { bytes: number } {
    const bytes = this.source.sizeOf(number) ?? 0;
    return { number, first: (readFirstLink(this.source, number)?.position ?? 0) + 1, bytes };
  }

  /** A4. Throws when it cannot be done: then nothing is appended. */
  private heal(): void {
    if (!this.distrusted) return;
    const file = this.openFile;
    for (let place = this.flushedTo; place.offset < this.end.offset; ) {
      const head = file.read(place.offset, recordHeaderBytes);
      const header = head === undefined ? undefined : readHeader(head);
      const record = header === undefined ? undefined : file.read(place.offset, recordBytes(header));
      if (header === undefined || record === undefined || !isWhole(record)) {
        throw new Error(`${file.path}: what a failed flush left cannot be proven; open the journal anew`);
      }
      file.write([record], place.offset);
      place = placeAfter(place, header);
    }
    file.touch();
    file.flush();
    this.flushedTo = this.end;
  }
}
