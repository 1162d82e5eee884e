/** A fingerprint of results: whoever changes a figure, the machine or a size changes it. */
import { createHash } from 'node:crypto';
import type { MachineReport } from './machine.js';
import type { SuiteResult } from './run-suite.js';

/** What `--json` writes. */
export interface ResultsFile {
  readonly machine: MachineReport;
  /** When it was measured, as an ISO date. */
  readonly date: string;
  /** Of machine, versions, sizes and rows. Files of earlier versions have none. */
  readonly sha256?: string;
  readonly results: readonly SuiteResult[];
}

/** SHA-256 in hex, the same for results that were just measured and for those read from a file. */
export function hashOf(machine: MachineReport, results: readonly SuiteResult[]): string {
  const rows = results.map(({ suite, sizes, versions, rounds, interruptedAfter, sections }) => {
    return { suite, sizes, versions, rounds, interruptedAfter, sections };
  });
  return createHash('sha256').update(canonical({ machine, rows })).digest('hex');
}

/** @throws Error when the file has a hash, and it is not that of its content */
export function checkHash({ machine, results, sha256 }: ResultsFile, file: string): void {
  if (sha256 === undefined || sha256 === hashOf(machine, results)) return;
  throw new Error(`${file} was changed after it was written: its sha256 is another one`);
}

/** JSON without layout, names in order. */
function canonical(value: unknown): string {
  return JSON.stringify(sorted(JSON.parse(JSON.stringify(value))));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted((value as Record<string, unknown>)[name])]));
}
