/**
 * Everything a change must pass, in one command, the same for a developer and for CI: each step is an npm script
 * of package.json, so a step that fails can be run again by its name. All steps run, whatever fails.
 *
 *   npm run verify                    all steps
 *   npm run verify -- --tests-done    without running the tests: their last outcome counts (.ci/run has just run them,
 *                                     and `npm test` has built what it ran)
 *
 * What failed is told once more at the end, since a log is often kept by its end. The last line counts tests and steps
 * together; the exit code is 0 only when nothing failed.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { keptResult, summaryLine } from './result.mjs';

/**
 * Stages come one after the other, in the order of how soon they tell something; `build` stands before those that read
 * `dist`, and checks all types. Lanes of a stage run beside each other, each step by step: the bench waits for the
 * registry and for processes, and the figures of a quick one mean nothing. The tests have the machine to themselves.
 */
const stages = [[['format', 'lint', 'build']], [['arrows', 'dead', 'pack:check'], ['bench:quick']], [['test']]];

/** What `npm test` does by itself. */
const doneByTests = ['build', 'test'];

/** How many lines of a failed step's output are told again. */
const linesAgain = 40;

const root = path.join(import.meta.dirname, '..', '..');
const testsDone = process.argv.includes('--tests-done');

/**
 * Run one npm script.
 * @param {string} name
 * @param {boolean} isAlone it writes as it goes; otherwise all it wrote comes in one piece, when it is over
 * @returns {Promise<{ passed: boolean, output: string }>} did it succeed, and what it wrote where it was not alone
 */
async function runScript(name, isAlone) {
  const npmScript = process.env.npm_execpath;
  const isFile = npmScript?.endsWith('.js') ?? false;
  const args = [...(isFile ? [npmScript] : []), 'run', '--silent', name];
  const stdio = isAlone ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  const shell = !isFile && process.platform === 'win32';
  if (isAlone) process.stdout.write(`\n== ${name}\n`);
  const child = spawn(isFile ? process.execPath : 'npm', args, { cwd: root, stdio, shell });
  const written = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => written.push(bytes));
  const passed = await new Promise((resolve) => {
    child.on('error', (error) => {
      written.push(Buffer.from(`${error.message}\n`));
      resolve(false);
    });
    child.on('close', (code) => resolve(code === 0));
  });
  const output = Buffer.concat(written).toString();
  if (!isAlone) process.stdout.write(`\n== ${name}\n${output}`);
  return { passed, output };
}

const table = [];
for (const stage of stages) {
  const runLane = async (lane) => {
    for (const name of lane.filter((each) => !(testsDone && doneByTests.includes(each)))) {
      const startedAt = performance.now();
      const { passed, output } = await runScript(name, name === 'test');
      table.push({ name, passed, output, seconds: (performance.now() - startedAt) / 1_000 });
    }
  };
  await Promise.all(stage.map(runLane));
}

const counts = keptResult() ?? { passed: 0, failed: 1, skipped: 0 };
for (const { test, thrown } of counts.failures ?? []) process.stdout.write(`\nFAILED  ${test}\n${thrown}\n`);
for (const { name, output } of table.filter((step) => !step.passed && step.output !== '')) {
  process.stdout.write(`\nFAILED  ${name}\n${output.trimEnd().split('\n').slice(-linesAgain).join('\n')}\n`);
}

process.stdout.write('\n');
for (const { name, passed, seconds } of table) {
  process.stdout.write(`${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s\n`);
}

if (keptResult() === undefined) process.stdout.write('\nThe tests of this build did not run to an end: 1 failed.\n');
for (const { name, passed } of table) {
  // The tests count one by one already.
  if (name === 'test') continue;
  if (passed) counts.passed += 1;
  else counts.failed += 1;
}
process.exitCode = counts.failed === 0 && table.every(({ passed }) => passed) ? 0 : 1;
process.stdout.write(`\n${summaryLine(counts)}\n`);
