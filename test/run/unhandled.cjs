/**
 * What mocha loads before the tests. A rejection that nobody handles ends the test run: mocha passes it on to the
 * process, where nobody listens, and the test would be green.
 */
const { setImmediate: nextRound } = require('node:timers/promises');

// Stacks of tests name lines of their sources. Not those of threads: a flag would have each thread that a test starts
// read a map for each of its hundred modules, which is a sixth of what a start takes.
process.setSourceMapsEnabled(true);

/** @type {unknown[]} */
const unhandled = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

exports.mochaHooks = {
  /** @this {Mocha.Context} */
  async afterEach() {
    await nextRound();
    if (unhandled.length > 0)
      throw new Error('a promise was rejected and nobody listened', { cause: unhandled.shift() });
  },
};
