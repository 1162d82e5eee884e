/**
 * A new journal made of an export: in a folder beside its place, which takes that place only when all of it is there.
 * Whoever interrupts it leaves no half a journal behind where one is looked for.
 */
import fs from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { TroupeError } from '../core/errors.js';
import { type ExportCounts, importLines } from './export.js';
import { flushFolder } from './journal-folder.js';
import { openLmdbStore } from './lmdb-store.js';

/**
 * Import.
 * @param lines of the export, without line breaks
 * @param name of the export, for errors
 * @param folder where the journal is to be: a new or an empty one
 * @throws TroupeError IMPORT_TARGET; NOT_AN_EXPORT, EXPORT_NEWER, EXPORT_DAMAGED; JOURNAL_UNWRITABLE, JOURNAL_FULL
 */
export async function importFolder(
  lines: AsyncIterable<string> | Iterable<string>,
  name: string,
  folder: string,
): Promise<ExportCounts> {
  const target = resolve(folder);
  refuseTaken(target);
  const making = join(dirname(target), `.${basename(target)}.importing-${process.pid}`);
  fs.rmSync(making, { recursive: true, force: true });
  try {
    const store = openLmdbStore(making);
    let counts: ExportCounts;
    try {
      counts = await importLines(lines, store, name);
    } finally {
      store.close();
    }
    if (fs.existsSync(target)) fs.rmdirSync(target);
    fs.renameSync(making, target);
    flushFolder(dirname(target));
    return counts;
  } catch (error) {
    fs.rmSync(making, { recursive: true, force: true });
    throw error;
  }
}

function refuseTaken(target: string): void {
  const isFree = !fs.existsSync(target) || (fs.statSync(target).isDirectory() && fs.readdirSync(target).length === 0);
  if (isFree) return;
  const message = `${target} is not empty; an import makes a new journal, so give a new or an empty folder`;
  throw new TroupeError('IMPORT_TARGET', message, { field: 'journal', value: target });
}
