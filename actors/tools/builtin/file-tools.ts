/** The tools of one folder. */
import type { Tool } from '../tool.js';
import type { FileToolOptions } from './file-options.js';
import { listFiles } from './list-files.js';
import { readCsv } from './read-csv.js';
import { readFile } from './read-file.js';
import { searchFiles } from './search-files.js';
import { writeFile } from './write-file.js';

/**
 * `readFile`, `listFiles`, `searchFiles`, `readCsv` and `writeFile` of one folder. `writeFile` is there too, and denied
 * until a grant says otherwise: `approval` counts for those that read.
 * @throws TroupeError what `FileToolOptions` refuse
 */
export function fileTools(options: FileToolOptions): Tool[] {
  const { approval: _, ...rest } = options ?? {};
  const reading = [readFile(options), listFiles(options), searchFiles(options), readCsv(options)];
  return [...reading, writeFile(rest as FileToolOptions)];
}
