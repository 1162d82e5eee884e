/**
 * kill -9 at any instant: a bank that is killed again and again, half of the time at a named place in the kernel, and
 * each time continued on the same journal with another number of hosts. At the end every message, transfer, timer
 * and effect is accounted for, see `accounting.ts`.
 *
 * `TROUPE_SEED` chooses another plan.
 */
import { expect } from 'chai';
import { KillRun } from './kill-harness.js';
import { expectAllRight, KillTotals, seedOf } from './kill-report.js';

const killsPerRun = 28;
const file = 'kill';

describe('kill -9', function () {
  this.timeout(240_000);
  const seed = seedOf(process.env.TROUPE_SEED);
  const totals = new KillTotals();

  after(() => totals.print(file, seed));

  for (const [index, level] of (['flushed', 'committed', 'mixed'] as const).entries()) {
    it(`${killsPerRun} times on each of two journals, actors ${level}`, async () => {
      const runs = [1, 2].map((number) => new KillRun(level, seed * 1_000_000 + (index * 10 + number) * 1_000));
      await expectAllRight(file, seed, runs, totals, async (run) => {
        for (let kills = 0; kills < killsPerRun; kills += 1) await run.live(run.plan());
      });
      expect(totals.acked, 'messages that were acknowledged').to.be.greaterThan(0);
    });
  }
});
