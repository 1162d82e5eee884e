/**
 * Runs the tests of `dist` with mocha and ends with a plain line of counts.
 *
 *   node test/run/start.cjs test/run/test.mjs [mocha options] [files of dist/test]
 *
 * Exit code: 0 when at least one test ran and none failed, else 1. A run that dies, hangs or leaves something
 * running counts as one failure more than mocha saw.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { keepResult, resultFile, summaryLine } from './result.mjs';

/** The whole suite must be done in this time, in minutes; CI allows 20 for everything. */
const suiteMinutesMax = 18;

const root = path.join(import.meta.dirname, '..', '..');
const args = process.argv.slice(2);
const namesFiles = args.some((arg) => /\.[cm]?js$/.test(arg) && !arg.startsWith('-'));

rmSync(resultFile, { force: true });
mkdirSync(path.dirname(resultFile), { recursive: true });

const mocha = spawn(
  process.execPath,
  [
    path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
    '--reporter',
    path.join(root, 'test', 'run', 'reporter.cjs'),
    ...(process.env.CI ? ['--forbid-only'] : []),
    ...args,
    ...(namesFiles ? [] : ['dist/test/**/*.test.js']),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, TROUPE_TEST_RESULT: resultFile } },
);

const deadline = setTimeout(() => {
  process.stderr.write(`\nThe tests were not done after ${suiteMinutesMax} minutes and were killed.\n`);
  mocha.kill('SIGKILL');
}, suiteMinutesMax * 60_000);
// Ctrl-C reaches mocha too, which ends its run and reports; we wait for that.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => mocha.kill('SIGTERM'));

mocha.on('close', (code, signal) => {
  clearTimeout(deadline);
  const counts = readCounts() ?? died(`The test process ended before its run did (${signal ?? `exit code ${code}`}).`);
  if (counts.failed === 0 && code !== 0) Object.assign(counts, died(`mocha failed with exit code ${code}.`, counts));
  if (counts.passed + counts.failed === 0) Object.assign(counts, died('No test ran.'));
  keepResult(counts);
  process.exitCode = counts.failed === 0 ? 0 : 1;
  process.stdout.write(`\n${summaryLine(counts)}\n`);
});

/** @returns {import('./result.mjs').Counts | undefined} what the reporter wrote; undefined when it came to nothing */
function readCounts() {
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Say why the run counts as failed, and count it.
 * @param {string} reason
 * @returns {import('./result.mjs').Counts}
 */
function died(reason, { passed, failed, skipped, failures } = { passed: 0, failed: 0, skipped: 0, failures: [] }) {
  process.stderr.write(`\n${reason}\n`);
  return { passed, failed: failed + 1, skipped, failures: [...failures, { test: 'the run', thrown: reason }] };
}
