/**
 * Reading the log files: record after record, from one file into the next, with proof at every step.
 *
 *   log-000000000001.bin  [link g1][record][record][link g2][record] 0 0 0      (opened anew after g1)
 *   log-000000000002.bin  [link g3][record]...
 *
 * W1  A record counts when it is whole, of the generation being read, and numbered next; or when it is a link
 *     that says it follows just what was read. The first that does not count ends the log.
 * W2  An end is a torn write only if nothing behind it proves otherwise: a later whole record that knew the
 *     missing one to be on disk, or a later file, makes it damage. Damage is never passed over in silence.
 */
import { TroupeError } from '../core/errors.js';
import {
  decodeChanges,
  isWhole,
  type KeyedChange,
  nextMagic,
  readHeader,
  recordBytes,
  type RecordHeader,
  recordHeaderBytes,
  RecordKind,
} from './log-record.js';
import { logFileName, type LogSource } from './log-source.js';

/** A place in the log: where the next record stands, and what it must say to follow. */
export interface LogPlace {
  /** The file's number, from 1. */
  readonly file: number;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
  readonly generation: number;
  readonly ordinal: number;
  /** The position of the last log record before this place; 0 when there is none. */
  readonly position: number;
}

/** A place as lmdb remembers it: with what must be found there, so that a file that is cut or exchanged is noticed. */
export interface LogMark extends LogPlace {
  /** How long the file was, at least: files never get shorter. */
  readonly fileBytes?: number;
  /** The last bytes before the place, in hexadecimal. */
  readonly tail?: string;
}

/** Bytes of a mark's `tail`. */
const tailBytes = 16;

/** Before the first record of all. */
export const logBeginning: LogPlace = { file: 1, offset: 0, generation: 0, ordinal: 0, position: 0 };

/** What a link says: after how many records of which generation it stands, and behind which log position. */
export interface Link {
  readonly generation: number;
  readonly ordinal: number;
  readonly position: number;
}

/** One batch as read. `log` and the changes share the memory of the file's bytes. */
export interface LogEntry {
  readonly header: RecordHeader;
  /** Where the record stands. */
  readonly file: number;
  readonly offset: number;
  /** Undefined when the batch has no log record. */
  readonly log: Buffer | undefined;
  readonly changes: () => KeyedChange[];
}

/** Something in the log that is not as it was written. */
export interface LogDamage {
  readonly file: string;
  readonly offset: number;
  readonly what: string;
}

/** The link a file begins with; undefined when there is no such file, or it was never begun. */
export function readFirstLink(log: LogSource, number: number): (Link & { own: number }) | undefined {
  const bytes = log.read(number, 0, 4_096);
  const header = bytes === undefined ? undefined : readHeader(bytes);
  if (bytes === undefined || header?.kind !== RecordKind.link) return undefined;
  const record = bytes.subarray(0, recordBytes(header));
  return record.length === recordBytes(header) && isWhole(record)
    ? { ...linkOf(record), own: header.generation }
    : undefined;
}

/**
 * All batches from a place on.
 * @param onDamage called for damage; what it throws ends the walk, else it goes on with the next file
 * @returns where the log ends
 */
export function* walkLog(
  log: LogSource,
  from: LogPlace,
  onDamage: (damage: LogDamage) => void,
): Generator<LogEntry, LogPlace> {
  let place = from;
  for (;;) {
    const bytes = log.read(place.file, place.offset) ?? Buffer.alloc(0);
    const start = place.offset;
    for (let entry = entryAt(bytes, place, start); entry !== undefined; entry = entryAt(bytes, place, start)) {
      place = placeAfter(place, entry.header);
      if (entry.header.kind !== RecordKind.link) yield entry;
    }
    const link = readFirstLink(log, place.file + 1);
    const isStale = link !== undefined && link.generation === place.generation && link.ordinal < place.ordinal;
    if (link === undefined || isStale) {
      if (proves(bytes.subarray(place.offset - start), place)) {
        onDamage(damageAt(place, 'a record that was on disk cannot be read'));
      }
      const next = { ...place, file: place.file + 1, offset: 0 };
      // A beginning that was torn has nothing behind it.
      if (link === undefined && proves(log.read(next.file, 0) ?? Buffer.alloc(0), place)) {
        onDamage(damageAt(next, 'its beginning cannot be read'));
      }
      return place;
    }
    if (link.generation !== place.generation || link.ordinal !== place.ordinal) {
      onDamage(damageAt(place, `the log breaks off before record ${link.ordinal} of generation ${link.generation}`));
    }
    place = { file: place.file + 1, offset: 0, ...link };
  }
}

/** A log file, and the first log position that may be in it. */
export interface LogFileStart {
  readonly number: number;
  readonly first: number;
}

/**
 * Where to begin to look for a position: the last of the files that can hold it.
 * @param none when there is no such file, or its beginning cannot be read
 */
export function startOf(log: LogSource, files: readonly LogFileStart[], position: number, none: LogPlace): LogPlace {
  const file = files.findLast(({ first }) => first <= position) ?? files[0];
  const link = file === undefined ? undefined : readFirstLink(log, file.number);
  if (file === undefined || link === undefined) return none;
  return {
    file: file.number,
    offset: 0,
    generation: link.generation,
    ordinal: link.ordinal,
    position: link.position,
  };
}

/** Of a file's beginning and marks in the order of the log: the last from which a position is still ahead. */
export function nearest(beginning: LogPlace, marks: readonly LogPlace[], position: number): LogPlace {
  return marks.findLast((mark) => mark.position < position && mark.file >= beginning.file) ?? beginning;
}

/**
 * The log must be there up to a place that lmdb knows of: without this a log that was deleted, or cut off before that
 * place, would be an empty one. @returns the damage, if any
 */
export function missingBefore(log: LogSource, mark: LogMark): LogDamage | undefined {
  if (mark.offset === 0) return undefined;
  const file = logFileName(mark.file);
  const found = proofOf(log, mark);
  if (found === undefined) return { file, offset: 0, what: 'the file is missing' };
  const bytesMin = mark.fileBytes ?? mark.offset;
  if (found.fileBytes < bytesMin) {
    return { file, offset: found.fileBytes, what: `the file is cut off; it was at least ${bytesMin} bytes long` };
  }
  if (mark.tail === undefined || mark.tail === found.tail) return undefined;
  return { file, offset: mark.offset - tailBytes, what: 'what stands there was not written there' };
}

/** What a mark remembers of its file; undefined when there is none. */
export function proofOf(log: LogSource, { file, offset }: LogPlace): { fileBytes: number; tail: string } | undefined {
  const fileBytes = log.sizeOf(file);
  if (fileBytes === undefined) return undefined;
  const from = Math.max(0, offset - tailBytes);
  const tail = log.read(file, from, offset - from) ?? Buffer.alloc(0);
  return { fileBytes, tail: tail.toString('hex') };
}

/** For a walk that must not go on after damage. @throws TroupeError JOURNAL_CORRUPT */
export function refuseDamage({ file, offset, what }: LogDamage): never {
  const message = `${file}, byte ${offset}: ${what}; see \`troupe journal check\``;
  throw new TroupeError('JOURNAL_CORRUPT', message, { value: `${file}@${offset}` });
}

/** The place behind a record. */
export function placeAfter(place: LogPlace, header: RecordHeader): LogPlace {
  return {
    file: place.file,
    offset: place.offset + recordBytes(header),
    generation: header.generation,
    ordinal: header.ordinal + 1,
    position: header.position === 0 ? place.position : header.position,
  };
}

/** W1. @param start the file's offset at which `bytes` begin */
function entryAt(bytes: Buffer, place: LogPlace, start: number): LogEntry | undefined {
  const at = place.offset - start;
  const header = readHeader(bytes, at);
  if (header === undefined || at + recordBytes(header) > bytes.length) return undefined;
  const isLink = header.kind === RecordKind.link;
  if (!isLink && (header.generation !== place.generation || header.ordinal !== place.ordinal)) return undefined;
  const record = bytes.subarray(at, at + recordBytes(header));
  if (!isWhole(record)) return undefined;
  if (isLink) {
    const link = linkOf(record);
    const follows = link.generation === place.generation && link.ordinal === place.ordinal;
    if (!follows || header.generation <= place.generation) return undefined;
  }
  const logEnd = recordHeaderBytes + header.logBytes;
  return {
    header,
    file: place.file,
    offset: place.offset,
    log: header.position === 0 ? undefined : record.subarray(recordHeaderBytes, logEnd),
    changes: () => (isLink ? [] : decodeChanges(record.subarray(logEnd))),
  };
}

/** W2: does anything behind the log's end prove that more was on disk? @param rest the file from the end on */
function proves(rest: Buffer, end: LogPlace): boolean {
  for (let at = nextMagic(rest, 1); at >= 0; at = nextMagic(rest, at + 1)) {
    const header = readHeader(rest, at);
    if (header === undefined || at + recordBytes(header) > rest.length) continue;
    const isLater =
      header.generation > end.generation ||
      (header.generation === end.generation && header.ordinal > end.ordinal && header.flushed > end.ordinal);
    if (!isLater || !isWhole(rest.subarray(at, at + recordBytes(header)))) continue;
    return true;
  }
  return false;
}

function linkOf(record: Buffer): Link {
  return JSON.parse(record.toString('utf8', recordHeaderBytes)) as Link;
}

function damageAt({ file, offset }: LogPlace, what: string): LogDamage {
  return { file: logFileName(file), offset, what };
}
