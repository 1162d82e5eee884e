/**
 * Mocha's own `spec` reporter, plus two things a runner needs: the counts in a file, for test.mjs, and an end to a
 * run whose tests left something running (mocha would wait for it for ever).
 */
'use strict';

const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

/** How long after the last test the process may take to end by itself, in milliseconds. */
const leaveWithinMs = 10_000;

module.exports = class CountingSpec extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes: passed, failures: failed, pending: skipped } = runner.stats;
      writeResult({ passed, failed, skipped });
      // Unreferenced: it fires only when something else keeps the process alive.
      setTimeout(() => {
        process.stderr.write(
          `\nThe tests left something running: ${process.getActiveResourcesInfo().join(', ')}. ` +
            'Find the test that does not stop its system, worker, server or timer.\n',
        );
        // In the file, because mocha sets the exit code itself.
        writeResult({ passed, failed: failed + 1, skipped });
        process.exit();
      }, leaveWithinMs).unref();
    });
  }
};

function writeResult(counts) {
  const file = process.env.TROUPE_TEST_RESULT;
  if (file) writeFileSync(file, JSON.stringify(counts));
}
