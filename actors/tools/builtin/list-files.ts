/** The tool that lists the files of a folder. */
import { jsonSchema } from '../../schema/index.js';
import { defineTool, type Tool } from '../tool.js';
import { fileRules, type FileToolOptions, pathSchema, roomFor } from './file-options.js';
import { type FolderEntry, walk } from './folder-walk.js';

/** Arguments of `listFiles`. */
export interface ListFilesArgs {
  /** The folder; default the root. */
  path?: string;
  /** Folders deep below it; default 0: only what is in it. */
  depth?: number;
}

/** What `listFiles` answers. */
export interface ListFilesResult {
  entries: FolderEntry[];
  /** True: there are more than may be listed. */
  isCut: boolean;
}

/**
 * `listFiles`: what is in a folder, in the order of names, up to `entriesMax`. Links are named and not followed.
 * Refuses with TOOL_PATH.
 * @throws TroupeError what `FileToolOptions` refuse
 */
export function listFiles(options: FileToolOptions): Tool<ListFilesArgs, ListFilesResult> {
  const { jail, entriesMax, depthMax, approval } = fileRules(options, 'listFiles');
  return defineTool({
    name: 'listFiles',
    description: `Lists up to ${entriesMax} files and folders, in the order of their names.`,
    touches: 'nothing',
    ...approval,
    resultBytesMax: roomFor(entriesMax * 4_096),
    input: jsonSchema<ListFilesArgs>({
      type: 'object',
      properties: {
        path: pathSchema,
        depth: { type: 'integer', minimum: 0, maximum: depthMax, description: 'folders deep below it' },
      },
      additionalProperties: false,
    }),
    example: { args: { path: 'notes' }, says: 'the entries of notes, each with its path and kind' },
    run: async ({ path = '.', depth = 0 }, { signal }) => {
      const entries: FolderEntry[] = [];
      for await (const entry of walk(jail, path, depth, signal)) {
        if (entries.length >= entriesMax) return { entries, isCut: true };
        entries.push(entry);
      }
      return { entries, isCut: false };
    },
  });
}
