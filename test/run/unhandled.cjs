/**
 * A rejection that nobody handles ends the test run. Mocha passes it on to the process, where nobody listens, and
 * the test would be green.
 */
const { setImmediate: nextRound } = require('node:timers/promises');

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
