/** The tool that reads a text file of a folder. */
import { jsonSchema } from '../../schema/index.js';
import { defineTool, type Tool } from '../tool.js';
import { fileRules, type FileToolOptions, pathSchema, roomFor } from './file-options.js';

/** Arguments of `readFile`. */
export interface ReadFileArgs {
  path: string;
  /** The first line, from 1; default 1. */
  fromLine?: number;
  /** So many lines at most; default all. */
  lines?: number;
}

/** What `readFile` answers. */
export interface ReadFileResult {
  path: string;
  text: string;
  /** Lines of the whole file. */
  lines: number;
}

/**
 * `readFile`: the text of a file, or some of its lines.
 * Refuses with TOOL_PATH (out of the folder, a link that leads out, no file), TOOL_LIMIT (larger than `bytesMax`) and
 * TOOL_CONTENT (no UTF-8 text).
 * @throws TroupeError what `FileToolOptions` refuse
 */
export function readFile(options: FileToolOptions): Tool<ReadFileArgs, ReadFileResult> {
  const { jail, bytesMax, approval } = fileRules(options, 'readFile');
  return defineTool({
    name: 'readFile',
    description: `Reads a text file of up to ${bytesMax} bytes, or some of its lines.`,
    touches: 'nothing',
    ...approval,
    resultBytesMax: roomFor(bytesMax),
    input: jsonSchema<ReadFileArgs>({
      type: 'object',
      properties: {
        path: pathSchema,
        fromLine: { type: 'integer', minimum: 1, description: 'the first line, from 1' },
        lines: { type: 'integer', minimum: 1, description: 'so many lines at most' },
      },
      required: ['path'],
      additionalProperties: false,
    }),
    example: {
      args: { path: 'notes/tea.md', fromLine: 1, lines: 2 },
      says: 'the first two lines, and how many there are',
    },
    run: async ({ path, fromLine = 1, lines }) => {
      const text = await jail.readText(path, bytesMax);
      const all = text.split('\n');
      // A file that ends with a line break has no line behind it.
      const count = all.at(-1) === '' ? all.length - 1 : all.length;
      if (fromLine === 1 && lines === undefined) return { path, text, lines: count };
      const some = all.slice(fromLine - 1, lines === undefined ? undefined : fromLine - 1 + lines);
      return { path, text: some.join('\n'), lines: count };
    },
  });
}
