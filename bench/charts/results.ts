/** The results files the charts and documents are made from, as `npm run bench -- SUITE --json` writes them. */
import { readFileSync } from 'node:fs';
import type { Sample } from '../runner/entrant.js';
import { checkHash, type ResultsFile } from '../runner/hash.js';
import type { MachineReport } from '../runner/machine.js';
import type { SuiteResult } from '../runner/run-suite.js';

/** See the file's header. */
export interface SuiteResults {
  readonly machine: MachineReport;
  /** When it was measured, as an ISO date. */
  readonly date: string;
  readonly result: SuiteResult;
}

/** @throws Error when the file has no such suite in it, or was changed by hand */
export function readResults(file: string, name: string): SuiteResults {
  const read = JSON.parse(readFileSync(file, 'utf8')) as ResultsFile;
  checkHash(read, file);
  const { machine, date, results } = read;
  const result = results.find(({ suite }) => suite === name);
  if (result === undefined) throw new Error(`${file} has no results of the suite ${name}`);
  return { machine, date, result };
}

/** What an entrant sampled in its first round. @throws Error when it did not run */
export function samplesOf({ result }: SuiteResults, entrant: string): readonly Sample[] {
  const samples = result.samples[entrant]?.[0];
  if (samples === undefined) throw new Error(`the results have no samples of ${entrant}`);
  return samples;
}

/** One of an entrant's measures in its first round. */
export function measureOf({ result }: SuiteResults, entrant: string, name: string): number {
  return result.measures[entrant]?.[0]?.[name] ?? Number.NaN;
}
