/**
 * Room in lmdb's data file, taken before lmdb needs it. lmdb's own way of meeting a full disk is to print its
 * complaint into a buffer that is too short for it (lmdb-js 3.5.6, `mdb_page_flush`), which sooner or later ends the
 * process; opening without room ends it at once. So lmdb only ever writes where the file has been written before.
 *
 * R1  When `takeRoom` returns, a transaction of at most these changes fits into the file as it is. The estimate may be
 *     too large, never knowingly too small.
 * R2  When it throws, nothing was changed but the file's length.
 */
import fs from 'node:fs';

/** Each page of a transaction that is freed costs a number in lmdb's list of free pages. */
const freeEntryBytes = 8;
/** Longer values lie in pages of their own; shorter ones at most fill such a part of a page with themselves. */
const partOfPage = 2;
/** Branch pages, the list of tables, beginnings and ends. */
const sparePages = 64;
/** How much is written at a time, in bytes. */
const pieceBytes = 2 ** 20;

/** What is known of an lmdb file before a transaction. */
export interface DataFile {
  path: string;
  pageBytes: number;
  /** Pages lmdb has ever used, from the file's beginning. */
  usedPages: number;
  /** Pages of its list of free pages, which is written anew. */
  freeListPages: number;
}

/**
 * How many pages a transaction may write at most.
 * @param values the length of each value that is put, 0 for each key that is removed, in bytes
 */
export function pagesWritten(file: DataFile, values: Iterable<number>): number {
  let longPages = 0;
  let shortBytes = 0;
  let changes = 0;
  for (const bytes of values) {
    changes += 1;
    if (bytes * partOfPage > file.pageBytes) longPages += Math.ceil((bytes + 64) / file.pageBytes);
    else shortBytes += bytes;
  }
  // Each change touches a page, but no more pages than there are.
  const touched = Math.min(changes, file.usedPages) + Math.ceil((shortBytes * partOfPage) / file.pageBytes);
  const pages = longPages + touched + file.freeListPages + sparePages;
  return pages + Math.ceil((pages * freeEntryBytes) / file.pageBytes);
}

/**
 * Make the file long enough for a transaction (R1). Does nothing when it is.
 * @throws what the file system throws: ENOSPC, EDQUOT, EFBIG, EIO
 */
export function takeRoom(file: DataFile, values: Iterable<number>): void {
  const wanted = (file.usedPages + pagesWritten(file, values)) * file.pageBytes;
  if (fs.statSync(file.path).size >= wanted) return;
  const descriptor = fs.openSync(file.path, 'r+');
  try {
    const zeros = Buffer.alloc(pieceBytes);
    for (let at = fs.fstatSync(descriptor).size; at < wanted; ) {
      at += fs.writeSync(descriptor, zeros, 0, Math.min(pieceBytes, wanted - at), at);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}
