/** A walk over the files of a jail: bounded, in the order of names, never through a link. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { FolderJail } from './folder-jail.js';
import { refuse } from './refuse.js';

/** One thing in a folder. */
export interface FolderEntry {
  /** From the root of the jail, with `/`. */
  path: string;
  kind: 'file' | 'folder' | 'other';
}

/**
 * Walk, folders before what is in them. Links and devices are `other` and not followed.
 * @param depthMax folders deep; 0: only what is in the folder itself
 * @throws TroupeError TOOL_PATH for a folder that is none
 */
export async function* walk(
  jail: FolderJail,
  given: string,
  depthMax: number,
  signal: AbortSignal,
): AsyncGenerator<FolderEntry> {
  signal.throwIfAborted();
  const real = await jail.existing(given);
  const entries = await readdir(real, { withFileTypes: true }).catch((error: { code?: string }) => {
    // Gone or closed meanwhile: what is below it cannot be seen. The folder that was asked for must be one.
    if (error.code !== 'ENOTDIR') return [] as Dirent[];
    return refuse('TOOL_PATH', `"${given}" is no folder`, 'path', given);
  });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const at = path.posix.join(given, entry.name);
    const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
    yield { path: at, kind };
    if (kind === 'folder' && depthMax > 0) yield* walk(jail, at, depthMax - 1, signal);
  }
}
