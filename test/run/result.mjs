/** The outcome of a test run: where it is kept between two commands, and how it is said. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {{ test: string, thrown: string }[]} [failures] what failed, as far as mocha saw it
 */

const root = path.join(import.meta.dirname, '..', '..');

/** Where the last test run left its counts. Beside the dependencies, so that a build does not remove it. */
export const resultFile = path.join(root, 'node_modules', '.cache', 'troupe', 'test-result.json');

/** Which build is in `dist`; undefined when the last one failed. */
function currentBuild() {
  try {
    return readFileSync(path.join(root, 'dist', '.fingerprint'), 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Keep the counts of a finished run, for this build only.
 * @param {Counts} counts
 */
export function keepResult(counts) {
  writeFileSync(resultFile, JSON.stringify({ ...counts, build: currentBuild() }));
}

/**
 * The counts of the last run of the tests that are in `dist` now.
 * @returns {Counts | undefined} undefined when these tests did not run to an end
 */
export function keptResult() {
  try {
    const { build, ...counts } = JSON.parse(readFileSync(resultFile, 'utf8'));
    return build !== undefined && build === currentBuild() ? counts : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The last line of a run, as CI reads it: `12 passed, 0 failed`, and `, 3 skipped` when there are any.
 * @param {Counts} counts
 */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
