/**
 * What the inventory knows of files and folders, and the two functions that look at them. The demo's actors call
 * these as jobs, on threads of their own; the plain walk it is compared with calls them directly. Both block.
 *
 * Paths are relative to the tree's root and written with `/`; the root itself is ''. Links are not followed. What
 * cannot be read is left out, here as there.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** Where to look. */
export interface Place {
  root: string;
  folder: string;
}

/** What is in a folder: names, in the order of their code units. */
export interface Listing {
  files: string[];
  folders: string[];
}

/** What is said of a file. */
export interface FileFacts {
  path: string;
  bytes: number;
  /** SHA-256 of its content, in hexadecimal. */
  digest: string;
  /** Set when it is a package.json that names one. */
  licence?: string;
}

const chunkBytes = 1 << 20;

/** The path of something in a folder. */
export function pathIn(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Job: the names in a folder. */
export function listFolder({ root, folder }: Place): Listing {
  const entries = unlessGone(() => readdirSync(join(root, folder), { withFileTypes: true })) ?? [];
  const names = (wanted: typeof entries) => wanted.map(({ name }) => name).sort();
  return {
    files: names(entries.filter((entry) => entry.isFile())),
    folders: names(entries.filter((entry) => entry.isDirectory())),
  };
}

/** Job: read and hash some files of a folder. */
export function readFiles({ root, folder, names }: Place & { names: string[] }): FileFacts[] {
  return names.flatMap((name) => unlessGone(() => readFile(root, pathIn(folder, name))) ?? []);
}

function readFile(root: string, path: string): FileFacts {
  const isPackage = path.endsWith('package.json') && /(^|\/)package\.json$/.test(path);
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let bytes = 0;
  for (const chunk of chunksOf(join(root, path))) {
    hash.update(chunk);
    bytes += chunk.length;
    if (isPackage) kept.push(Buffer.from(chunk));
  }
  const licence = isPackage ? licenceIn(Buffer.concat(kept).toString()) : undefined;
  return { path, bytes, digest: hash.digest('hex'), ...(licence !== undefined && { licence }) };
}

const buffer = Buffer.allocUnsafe(chunkBytes);

/** A file piece by piece, so that its size does not matter. A piece is good until the next one. */
function* chunksOf(file: string): Generator<Buffer> {
  const descriptor = openSync(file, 'r');
  try {
    for (;;) {
      const length = readSync(descriptor, buffer);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The `license` field in its three historical shapes; undefined when there is none to speak of. */
function licenceIn(json: string): string | undefined {
  let found: { license?: unknown; licenses?: unknown } | null;
  try {
    found = JSON.parse(json) as typeof found;
  } catch {
    // Packages ship broken package.json files on purpose, to test with.
    return undefined;
  }
  const given = [found?.license ?? found?.licenses ?? []].flat() as (string | { type?: unknown } | null)[];
  const names = given.map((each) => (typeof each === 'object' ? each?.type : each));
  return names.filter((name) => typeof name === 'string' && name !== '').join(' OR ') || undefined;
}

/** Trees change and have locked corners: then there is nothing to say of the file. Other failures are ours. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    return undefined;
  }
}
