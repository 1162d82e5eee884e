/**
 * Everything a change must pass, in one command, the same for a developer and for CI: each step is an npm script
 * of package.json, so a step that fails can be run again by its name. All steps run, whatever fails.
 *
 *   npm run verify                    all steps
 *   npm run verify -- --tests-done    without running the tests: their last outcome counts (.ci/run has just run them,
 *                                     and `npm test` has built what it ran)
 *
 * The last line counts tests and steps together; the exit code is 0 only when nothing failed.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { keptResult, summaryLine } from './result.mjs';

/**
 * In the order of how soon they tell something; `build` stands before those that read `dist`, and checks all types.
 */
const steps = ['format', 'lint', 'build', 'arrows', 'dead', 'pack:check', 'bench:quick', 'test'];

/** What `npm test` does by itself. */
const doneByTests = ['build', 'test'];

const root = path.join(import.meta.dirname, '..', '..');
const testsDone = process.argv.includes('--tests-done');

/** Run one npm script. @returns {boolean} did it succeed */
function runScript(name) {
  const npmScript = process.env.npm_execpath;
  const args = ['run', '--silent', name];
  const options = { cwd: root, stdio: 'inherit' };
  const ended = npmScript?.endsWith('.js')
    ? spawnSync(process.execPath, [npmScript, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  return ended.status === 0;
}

const table = steps
  .filter((name) => !(testsDone && doneByTests.includes(name)))
  .map((name) => {
    process.stdout.write(`\n== ${name}\n`);
    const startedAt = performance.now();
    const passed = runScript(name);
    return { name, passed, seconds: (performance.now() - startedAt) / 1_000 };
  });

process.stdout.write('\n');
for (const { name, passed, seconds } of table) {
  process.stdout.write(`${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s\n`);
}

const counts = keptResult() ?? { passed: 0, failed: 1, skipped: 0 };
if (keptResult() === undefined) process.stdout.write('\nThe tests of this build did not run to an end: 1 failed.\n');
for (const { name, passed } of table) {
  // The tests count one by one already.
  if (name === 'test') continue;
  if (passed) counts.passed += 1;
  else counts.failed += 1;
}
process.exitCode = counts.failed === 0 && table.every(({ passed }) => passed) ? 0 : 1;
process.stdout.write(`\n${summaryLine(counts)}\n`);
