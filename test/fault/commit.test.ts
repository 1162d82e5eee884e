/**
 * kill -9 at each named place of the kernel: once in the middle of work, then at once after the recovery from that.
 * What each place means is in the table of `core/failpoint.ts`.
 */
import { expect } from 'chai';
import { type FailpointName, failpointNames } from '../../src/core/failpoint.js';
import { KillRun } from './kill-harness.js';
import { expectAllRight, KillTotals, seedOf } from './kill-report.js';

const file = 'commit';
/** Long enough for any machine: a place that is not reached is a failure. */
const reachedMsMax = 15_000;

describe('kill -9 at a failpoint', function () {
  this.timeout(120_000);
  const seed = seedOf(process.env.TROUPE_SEED);
  const totals = new KillTotals();

  after(() => totals.print(file, seed));

  for (const [index, at] of failpointNames.entries()) {
    it(`${at}`, async () => {
      const runs = (['flushed', 'committed'] as const).map(
        (level, number) => new KillRun(level, seed * 1_000_000 + (500 + index * 2 + number) * 1_000),
      );
      await expectAllRight(file, seed, runs, totals, async (run) => {
        for (const count of countsFor(at, run)) {
          const where = await run.live({ at, count, withinMs: reachedMsMax });
          expect(where).to.equal(at);
        }
      });
    });
  }
});

/** The hits to die at, one after the other; recovery is passed once in a life, and needs something to recover. */
function countsFor(at: FailpointName, run: KillRun): number[] {
  return at.startsWith('recovery') ? [1, 1] : [5 + run.below(25), 1];
}
