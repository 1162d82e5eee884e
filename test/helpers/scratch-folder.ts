/** A folder for one test. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux's file system in memory, where flushes cost nothing. */
const inMemory = '/dev/shm';

/** Make an empty folder. The caller removes it with `removeFolder`. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'troupe-test-'));
}

/** The same in memory where there is such a place: for files that are made and opened by the dozen. */
export function makeQuickFolder(): string {
  return existsSync(inMemory) ? mkdtempSync(join(inMemory, 'troupe-test-')) : makeFolder();
}

/** Remove a folder and what is in it; harmless when it is gone. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
