/**
 * A disk that a test controls: builds `test/fixtures/disk.c`, gives the environment for a process to run on it,
 * steers it while it runs and reads what it did. Linux with a C compiler only: elsewhere `buildDisk` says why not.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, realpathSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { constants } from 'node:os';
import { makeFolder, removeFolder } from './scratch-folder.js';

/** Of a control word: for ever, or (of calls left) without end. */
const forever = 0xffff_ffff;

/** The words of the control file, in the order of `enum word`. */
const words = [
  'delayMs',
  'lie',
  'writesLeft',
  'writeErrno',
  'flushesLeft',
  'flushErrno',
  'writesFail',
  'flushesFail',
  'sparesMdb',
  'shortWrites',
  'roomKib',
  'clockShiftS',
  'writesSeen',
  'flushesSeen',
  'callsFailed',
] as const;

/** What the disk can be told (the first twelve), and what it counts. */
export type DiskWord = (typeof words)[number];

/** The state in which a disk is as good as any other. */
const healthy: Partial<Record<DiskWord, number>> = {
  delayMs: 0,
  lie: 0,
  writesLeft: forever,
  flushesLeft: forever,
  roomKib: forever,
};

/**
 * Compile the shim into a folder.
 * @returns the library's path, or why it cannot be had here
 */
export function buildDisk(folder: string): { library: string } | { missing: string } {
  if (process.platform !== 'linux') return { missing: 'libraries are put before libc on Linux only' };
  const library = join(folder, 'disk.so');
  const source = join(process.cwd(), 'test', 'fixtures', 'disk.c');
  const built = spawnSync('cc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-lpthread'], { encoding: 'utf8' });
  if (built.error !== undefined) return { missing: 'there is no C compiler' };
  if (built.status !== 0) throw new Error(`the disk does not compile: ${built.stderr}`);
  return { library };
}

/**
 * The library for all tests of a suite; call inside `describe`. Without a C compiler, or where libraries cannot be put
 * before libc, the suite is pending.
 * @returns its path, once the tests run
 */
export function useDiskLibrary(): () => string {
  let tools: string;
  let library: string;
  before(function () {
    tools = makeFolder();
    const built = buildDisk(tools);
    if ('missing' in built) return this.skip();
    library = built.library;
  });
  after(() => removeFolder(tools));
  return () => library;
}

/** Steers a disk. Also used inside the process that runs on it. */
export class DiskControl {
  private readonly descriptor: number;

  constructor(readonly path: string) {
    this.descriptor = openSync(path, 'r+');
  }

  /** Tell the disk. Takes effect with its next call. */
  set(changes: Partial<Record<DiskWord, number>>): void {
    for (const [name, value] of Object.entries(changes)) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(value);
      writeSync(this.descriptor, bytes, 0, 4, words.indexOf(name as DiskWord) * 4);
    }
  }

  get(name: DiskWord): number {
    const bytes = Buffer.alloc(4);
    readSync(this.descriptor, bytes, 0, 4, words.indexOf(name) * 4);
    return bytes.readUInt32LE();
  }

  /**
   * The next `writesLeft` writes pass, then every write fails for want of room, also one over what is there: a file
   * system that never writes in place.
   * @param how `short`: what fails is written by half first; `all`: lmdb's files too, which lmdb may not survive
   */
  refuseWrites(writesLeft = 0, how: { short?: boolean; all?: boolean } = {}): void {
    this.set({
      writesFail: forever,
      writeErrno: constants.errno.ENOSPC,
      sparesMdb: how.all ? 0 : 1,
      shortWrites: how.short ? 1 : 0,
      callsFailed: 0,
      writesLeft,
    });
  }

  /** So much room is left, in KiB (by pages of 4); what is there can be written over. */
  leaveRoom(roomKib: number): void {
    this.set({ callsFailed: 0, roomKib });
  }

  /** The next `flushesLeft` flushes pass; then `flushesFail` flushes fail with EIO. */
  failFlushes(flushesLeft = 0, flushesFail = 1): void {
    this.set({ flushesFail, flushErrno: constants.errno.EIO, callsFailed: 0, flushesLeft });
  }

  /** Set the machine's clock: so many seconds ahead of the true one, or (negative) behind it. */
  setClock(aheadS: number): void {
    this.set({ clockShiftS: aheadS >>> 0 });
  }

  /** Good as new. The clock stays. */
  heal(): void {
    this.set(healthy);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** What happened to the files of the folder. Paths are absolute. `at`: nanoseconds, monotonic. */
export type DiskMove = { path: string; inode: number; atNs: bigint } & (
  | { kind: 'wrote'; offset: number; data: Buffer; isThrough: boolean }
  | { kind: 'cut'; size: number }
  | { kind: 'flushBegins'; isFolder: boolean }
  /** `isReal`: the real flush was called and succeeded. `hasFailed`: the caller was told that it failed. */
  | { kind: 'flushEnds'; isFolder: boolean; isReal: boolean; hasFailed: boolean }
  /** The program says something: see `DISK_NOTES`. */
  | { kind: 'noted'; text: string }
  /** A write that failed, because the test wished it or for another reason. */
  | { kind: 'refused' }
  | { kind: 'made' }
  | { kind: 'removed' }
  | { kind: 'renamed'; to: string }
);

const headBytes = 40;
const kinds = [
  '',
  'wrote',
  'cut',
  'flushBegins',
  'flushEnds',
  'noted',
  'made',
  'removed',
  'renamed',
  'refused',
] as const;

/** One disk under one folder, for the life of one or several processes. */
export class Disk {
  readonly control: DiskControl;
  private readonly tracePath: string;
  /** What the program says goes here. */
  readonly notesPath: string;

  /**
   * @param library what `buildDisk` made
   * @param desk a folder for control, trace and notes, outside of `folder`
   * @param folder what lies below it is on this disk; must exist
   */
  constructor(
    private readonly library: string,
    desk: string,
    private readonly folder: string,
  ) {
    const controlPath = join(desk, 'control');
    writeFileSync(controlPath, Buffer.alloc(words.length * 4));
    this.control = new DiskControl(controlPath);
    this.control.heal();
    this.tracePath = join(realpathSync(desk), 'trace');
    this.notesPath = join(realpathSync(desk), 'notes');
  }

  /**
   * For a process that is to run on this disk.
   * @param isTraced false: nothing is written down
   * @param ahead the form of texts that, once written, are noted before a flush of their file ends (`DISK_AHEAD`)
   */
  env(isTraced = true, ahead?: string): NodeJS.ProcessEnv {
    return {
      ...process.env,
      LD_PRELOAD: this.library,
      DISK_FOLDER: realpathSync(this.folder),
      DISK_CONTROL: this.control.path,
      DISK_NOTES: this.notesPath,
      ...(isTraced ? { DISK_TRACE: this.tracePath } : {}),
      ...(ahead === undefined ? {} : { DISK_AHEAD: ahead }),
    };
  }

  /** Everything so far, in order. An unfinished record at the end (the process was killed) is left out. */
  trace(): DiskMove[] {
    const bytes = readFileSync(this.tracePath);
    const moves: DiskMove[] = [];
    for (let at = 0; at + headBytes <= bytes.length; ) {
      const pathBytes = bytes.readUInt16LE(at + 2);
      const dataBytes = bytes.readUInt32LE(at + 4);
      const end = at + headBytes + pathBytes + dataBytes;
      if (end > bytes.length) break;
      moves.push(moveAt(bytes, at, pathBytes, end));
      at = end;
    }
    return moves;
  }

  /** Begin a new trace. Only while no process runs on the disk. */
  forget(): void {
    rmSync(this.tracePath, { force: true });
  }

  close(): void {
    this.control.close();
  }
}

function moveAt(bytes: Buffer, at: number, pathBytes: number, end: number): DiskMove {
  const dataAt = at + headBytes + pathBytes;
  const data = bytes.subarray(dataAt, end);
  const flags = bytes[at + 1]!;
  const offset = Number(bytes.readBigUInt64LE(at + 24));
  const path = bytes.toString('utf8', at + headBytes, dataAt);
  const common = { path, inode: Number(bytes.readBigUInt64LE(at + 16)), atNs: bytes.readBigUInt64LE(at + 8) };
  const kind = kinds[bytes[at]!];
  switch (kind) {
    case 'wrote':
      return { ...common, kind, offset, data, isThrough: (flags & 1) !== 0 };
    case 'cut':
      return { ...common, kind, size: offset };
    case 'flushBegins':
      return { ...common, kind, isFolder: (flags & 4) !== 0 };
    case 'flushEnds': {
      const hasFailed = bytes.readInt32LE(at + 32) !== 0;
      const isReal = !hasFailed && (flags & 2) === 0;
      return { ...common, kind, isFolder: (flags & 4) !== 0, isReal, hasFailed };
    }
    case 'noted':
      return { ...common, kind, text: data.toString('utf8') };
    case 'renamed':
      return { ...common, kind, to: data.toString('utf8') };
    case 'made':
    case 'refused':
    case 'removed':
      return { ...common, kind };
    default:
      throw new Error(`the trace is torn at ${at}`);
  }
}
