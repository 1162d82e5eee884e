/** `troupe journal import`: a new journal made of an export. */
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { TroupeError } from '../core/errors.js';
import { importFolder } from '../journal/import-folder.js';
import { ExitCode, type ExitCodeValue, type Output } from './output.js';
import { countOf } from './text.js';

/** Import. @param file what export has written */
export async function importJournal(
  file: string,
  { journal }: { journal: string },
  out: Output,
): Promise<ExitCodeValue> {
  const lines = createInterface({
    input: fs.createReadStream(file, { fd: open(file) }),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  const counts = await importFolder(lines, file, journal);
  out.json({ kind: 'imported', journal, ...counts });
  out.line(`${journal}: ${countOf(counts.records, 'record')}; the system may be started on it`);
  return ExitCode.ok;
}

function open(file: string): number {
  try {
    const descriptor = fs.openSync(file, 'r');
    // A folder can be opened, and fails only when it is read.
    if (!fs.fstatSync(descriptor).isDirectory()) return descriptor;
    fs.closeSync(descriptor);
    throw new Error('it is a folder');
  } catch (cause) {
    const message = `${file} cannot be read (${(cause as Error).message})`;
    throw new TroupeError('NOT_AN_EXPORT', message, { field: 'file', value: file, cause });
  }
}
