/** What file tools have in common. */
import { checkOptions, type OptionsSpec } from '../../../src/core/options.js';
import type { Approval } from '../tool.js';
import { FolderJail } from './folder-jail.js';

/** Which folder, and how much of it at once. */
export interface FileToolOptions {
  /** The folder that the tools see, as an absolute path. What lies outside does not exist for them. */
  root: string;
  /** Bytes of a file that is read or written; default 262,144. */
  bytesMax?: number;
  /** Entries that are listed, files that are searched, hits and rows that are returned; default 1,000. */
  entriesMax?: number;
  /** How many folders deep is listed and searched; default 8. */
  depthMax?: number;
  /** Default: the tool's own (`allow` to read, `deny` to write). */
  approval?: Approval;
}

/** Checked, with the jail. */
export interface FileRules extends Required<Omit<FileToolOptions, 'approval' | 'root'>> {
  readonly jail: FolderJail;
  /** For `defineTool`: only there when it was given. */
  readonly approval: { approval?: Approval };
}

const spec: OptionsSpec<FileToolOptions> = {
  root: { type: 'string', required: true },
  bytesMax: { type: 'integer', min: 1, max: 2 ** 26, default: 262_144 },
  entriesMax: { type: 'integer', min: 1, max: 100_000, default: 1_000 },
  depthMax: { type: 'integer', min: 0, max: 64, default: 8 },
  approval: { type: 'string', oneOf: ['allow', 'deny', 'ask'] },
};

/** Check. @throws TroupeError TOOL_SPEC, OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE */
export function fileRules(options: FileToolOptions, where: string): FileRules {
  const { root, approval, ...limits } = checkOptions<FileToolOptions>(options, spec, where);
  const checked = limits as Required<typeof limits>;
  return { ...checked, jail: new FolderJail(root), approval: approval === undefined ? {} : { approval } };
}

/** A path, as a model is told about it. */
export const pathSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 4_096,
  description: 'relative to the folder, with / between its parts, without ..',
} as const;

/** Room for a result of so many bytes of text, however it is written. */
export function roomFor(bytes: number): number {
  return bytes + 65_536;
}
