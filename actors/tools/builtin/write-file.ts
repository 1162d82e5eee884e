/** The tool that writes a text file of a folder. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { jsonSchema } from '../../schema/index.js';
import { defineTool, type Tool } from '../tool.js';
import { fileRules, type FileToolOptions, pathSchema } from './file-options.js';
import { refuse } from './refuse.js';

/** Arguments of `writeFile`. */
export interface WriteFileArgs {
  path: string;
  text: string;
  /** May a file that is there be replaced? Default false. */
  replace?: boolean;
}

/** What `writeFile` answers. */
export interface WriteFileResult {
  path: string;
  bytes: number;
}

/**
 * `writeFile`: write a text file; folders above it are made. It touches the outside, so it is denied unless a grant or
 * `approval` says otherwise. To write the same again is no harm, so a call may be repeated after a crash: a file that
 * has exactly this text already counts as written.
 * Refuses with TOOL_PATH (out of the folder, a link, no file, there already) and TOOL_LIMIT (more than `bytesMax`).
 * @throws TroupeError what `FileToolOptions` refuse
 */
export function writeFile(options: FileToolOptions): Tool<WriteFileArgs, WriteFileResult> {
  const { jail, bytesMax, approval } = fileRules(options, 'writeFile');
  return defineTool({
    name: 'writeFile',
    description: `Writes a text file of up to ${bytesMax} bytes. A file that is there is kept, unless replace is true.`,
    touches: 'outside',
    ...approval,
    idempotent: true,
    input: jsonSchema<WriteFileArgs>({
      type: 'object',
      properties: {
        path: pathSchema,
        text: { type: 'string' },
        replace: { type: 'boolean', description: 'replace a file that is there' },
      },
      required: ['path', 'text'],
      additionalProperties: false,
    }),
    example: { args: { path: 'notes/milk.md', text: 'Milk goes in second.\n' }, says: 'the path and 21 bytes' },
    run: async ({ path, text, replace = false }) => {
      const bytes = Buffer.from(text, 'utf8');
      if (bytes.length > bytesMax) {
        refuse('TOOL_LIMIT', `the text has ${bytes.length} bytes, and may have ${bytesMax}`, 'text');
      }
      const target = await jail.writable(path);
      const how = replace ? constants.O_TRUNC : constants.O_EXCL;
      const file = await open(target, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | how, 0o644).catch(
        async (error: { code?: string }) => {
          const isSame = error.code === 'EEXIST' && (await jail.readText(path, bytesMax).catch(() => '')) === text;
          if (isSame) return undefined;
          const why = error.code === 'EEXIST' ? 'is there already' : `cannot be written (${error.code})`;
          return refuse('TOOL_PATH', `"${path}" ${why}`, 'path', path);
        },
      );
      if (file === undefined) return { path, bytes: bytes.length };
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
      return { path, bytes: bytes.length };
    },
  });
}
