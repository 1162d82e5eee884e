/**
 * Is the folder a journal, or may it become one? Asked before lmdb sees it, because lmdb trusts its
 * files: a data file that is something else, or was cut, would end the process instead of throwing.
 */
import fs from 'node:fs';
import { endianness } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { TroupeError } from '../core/errors.js';
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
const rootsAt = [pageHeaderBytes + 64, pageHeaderBytes + 112];
const transactionAt = pageHeaderBytes + 128;
const lmdbMagic = 0xbeefc0de;
const lmdbDataVersion = 2;
/** How much `looksFull` tries to write. */
const probeBytes = 2 ** 16;
/** The root of an empty tree. */
const noPage = 0xffff_ffff_ffff_ffffn;

/**
 * Make the folder when it is missing and check what is in it.
 * @returns whether the folder was empty
 * @throws TroupeError JOURNAL_UNWRITABLE, NOT_A_JOURNAL, JOURNAL_FULL
 */
export function prepareFolder(folder: string): { isNew: boolean } {
  const names = readOrMake(folder).filter((name) => !name.startsWith('.') && name !== 'lost+found');
  if (!names.includes(dataFileName)) {
    const foreign = names.find((name) => name !== lockFileName);
    if (foreign === undefined) return { isNew: true };
    throw new TroupeError('NOT_A_JOURNAL', `${folder} holds ${foreign} and no journal; give an empty or a new folder`, {
      field: 'journal',
      value: folder,
    });
  }
  const reason = whyNotLmdb(join(folder, dataFileName));
  if (reason === undefined) return { isNew: false };
  throw new TroupeError('NOT_A_JOURNAL', `${join(folder, dataFileName)} ${reason}`, {
    field: 'journal',
    value: folder,
  });
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

function readOrMake(folder: string): string[] {
  try {
    makeFolder(resolve(folder));
    fs.accessSync(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
    return fs.readdirSync(folder);
  } catch (cause) {
    if (isFull(cause)) throw writeError(cause, `making ${folder}`);
    throw new TroupeError('JOURNAL_UNWRITABLE', `${folder} cannot be made or written (${(cause as Error).message})`, {
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
  const probePath = join(folder, '.room');
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    if (bavail * bsize < bytes) return true;
    const end = fs.statSync(join(folder, dataFileName)).size;
    const descriptor = fs.openSync(probePath, 'w');
    try {
      fs.writeSync(descriptor, Buffer.alloc(probeBytes), 0, probeBytes, end);
    } finally {
      fs.closeSync(descriptor);
      fs.rmSync(probePath, { force: true });
    }
    return false;
  } catch (error) {
    return isFull(error);
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

/** What is wrong with a data file, as the end of a sentence; undefined when lmdb may open it. */
function whyNotLmdb(path: string): string | undefined {
  const { size, metas } = readMetas(path);
  // lmdb writes its first two pages at once; an empty file is a journal whose making was interrupted.
  if (size === 0) return undefined;
  const first = metas[0];
  if (first === undefined) return `is no lmdb file: it has only ${size} bytes`;
  if (first.magic !== lmdbMagic) return 'is no lmdb file';
  if (first.version !== lmdbDataVersion) return `is an lmdb file of another format (${first.version})`;
  if (metas.length < 2) return `is cut short: it has only ${size} bytes`;
  const newest = metas[1]!.transaction > first.transaction ? metas[1]! : first;
  const pages = BigInt(Math.floor(size / first.pageBytes));
  const isCut = newest.roots.some((root) => root !== noPage && root >= pages);
  return isCut ? `is cut short: it has only ${size} bytes` : undefined;
}

interface Meta {
  magic: number;
  version: number;
  pageBytes: number;
  roots: bigint[];
  transaction: bigint;
}

/** The two heads of an lmdb file, as far as the file has them. */
function readMetas(path: string): { size: number; metas: Meta[] } {
  let descriptor: number;
  try {
    descriptor = fs.openSync(path, fs.constants.O_RDWR);
  } catch (cause) {
    throw new TroupeError('JOURNAL_UNWRITABLE', `${path} cannot be opened for writing (${(cause as Error).message})`, {
      field: 'journal',
      value: path,
      cause,
    });
  }
  try {
    const first = readMeta(descriptor, 0);
    const second = first === undefined ? undefined : readMeta(descriptor, first.pageBytes);
    const metas = [first, second].filter((meta) => meta !== undefined);
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
  return {
    magic: view.getUint32(magicAt, little),
    version: view.getUint32(versionAt, little) & 0xffff,
    pageBytes: Math.max(view.getUint32(pageSizeAt, little), 512),
    roots: rootsAt.map((at) => view.getBigUint64(at, little)),
    transaction: view.getBigUint64(transactionAt, little),
  };
}
