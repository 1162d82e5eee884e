/** A folder for one test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Make an empty folder. The caller removes it with `removeFolder`. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'troupe-test-'));
}

/** Remove a folder and what is in it; harmless when it is gone. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
