/**
 * 300 deaths by kill -9, half of them at the named places of the kernel, each time continued with another number of
 * hosts; then every message, timer, effect and actor is accounted for. `npm run torture` does it for longer.
 *
 * `TROUPE_SEED` chooses another plan.
 */
import { expect } from 'chai';
import { failpointNames } from '../../src/core/failpoint.js';
import { readArguments } from './arguments.js';
import { failureText, summaryLine } from './report.js';
import { Torture } from './torture.js';

const killsPerLevel = 100;
/** Of about six that are planned for each failpoint; the others come too late to be reached. */
const hitsMin = 2;

describe('kill -9', function () {
  this.timeout(300_000);
  const seed = process.env.TROUPE_SEED ?? '1';

  for (const durability of ['flushed', 'committed', 'mixed'] as const) {
    it(`${killsPerLevel} times, actors ${durability}: nothing is lost, doubled or out of order`, async () => {
      const line = `--kills ${killsPerLevel} --seed ${seed} --durability ${durability}`;
      const settings = readArguments(line.split(' '));
      const report = await new Torture(settings).run();
      process.stdout.write(`      ${summaryLine(settings, report)}\n`);
      const failed = report.failures.map((failure) => failureText(failure, settings));
      expect(failed.join('\n')).to.equal('');
      expect(report.kills).to.equal(killsPerLevel);
      for (const name of failpointNames) expect(report.places[name] ?? 0, name).to.be.at.least(hitsMin);
      const { acked, passed, gathered, timers, effects } = report.sums;
      for (const count of [acked, passed, gathered, timers, effects]) expect(count).to.be.greaterThan(0);
    });
  }
});
