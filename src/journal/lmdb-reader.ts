/**
 * Reading a journal that is stopped, or that a live process owns: as it was at one instant, without becoming its
 * owner and without writing a byte of it.
 *
 * What I own: a snapshot of lmdb and the overlay read from the log behind that snapshot's mark. What the owner may
 * do meanwhile: anything; it only appends to the log, and lmdb keeps the pages a snapshot sees.
 *
 * D1  Tables and log agree: both end at the same record.
 * D2  A record half written when it was read is no damage: damage is believed when it is still there on looking
 *     again.
 * D3  Every file of the log behind the snapshot is held open: its owner may drop them meanwhile.
 */
import fs from 'node:fs';
import { TroupeError } from '../core/errors.js';
import { requireReadable } from './journal-folder.js';
import { LmdbTables, type Snapshot } from './lmdb-tables.js';
import { RecordKind } from './log-record.js';
import { HeldLog, logFileName } from './log-source.js';
import {
  type LogDamage,
  type LogFileStart,
  type LogMark,
  type LogPlace,
  logBeginning,
  missingBefore,
  nearest,
  readFirstLink,
  refuseDamage,
  startOf,
  walkLog,
} from './log-walk.js';
import { Overlay } from './overlay.js';
import type { JournalReader, LogRecord, StoreKey, Table } from './store.js';
import { encodeKey } from './store-key.js';

const looksMax = 3;

/**
 * Open a journal for reading.
 * @param onDamage told of damage in the log behind lmdb's mark, which then counts as its end. Default: it is thrown
 * @throws TroupeError JOURNAL_MISSING there is no journal in the folder; NOT_A_JOURNAL, JOURNAL_NEWER,
 *   JOURNAL_UNWRITABLE (its files cannot be read or mapped); JOURNAL_CORRUPT the log behind lmdb's mark is damaged
 */
export function openJournalReader(folder: string, onDamage: (damage: LogDamage) => void = refuseDamage): LmdbReader {
  requireReadable(folder);
  for (let look = 1; ; look += 1) {
    const files = new HeldLog(fs.realpathSync(folder));
    let lmdb: LmdbTables | undefined;
    try {
      files.hold();
      lmdb = LmdbTables.open(fs.realpathSync(folder), 'read');
      return new LmdbReader(lmdb, files, look < looksMax ? refuseDamage : onDamage);
    } catch (error) {
      lmdb?.close();
      files.close();
      if (look === looksMax || !TroupeError.is(error, 'JOURNAL_CORRUPT')) throw error;
    }
  }
}

/** See the file's header. Made by `openJournalReader`. */
export class LmdbReader implements JournalReader {
  private readonly snapshot: Snapshot;
  private readonly overlay: Overlay;
  /** Up to where lmdb has taken the log in. */
  private readonly mark: LogMark;
  /** Where the log ended. */
  readonly end: LogPlace;
  private isOpen = true;

  /** @internal */
  constructor(
    private readonly lmdb: LmdbTables,
    private readonly log: HeldLog,
    onDamage: (damage: LogDamage) => void,
  ) {
    this.snapshot = this.takeSnapshot();
    this.overlay = new Overlay(lmdb, this.snapshot);
    this.mark = this.markAt(this.snapshot);
    const missing = missingBefore(log, this.mark);
    if (missing !== undefined) onDamage(missing);
    this.end = this.takeIn(this.mark, onDamage);
  }

  get(table: Table, key: StoreKey): Buffer | undefined {
    this.assertOpen();
    return this.overlay.get(table, encodeKey(key));
  }

  *scan(table: Table, from?: StoreKey, to?: StoreKey): Generator<{ key: StoreKey; value: Buffer }> {
    const parts = this.overlay.parts(table, from, to);
    for (;;) {
      this.assertOpen();
      const part = parts.next();
      if (part.done) return;
      yield* part.value;
    }
  }

  readLog(from = 0, to = Number.POSITIVE_INFINITY): Generator<LogRecord> {
    return this.readLogAround(from, to, refuseDamage);
  }

  /** As `readLog`; damage is told, and what it hides is left out. @param onDamage called in the log's order */
  *readLogAround(from: number, to: number, onDamage: (damage: LogDamage) => void): Generator<LogRecord> {
    this.assertOpen();
    // What is only history may be damaged without harm to what came after.
    const files = this.logFiles();
    const start = nearest(startOf(this.log, files, from, this.end), [this.mark], from);
    let isDamaged = false;
    if (from === 0) {
      for (const file of this.unreadableFiles(files)) {
        isDamaged = true;
        onDamage({ file, offset: 0, what: 'its beginning cannot be read, and so nothing of it' });
      }
    }
    let reached = start.position;
    const walk = walkLog(this.log, start, (damage) => {
      // Behind our instant the owner may be writing: what does not fit together there is not of our instant.
      if (reached >= this.end.position) return;
      isDamaged = true;
      onDamage(damage);
    });
    for (let next = walk.next(); ; next = walk.next()) {
      if (next.done && !isDamaged) this.refuseEarlyEnd(next.value, to, onDamage);
      if (next.done) return;
      const { header, log } = next.value;
      const { position } = header;
      if (position >= to || position > this.end.position) return;
      if (log !== undefined) reached = position;
      if (log !== undefined && position >= from) yield { position, bytes: log };
    }
  }

  /** The walk cannot tell a damaged record from the log's end when no later one knew it on disk; we know the end. */
  private refuseEarlyEnd(place: LogPlace, to: number, onDamage: (damage: LogDamage) => void): void {
    const { file, offset, position } = place;
    const last = Math.min(this.end.position, to - 1);
    if (position >= last) return;
    const what = `the log breaks off behind record ${position}; it went on to ${this.end.position}`;
    onDamage({ file: logFileName(file), offset, what });
  }

  /** Files that are there and not part of the log because their beginning is damaged. */
  private unreadableFiles(files: readonly LogFileStart[]): string[] {
    const known = new Set(files.map(({ number }) => number));
    const numbers = this.log.numbers().filter((number) => number <= this.end.file && !known.has(number));
    return numbers.map(logFileName);
  }

  /** Where each log file begins: its number and the first position that may be in it. */
  logFiles(): LogFileStart[] {
    return this.log.numbers().flatMap((number) => {
      const link = number > this.end.file ? undefined : readFirstLink(this.log, number);
      return link === undefined ? [] : [{ number, first: link.position + 1 }];
    });
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.snapshot.done();
    this.lmdb.close();
    this.log.close();
  }

  /** D3: the files that the snapshot knows were open before it, and those begun since are opened behind it. */
  private takeSnapshot(): Snapshot {
    for (let look = 1; ; look += 1) {
      const snapshot = this.lmdb.snapshot();
      this.log.hold();
      if (look === looksMax || !this.log.hasGapFrom(this.markAt(snapshot).file)) return snapshot;
      // So fast does its owner begin and drop files: once more, those that are there now are held.
      snapshot.done();
    }
  }

  private markAt(snapshot: Snapshot): LogMark {
    return this.lmdb.readOwn<LogMark>('mark', snapshot) ?? logBeginning;
  }

  /** D1: what the owner has committed since lmdb's mark. */
  private takeIn(mark: LogPlace, onDamage: (damage: LogDamage) => void): LogPlace {
    for (let look = 1; ; look += 1) {
      let damage: LogDamage | undefined;
      const end = this.fold(mark, (found) => {
        damage ??= found;
      });
      if (damage === undefined) return end;
      if (look < looksMax) continue;
      onDamage(damage);
      return end;
    }
  }

  private fold(mark: LogPlace, onDamage: (damage: LogDamage) => void): LogPlace {
    this.overlay.clear();
    const walk = walkLog(this.log, mark, onDamage);
    let { position } = mark;
    for (let next = walk.next(); ; next = walk.next()) {
      if (next.done) return next.value;
      const { header, file, offset, changes } = next.value;
      if (header.kind === RecordKind.held) {
        return { file, offset, generation: header.generation, ordinal: header.ordinal, position };
      }
      if (header.position > 0) position = header.position;
      this.overlay.add(changes(), header.changesBytes);
    }
  }

  private assertOpen(): void {
    if (!this.isOpen) throw new TroupeError('JOURNAL_CLOSED', 'the reader is closed');
  }
}
