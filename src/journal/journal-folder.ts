/**
 * Is the folder a journal, or may it become one? Asked before lmdb sees it, because lmdb trusts its
 * files: a data file that is something else, or was cut, would end the process instead of throwing.
 */
import fs from 'node:fs';
import { endianness } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { TroupeError } from '../core/errors.js';
import { logFileNumbers } from './log-source.js';
import { isFull, writeError } from './storage-error.js';

/** lmdb's data file. */
export const dataFileName = 'data.mdb';
/** lmdb's lock file. */
const lockFileName = 'lock.mdb';

/** The header of an lmdb page in the format of lmdb-js 3 (data version 2), and its fields, in bytes. */
const pageHeaderBytes = 24;
const metaBytes = pageHeaderBytes + 144;
const magicAt = pageHeaderBytes;
const versionAt = pageHeaderBytes + 4;
const pageSizeAt = pageHeaderBytes + 24;
const lastPageAt = pageHeaderBytes + 120;
const transactionAt = pageHeaderBytes + 128;
const lmdbMagic = 0xbeefc0de;
const lmdbDataVersion = 2;
/** Where the second head stands when the first says nothing. */
const smallPageBytes = 4_096;
/** lmdb's two heads; whoever makes a journal flushes them before anything else is written. */
const beginningBytesMax = 2 * smallPageBytes;
/** How much `looksFull` tries to write. */
const probeBytes = 2 ** 16;
/** More than lmdb writes while it opens: its lock file and its first pages. */
const openingBytes = 2 ** 18;
/** What is written to see whether it can be. */
const probeName = '.room';
/**
 * Make the folder when it is missing and check what is in it.
 * @returns whether the folder was empty
 * @throws TroupeError JOURNAL_UNWRITABLE, NOT_A_JOURNAL, JOURNAL_FULL
 */
export function prepareFolder(folder: string): { isNew: boolean } {
  const prepared = lookInto(folder);
  requireRoom(folder);
  return prepared;
}

function lookInto(folder: string): { isNew: boolean } {
  const names = readOrMake(folder).filter((name) => !name.startsWith('.') && name !== 'lost+found');
  if (!names.includes(dataFileName)) {
    const foreign = names.find((name) => name !== lockFileName);
    if (foreign === undefined) return { isNew: true };
    throw new TroupeError('NOT_A_JOURNAL', `${folder} holds ${foreign} and no journal; give an empty or a new folder`, {
      field: 'journal',
      value: folder,
    });
  }
  const { reason, isBeginning } = lookAt(join(folder, dataFileName));
  if (reason === undefined) return { isNew: false };
  if (isBeginning && logFileNumbers(folder).length === 0) {
    fs.truncateSync(join(folder, dataFileName));
    return { isNew: true };
  }
  throw new TroupeError('NOT_A_JOURNAL', `${join(folder, dataFileName)} ${reason}`, {
    field: 'journal',
    value: folder,
  });
}

/**
 * May lmdb look at the folder's data file? For who only reads; its owner may be writing it.
 * @throws TroupeError JOURNAL_MISSING, JOURNAL_UNWRITABLE it may not be read; NOT_A_JOURNAL
 */
export function requireReadable(folder: string): void {
  const path = join(folder, dataFileName);
  try {
    fs.statSync(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isThere = code !== 'ENOENT' && code !== 'ENOTDIR';
    const what = isThere ? `${folder} cannot be read (${message})` : `there is no journal in ${folder}`;
    const options = { field: 'journal', value: folder, cause };
    throw new TroupeError(isThere ? 'JOURNAL_UNWRITABLE' : 'JOURNAL_MISSING', what, options);
  }
  const { reason } = lookAt(path, fs.constants.O_RDONLY);
  if (reason === undefined) return;
  throw new TroupeError('NOT_A_JOURNAL', `${path} ${reason}`, { field: 'journal', value: folder });
}

/** Make new names in a folder survive a power cut. Folders that cannot be opened for this are left alone (Windows). */
export function flushFolder(folder: string): void {
  let descriptor: number;
  try {
    descriptor = fs.openSync(folder, fs.constants.O_RDONLY);
  } catch {
    return;
  }
  try {
    fs.fsyncSync(descriptor);
  } catch {
    // Some file systems do not flush folders; they have nothing to flush then.
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Make a file's content survive a power cut. Throws what the file system throws. */
export function flushFile(path: string): void {
  const descriptor = fs.openSync(path, 'r+');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function readOrMake(folder: string): string[] {
  try {
    makeFolder(resolve(folder));
    fs.accessSync(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
    return fs.readdirSync(folder);
  } catch (cause) {
    if (isFull(cause)) throw writeError(cause, `making ${folder}`);
    const what = `${folder} cannot be made or written (${(cause as Error).message})`;
    throw new TroupeError('JOURNAL_UNWRITABLE', `${what}; make it writable, or give another folder`, {
      field: 'journal',
      value: folder,
      cause,
    });
  }
}

/**
 * Is there no room for `bytes` more? lmdb reports a write that the disk cut short as EIO, whatever cut it:
 * a full disk, a quota or a limit on the size of files. So try: write a little beyond the data's end.
 */
export function looksFull(folder: string, bytes: number): boolean {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    if (bavail * bsize < bytes) return true;
    const end = fs.statSync(join(folder, dataFileName)).size;
    return !canWrite(folder, end, probeBytes);
  } catch (error) {
    return isFull(error);
  }
}

/** lmdb ends the process when it opens and finds no room for its first writes. So try before. */
function requireRoom(folder: string): void {
  try {
    if (canWrite(folder, 0, openingBytes)) return;
  } catch (cause) {
    throw writeError(cause, `opening ${folder}`);
  }
  throw writeError(new Error(`fewer than ${openingBytes} bytes are left`), `opening ${folder}`, true);
}

/** Write zeros to a file made for it, and remove it. Throws what the file system throws. */
function canWrite(folder: string, position: number, bytes: number): boolean {
  const path = join(folder, probeName);
  const descriptor = fs.openSync(path, 'w');
  try {
    // A disk that fills up within the write cuts it short, and says so only by the count.
    return fs.writeSync(descriptor, Buffer.alloc(bytes), 0, bytes, position) === bytes;
  } finally {
    fs.closeSync(descriptor);
    fs.rmSync(path, { force: true });
  }
}

/** Node's own recursive mkdir never returns where the parent exists but takes no folders (/proc). */
function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  const parent = dirname(folder);
  makeFolder(parent);
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    // Somebody else may have made it just now.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  flushFolder(parent);
}

/**
 * What is wrong with a data file, as the end of a sentence; undefined when lmdb may open it.
 * @returns `isBeginning`: a power cut may have left it so while the journal was being made: lmdb had not yet flushed
 *   its two heads, and of each either all or nothing reached the disk
 */
function lookAt(
  path: string,
  access: number = fs.constants.O_RDWR,
): { reason: string | undefined; isBeginning?: boolean } {
  const { size, metas } = readMetas(path, access);
  // lmdb writes its first two pages at once; an empty file is a journal whose making was interrupted.
  if (size === 0) return { reason: undefined };
  const [first, second] = metas;
  if (first === undefined) return { reason: `is no lmdb file: it has only ${size} bytes` };
  const isBeginning = size <= beginningBytesMax && metas.every(({ isWhole, isZero }) => isWhole || isZero);
  if (first.magic !== lmdbMagic) return { reason: 'is no lmdb file', isBeginning };
  if (first.version !== lmdbDataVersion) return { reason: `is an lmdb file of another format (${first.version})` };
  if (second === undefined) return { reason: `is cut short: it has only ${size} bytes`, isBeginning };
  if (!second.isWhole) return { reason: 'has only one of its two heads', isBeginning };
  const newest = second.transaction > first.transaction ? second : first;
  // Room is taken before lmdb writes (`data-room.ts`): every page it ever used is in the file.
  const isCut = newest.lastPage >= BigInt(Math.floor(size / first.pageBytes));
  return { reason: isCut ? `is cut short: it has only ${size} bytes` : undefined };
}

interface Meta {
  magic: number;
  version: number;
  pageBytes: number;
  /** The last page that was ever used. */
  lastPage: bigint;
  transaction: bigint;
  /** It says that it is a head, of our format. */
  isWhole: boolean;
  /** There is nothing in it. */
  isZero: boolean;
}

/** The two heads of an lmdb file, as far as the file has them. */
function readMetas(path: string, access: number): { size: number; metas: Meta[] } {
  let descriptor: number;
  try {
    descriptor = fs.openSync(path, access);
  } catch (cause) {
    const what = access === fs.constants.O_RDONLY ? 'read' : 'opened for writing';
    throw new TroupeError('JOURNAL_UNWRITABLE', `${path} cannot be ${what} (${(cause as Error).message})`, {
      field: 'journal',
      value: path,
      cause,
    });
  }
  try {
    const first = readMeta(descriptor, 0);
    const second =
      first === undefined ? undefined : readMeta(descriptor, first.isZero ? smallPageBytes : first.pageBytes);
    const metas = [first, second].filter((meta) => meta !== undefined);
    // Behind the heads: the file of a living journal only grows.
    return { size: fs.fstatSync(descriptor).size, metas };
  } finally {
    fs.closeSync(descriptor);
  }
}

function readMeta(descriptor: number, position: number): Meta | undefined {
  const bytes = Buffer.alloc(metaBytes);
  if (fs.readSync(descriptor, bytes, 0, metaBytes, position) < metaBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = endianness() === 'LE';
  const [magic, version] = [view.getUint32(magicAt, little), view.getUint32(versionAt, little) & 0xffff];
  return {
    magic,
    version,
    isWhole: magic === lmdbMagic && version === lmdbDataVersion,
    isZero: bytes.every((byte) => byte === 0),
    pageBytes: Math.max(view.getUint32(pageSizeAt, little), 512),
    lastPage: view.getBigUint64(lastPageAt, little),
    transaction: view.getBigUint64(transactionAt, little),
  };
}
