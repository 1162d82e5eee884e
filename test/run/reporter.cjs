/**
 * Mocha's own `spec` reporter, plus two things a runner needs: the outcome in a file, for test.mjs and verify.mjs, and
 * an end to a run whose tests left something running (mocha would wait for it for ever).
 */
'use strict';

const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

/** How long after the last test the process may take to end by itself, in milliseconds. */
const leaveWithinMs = 10_000;

/** How much of what a failed test threw is kept, in characters: a property's seed stands at the beginning. */
const errorCharsMax = 3_000;

module.exports = class CountingSpec extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failures = [];
    runner.on('fail', (test, error) => {
      const thrown = String(error?.stack ?? error).slice(0, errorCharsMax);
      failures.push({ test: test.titlePath().join(' > '), thrown });
    });
    runner.once('end', () => {
      const { passes: passed, failures: failed, pending: skipped } = runner.stats;
      writeResult({ passed, failed, skipped, failures });
      // Unreferenced: it fires only when something else keeps the process alive.
      setTimeout(() => {
        const thrown =
          `The tests left something running: ${process.getActiveResourcesInfo().join(', ')}. ` +
          'Find the test that does not stop its system, worker, server or timer.';
        process.stderr.write(`\n${thrown}\n`);
        failures.push({ test: 'the run', thrown });
        // In the file, because mocha sets the exit code itself.
        writeResult({ passed, failed: failed + 1, skipped, failures });
        process.exit();
      }, leaveWithinMs).unref();
    });
  }
};

function writeResult(outcome) {
  const file = process.env.TROUPE_TEST_RESULT;
  if (file) writeFileSync(file, JSON.stringify(outcome));
}
