/**
 * A folder that file tools cannot leave.
 *
 * What I own: the way from a path that a model wrote to a file that may be touched.
 *
 * J1  A path is relative, without `..`, without NUL, and not longer than a file system has it.
 * J2  What it leads to, every symbolic link resolved, lies in the folder. (Links that stay inside are followed.)
 * J3  Only files and folders are touched: no devices, sockets or pipes, which may block or do something.
 * J4  Errors name the path as it was given: where the folder lies is nobody's business.
 *
 * It keeps a model in, not another program: who can move folders about under the root while a tool works can lead it
 * out. Give the folder to nobody else to write to.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { describeBriefly, TroupeError } from '../../../src/index.js';
import { refuse } from './refuse.js';

const pathCharsMax = 4_096;

/** See the file's header. */
export class FolderJail {
  /**
   * @param root the folder, as an absolute path; it may be made later
   * @throws TroupeError TOOL_SPEC when it is no absolute path
   */
  constructor(private readonly root: string) {
    if (typeof root === 'string' && path.isAbsolute(root) && !root.includes('\0')) return;
    const message = `the root of file tools must be an absolute path, and is ${describeBriefly(root)}`;
    throw new TroupeError('TOOL_SPEC', message, { field: 'root', value: root });
  }

  /** J1. @returns the parts of the path; none for the folder itself @throws TroupeError TOOL_PATH */
  private partsOf(given: string): string[] {
    const no = (why: string): never => refuse('TOOL_PATH', `${describeBriefly(given)} ${why}`, 'path', given);
    if (given.length > pathCharsMax) no(`has more than ${pathCharsMax} characters`);
    if (given.includes('\0')) no('has a NUL in it');
    // Both ways of writing paths on every platform: what is harmless here may be opened elsewhere.
    if (path.posix.isAbsolute(given) || path.win32.isAbsolute(given) || /^[A-Za-z]:/.test(given)) no('is not relative');
    const parts = given.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) no('leads out of the folder');
    return parts;
  }

  /** J2: where an existing path really is. @throws TroupeError TOOL_PATH */
  async existing(given: string): Promise<string> {
    const parts = this.partsOf(given);
    const root = await this.realRoot();
    const real = await realpath(path.join(root, ...parts)).catch((error: unknown) => missing(given, error));
    if (real !== root && !real.startsWith(root.endsWith(path.sep) ? root : root + path.sep)) {
      refuse('TOOL_PATH', `${describeBriefly(given)} is a link that leads out of the folder`, 'path', given);
    }
    return real;
  }

  /**
   * Open an existing file to read it. The caller closes it.
   * @throws TroupeError TOOL_PATH; TOOL_LIMIT when it is larger than `bytesMax`
   */
  async openToRead(given: string, bytesMax: number): Promise<{ file: FileHandle; size: number }> {
    const real = await this.existing(given);
    // J3, before it is opened: to open a pipe waits for whoever writes to it.
    if (!(await lstat(real)).isFile()) refuse('TOOL_PATH', `${describeBriefly(given)} is no file`, 'path', given);
    const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error) => missing(given, error));
    const { size } = await file.stat();
    if (size <= bytesMax) return { file, size };
    await file.close();
    return refuse('TOOL_LIMIT', `${describeBriefly(given)} has ${size} bytes, and may have ${bytesMax}`, 'path', given);
  }

  /** The text of a file. @throws what `openToRead` throws; TOOL_CONTENT when it is no UTF-8 text */
  async readText(given: string, bytesMax: number): Promise<string> {
    const { file, size } = await this.openToRead(given, bytesMax);
    try {
      // No more than was measured, also when it grows meanwhile.
      const bytes = Buffer.alloc(size);
      let read = 0;
      while (read < size) {
        const { bytesRead } = await file.read(bytes, read, size - read, read);
        if (bytesRead === 0) break;
        read += bytesRead;
      }
      return textOf(bytes.subarray(0, read), given);
    } finally {
      await file.close();
    }
  }

  /**
   * Where a file may be written that need not be there yet; folders above it are made.
   * @throws TroupeError TOOL_PATH
   */
  async writable(given: string): Promise<string> {
    const parts = this.partsOf(given);
    const name = parts.pop();
    if (name === undefined) return refuse('TOOL_PATH', `${describeBriefly(given)} names no file`, 'path', given);
    // One folder at a time: each is in the jail before anything is made in it.
    let above = '';
    for (const part of parts) {
      above = path.posix.join(above, part);
      const parent = await this.existing(path.posix.dirname(above));
      await mkdir(path.join(parent, part)).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') missing(given, error);
      });
      const real = await this.existing(above);
      if (!(await lstat(real)).isDirectory())
        refuse('TOOL_PATH', `${describeBriefly(above)} is no folder`, 'path', given);
    }
    const target = path.join(await this.existing(above === '' ? '.' : above), name);
    const found = await lstat(target).catch(() => undefined);
    if (found === undefined || found.isFile()) return target;
    const what = found.isSymbolicLink() ? 'is a link' : 'is no file';
    return refuse('TOOL_PATH', `${describeBriefly(given)} ${what}, and cannot be written to`, 'path', given);
  }

  private async realRoot(): Promise<string> {
    return realpath(this.root).catch(() => refuse('TOOL_PATH', 'the folder of the tool is not there', 'root'));
  }
}

/** J4. */
function missing(given: string, error: unknown): never {
  const code = codeOf(error);
  const why = code === 'ENOENT' ? 'does not exist' : `cannot be opened (${code})`;
  return refuse('TOOL_PATH', `${describeBriefly(given)} ${why}`, 'path', given);
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? 'unknown');
}

/** Bytes as text. @throws TroupeError TOOL_CONTENT when they are none */
function textOf(bytes: Uint8Array, given: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Said below, in words of ours.
  }
  return refuse('TOOL_CONTENT', `${describeBriefly(given)} is no text in UTF-8`, 'path', given);
}
