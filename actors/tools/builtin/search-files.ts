/** The tool that looks for a text in the files of a folder. */
import { jsonSchema } from '../../schema/index.js';
import { defineTool, type Tool } from '../tool.js';
import { fileRules, type FileToolOptions, pathSchema, roomFor } from './file-options.js';
import type { FolderJail } from './folder-jail.js';
import { walk } from './folder-walk.js';

/** Arguments of `searchFiles`. */
export interface SearchFilesArgs {
  /** What to look for: a text as it is, no pattern, which could take for ever. */
  text: string;
  /** The folder to look in; default the root. */
  path?: string;
  /** Only files whose name ends so. */
  ending?: string;
  /** Do capital letters matter? Default false. */
  exact?: boolean;
  /** Hits at most; default 50. */
  hits?: number;
}

/** One line that has the text. */
export interface SearchHit {
  path: string;
  /** From 1. */
  line: number;
  /** The line, cut at 400 characters. */
  text: string;
}

/** What `searchFiles` answers. */
export interface SearchFilesResult {
  hits: SearchHit[];
  /** Files that were read, and those that were too large or no text. */
  files: number;
  skipped: number;
  /** True: there may be more. */
  isCut: boolean;
}

const lineCharsMax = 400;

/**
 * `searchFiles`: the lines that have a text, file by file in the order of names. Files that are too large or no text
 * are skipped and counted; it ends at `hits`, or at `entriesMax` files.
 * Refuses with TOOL_PATH.
 * @throws TroupeError what `FileToolOptions` refuse
 */
export function searchFiles(options: FileToolOptions): Tool<SearchFilesArgs, SearchFilesResult> {
  const { jail, bytesMax, entriesMax, depthMax, approval } = fileRules(options, 'searchFiles');
  return defineTool({
    name: 'searchFiles',
    description: `Looks for a text in up to ${entriesMax} text files, and shows the lines that have it.`,
    touches: 'nothing',
    ...approval,
    resultBytesMax: roomFor(entriesMax * (lineCharsMax + 256)),
    input: jsonSchema<SearchFilesArgs>({
      type: 'object',
      properties: {
        text: { type: 'string', minLength: 1, maxLength: 1_000, description: 'as it is written, no pattern' },
        path: pathSchema,
        ending: { type: 'string', maxLength: 64, description: 'only files whose name ends so, like .md' },
        exact: { type: 'boolean', description: 'do capital letters matter' },
        hits: { type: 'integer', minimum: 1, maximum: entriesMax, description: 'hits at most' },
      },
      required: ['text'],
      additionalProperties: false,
    }),
    example: { args: { text: 'tea', ending: '.md' }, says: 'the lines about tea, with their files and numbers' },
    run: async ({ text, path = '.', ending = '', exact = false, hits: max = 50 }, { signal }) => {
      const found: SearchFilesResult = { hits: [], files: 0, skipped: 0, isCut: false };
      const fold = (line: string): string => (exact ? line : line.toLowerCase());
      for await (const entry of walk(jail, path, depthMax, signal)) {
        if (entry.kind !== 'file' || !entry.path.endsWith(ending)) continue;
        if (found.files + found.skipped >= entriesMax) return { ...found, isCut: true };
        const content = await readable(jail, entry.path, bytesMax);
        if (content === undefined) {
          found.skipped += 1;
          continue;
        }
        found.files += 1;
        for (const [index, line] of content.split('\n').entries()) {
          if (!fold(line).includes(fold(text))) continue;
          if (found.hits.length >= max) return { ...found, isCut: true };
          found.hits.push({ path: entry.path, line: index + 1, text: line.slice(0, lineCharsMax) });
        }
      }
      return found;
    },
  });
}

/** The text of a file; undefined when it is none, or too large. */
async function readable(jail: FolderJail, path: string, bytesMax: number): Promise<string | undefined> {
  try {
    return await jail.readText(path, bytesMax);
  } catch {
    // Counted as skipped: one file that cannot be read must not hide the others.
    return undefined;
  }
}
