/** The tool that reads a table of comma-separated values. */
import { parse } from 'csv-parse/sync';
import { describeBriefly } from '../../../src/index.js';
import { jsonSchema } from '../../schema/index.js';
import { defineTool, type Tool } from '../tool.js';
import { fileRules, type FileToolOptions, pathSchema, roomFor } from './file-options.js';
import { refuse } from './refuse.js';

/** Arguments of `readCsv`. */
export interface ReadCsvArgs {
  path: string;
  /** What stands between two values; default a comma. */
  delimiter?: ',' | ';' | '\t' | '|';
  /** The first row, from 1, the header not counted; default 1. */
  fromRow?: number;
  /** Rows at most; default 100. */
  rows?: number;
}

/** What `readCsv` answers. */
export interface ReadCsvResult {
  columns: string[];
  /** Values as they stand there, as texts: one list for each row, in the order of the columns. */
  rows: string[][];
  /** True: there are more rows behind these. */
  isCut: boolean;
}

const columnsMax = 1_000;

/**
 * `readCsv`: some rows of a table; its first line names the columns.
 * Refuses with TOOL_PATH, TOOL_LIMIT (file, record or number of columns too large) and TOOL_CONTENT (no text, an open
 * quote, rows of another length than the header).
 * @throws TroupeError what `FileToolOptions` refuse
 */
export function readCsv(options: FileToolOptions): Tool<ReadCsvArgs, ReadCsvResult> {
  const { jail, bytesMax, entriesMax, approval } = fileRules(options, 'readCsv');
  return defineTool({
    name: 'readCsv',
    description: `Reads up to ${entriesMax} rows of a table of comma-separated values, whose first line is its header.`,
    touches: 'nothing',
    ...approval,
    resultBytesMax: roomFor(4 * bytesMax),
    input: jsonSchema<ReadCsvArgs>({
      type: 'object',
      properties: {
        path: pathSchema,
        delimiter: { enum: [',', ';', '\t', '|'] },
        fromRow: { type: 'integer', minimum: 1, description: 'the first row, the header not counted' },
        rows: { type: 'integer', minimum: 1, maximum: entriesMax, description: 'rows at most' },
      },
      required: ['path'],
      additionalProperties: false,
    }),
    example: { args: { path: 'teas.csv', rows: 2 }, says: 'the columns and the first two rows' },
    run: async ({ path, delimiter = ',', fromRow = 1, rows: max = Math.min(100, entriesMax) }) => {
      const text = await jail.readText(path, bytesMax);
      const table = tableOf(text, delimiter, fromRow + max + 1, path);
      const [columns = [], ...rows] = table;
      if (columns.length > columnsMax) {
        refuse(
          'TOOL_LIMIT',
          `${describeBriefly(path)} has ${columns.length} columns, and may have ${columnsMax}`,
          'path',
        );
      }
      const some = rows.slice(fromRow - 1, fromRow - 1 + max);
      return { columns, rows: some, isCut: rows.length > fromRow - 1 + max };
    },
  });
}

/** So many records of it, the header counted. */
function tableOf(text: string, delimiter: string, to: number, path: string): string[][] {
  try {
    return parse(text, { delimiter, to, bom: true, skip_empty_lines: true, max_record_size: 1_000_000 });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const why = code === 'CSV_MAX_RECORD_SIZE' ? 'TOOL_LIMIT' : 'TOOL_CONTENT';
    return refuse(why, `${describeBriefly(path)} is no table: ${message.slice(0, 200)}`, 'path', path);
  }
}
