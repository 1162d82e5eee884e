/**
 * What a power cut leaves of a folder: replays the moves of `Disk.trace` and keeps apart what is on the disk and what
 * is only in the machine's memory.
 *
 * P1  What was written before a flush of its file began is on the disk when that flush has really ended; what a
 *     file opened for it (O_DSYNC) is given, when the write has ended.
 * P2  Of everything else, each sector of 512 bytes may be there as it was after any of its writes, whatever became
 *     of its neighbours; sectors themselves are not torn.
 * P3  Names (made, removed, renamed) are on the disk when their folder was flushed; of later ones any first few.
 * P4  What a failed flush was to bring to the disk is there or not, and no later flush changes that: the kernel
 *     has called those pages clean.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Random } from '../../src/core/random.js';
import type { DiskMove } from './disk.js';

const sectorBytes = 512;

/** A change that is in memory only. `isThrough`: the write itself flushed these bytes, and no others. */
type Pending = { kind: 'data'; offset: number; data: Buffer; isThrough: boolean } | { kind: 'size'; size: number };

/** One file's bytes: on the disk, and on the way. */
class FileImage {
  onDisk: Buffer = Buffer.alloc(0);
  pending: Pending[] = [];
  /** How many of `pending` the flush that is under way covers. */
  covered = 0;

  /** P1 */
  settle(count: number): void {
    for (const change of this.pending.splice(0, count)) this.onDisk = applied(this.onDisk, change);
  }

  /** P2: one of the many outcomes of the first `count` changes. `keep` is the chance of each sector, 0 to 1. */
  afterCut(count: number, random: Random, keep: number): Buffer {
    const changes = this.pending.slice(0, count).flatMap(bySector);
    const writes = new Map<number, { all: number; sure: number; left: number }>();
    for (const change of changes) {
      if (change.kind === 'size') continue;
      const known = writes.get(change.sector) ?? { all: 0, sure: 0, left: 0 };
      known.all += 1;
      if (change.isThrough) known.sure = known.all;
      writes.set(change.sector, known);
    }
    // Of each sector's writes the first few got through, never fewer than it was flushed with.
    for (const each of writes.values()) {
      const { all, sure } = each;
      each.left = random() < keep ? all : sure + (keep === 0 ? 0 : Math.floor(random() * (all - sure)));
    }
    let bytes: Buffer = Buffer.from(this.onDisk);
    for (const change of changes) {
      if (change.kind === 'size') {
        if (random() < keep) bytes = applied(bytes, change);
      } else if (writes.get(change.sector)!.left-- > 0) bytes = applied(bytes, change);
    }
    return bytes;
  }
}

function applied(bytes: Buffer, change: Pending): Buffer {
  const end = change.kind === 'size' ? change.size : Math.max(bytes.length, change.offset + change.data.length);
  const next = end === bytes.length ? bytes : resized(bytes, end);
  if (change.kind === 'data') change.data.copy(next, change.offset);
  return next;
}

function resized(bytes: Buffer, length: number): Buffer {
  const next = Buffer.alloc(length);
  bytes.copy(next, 0, 0, length);
  return next;
}

/** A change cut at the sectors' edges. */
function bySector(change: Pending): ((Pending & { kind: 'data'; sector: number }) | (Pending & { kind: 'size' }))[] {
  if (change.kind === 'size') return [change];
  const pieces: (Pending & { kind: 'data'; sector: number })[] = [];
  for (let at = change.offset, end = at + change.data.length; at < end; ) {
    const sector = Math.floor(at / sectorBytes);
    const next = Math.min((sector + 1) * sectorBytes, end);
    const data = change.data.subarray(at - change.offset, next - change.offset);
    pieces.push({ ...change, offset: at, data, sector });
    at = next;
  }
  return pieces;
}

type NameChange = { folder: string; apply(names: Map<string, FileImage>): void };

/** See the file's header. One image per trace; files the trace does not mention were not there. */
export class DiskImage {
  private readonly files = new Map<number, FileImage>();
  private readonly names = new Map<string, FileImage>();
  private readonly namesOnDisk: Map<string, FileImage>;
  private namesPending: NameChange[] = [];

  /**
   * @param before files that are on the disk when the trace begins, by absolute path
   * @param random decides what becomes of a flush that fails (P4)
   */
  constructor(
    before: ReadonlyMap<string, Buffer>,
    private readonly random: Random,
  ) {
    for (const [path, bytes] of before) {
      const file = new FileImage();
      // A copy: it is written over.
      file.onDisk = Buffer.from(bytes);
      this.names.set(path, file);
    }
    this.namesOnDisk = new Map(this.names);
  }

  /** The next move of the trace. */
  apply(move: DiskMove): void {
    switch (move.kind) {
      case 'made':
        this.fileOf(move);
        break;
      case 'wrote': {
        const { kind: _, offset, data, isThrough } = move;
        this.fileOf(move).pending.push({ kind: 'data', offset, data, isThrough });
        break;
      }
      case 'cut':
        this.fileOf(move).pending.push({ kind: 'size', size: move.size });
        break;
      case 'flushBegins':
        if (!move.isFolder) this.fileOf(move).covered = this.fileOf(move).pending.length;
        break;
      case 'flushEnds':
        this.flushed(move);
        break;
      case 'removed':
        this.rename(move.path, undefined);
        break;
      case 'renamed':
        this.rename(move.path, move.to);
        break;
      case 'noted':
      case 'refused':
        break;
    }
  }

  /**
   * What a power cut at this point leaves. The image itself goes on.
   * @param keep the chance of each unflushed write to have reached the disk: 0 is a cache that wrote nothing back,
   *   1 one that wrote back everything
   */
  powerCut(random: Random, keep: number): Map<string, Buffer> {
    const names = new Map(this.namesOnDisk);
    const kept = keep === 1 ? this.namesPending.length : Math.floor(random() * (this.namesPending.length + 1));
    for (const change of this.namesPending.slice(0, keep === 0 ? 0 : kept)) change.apply(names);
    return new Map([...names].map(([path, file]) => [path, file.afterCut(file.pending.length, random, keep)] as const));
  }

  private fileOf({ path, inode }: DiskMove): FileImage {
    const named = this.names.get(path);
    const known = this.files.get(inode);
    if (named !== undefined) {
      this.files.set(inode, named);
      return named;
    }
    // Written through a descriptor after its name was removed.
    if (known !== undefined && path.endsWith(' (deleted)')) return known;
    const file = new FileImage();
    this.files.set(inode, file);
    this.names.set(path, file);
    this.namesPending.push({ folder: dirname(path), apply: (names) => void names.set(path, file) });
    return file;
  }

  private flushed(move: DiskMove & { kind: 'flushEnds' }): void {
    if (move.isFolder) {
      if (!move.isReal) return;
      const later = this.namesPending.filter(({ folder }) => folder !== move.path);
      for (const change of this.namesPending) if (change.folder === move.path) change.apply(this.namesOnDisk);
      this.namesPending = later;
      return;
    }
    const file = this.fileOf(move);
    if (move.isReal) file.settle(file.covered);
    else if (move.hasFailed) {
      file.onDisk = file.afterCut(file.covered, this.random, 0.5);
      file.pending.splice(0, file.covered);
    }
    file.covered = 0;
  }

  private rename(from: string, to: string | undefined): void {
    const change = (names: Map<string, FileImage>) => {
      const file = names.get(from);
      names.delete(from);
      if (to !== undefined && file !== undefined) names.set(to, file);
    };
    change(this.names);
    this.namesPending.push({ folder: dirname(from), apply: change });
  }
}

/** Put files into a folder, named as they were named below another one. lmdb's lock is left out: it is no data. */
export function writeFiles(files: ReadonlyMap<string, Buffer>, from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const [path, bytes] of files) {
    if (path.endsWith('lock.mdb')) continue;
    const target = join(to, relative(from, path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}

/** The files below a folder, by absolute path: what `DiskImage` begins with. */
export function readFiles(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(path, readFileSync(path));
  }
  return files;
}
