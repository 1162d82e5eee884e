/**
 * 120 deaths by kill -9, half of them at the named places of the kernel, each time continued with another number of
 * hosts; and host threads that are taken down by actors. Then every message, timer, effect, failure and actor is
 * accounted for. `npm run torture` does it for longer.
 *
 * `TROUPE_SEED` chooses another plan.
 */
import { expect } from 'chai';
import { failpointNames } from '../../src/core/failpoint.js';
import { readArguments } from './arguments.js';
import { failureText, summaryLine } from './report.js';
import { Torture, type TortureReport } from './torture.js';

const killsPerLevel = 40;
/** Of some six that are planned for each failpoint, over all levels; the others come too late to be reached. */
const hitsMin = 2;

/** Host threads that are to die. */
const faults = 40;

const seed = process.env.TROUPE_SEED ?? '1';

describe('kill -9', function () {
  this.timeout(400_000);

  const levels = ['flushed', 'committed', 'mixed'] as const;
  const settingsOf = (durability: string) =>
    readArguments(`--kills ${killsPerLevel} --seed ${seed} --durability ${durability} --hosts 2`.split(' '));
  /** All levels at a time: a life waits for its threads to start, and for the moment of its death. */
  const running = new Map<string, Promise<TortureReport>>();
  before(() => {
    for (const durability of levels) running.set(durability, new Torture(settingsOf(durability)).run());
  });
  // Also where only one of them was asked for.
  after(() => Promise.all(running.values()));

  for (const durability of levels) {
    it(`${killsPerLevel} times, actors ${durability}: nothing is lost, doubled or out of order`, async () => {
      const settings = settingsOf(durability);
      const report = (await running.get(durability))!;
      process.stdout.write(`      ${summaryLine(settings, report)}\n`);
      const failed = report.failures.map((failure) => failureText(failure, settings));
      expect(failed.join('\n')).to.equal('');
      expect(report.deaths).to.equal(killsPerLevel);
      const { acked, passed, gathered, timers, effects } = report.sums;
      for (const count of [acked, passed, gathered, timers, effects]) expect(count).to.be.greaterThan(0);
    });
  }

  it('comes at each of the named places', async () => {
    const reports = await Promise.all(running.values());
    for (const name of failpointNames) {
      const hits = reports.reduce((sum, { places }) => sum + (places[name] ?? 0), 0);
      expect(hits, name).to.be.at.least(hitsMin);
    }
  });
});

describe('faults that take a host thread along', function () {
  this.timeout(400_000);

  it(`${faults} of them: the guilty are charged, exactly, and nothing is lost, doubled or out of order`, async () => {
    const line = `--faults ${faults} --seed ${seed} --durability mixed --hosts 2`;
    const settings = readArguments(line.split(' '));
    const report = await new Torture(settings).run();
    process.stdout.write(`      ${summaryLine(settings, report)}\n`);
    const failed = report.failures.map((failure) => failureText(failure, settings));
    expect(failed.join('\n')).to.equal('');
    expect(report.deaths).to.be.at.least(faults);
    expect(report.places.other ?? 0).to.equal(0);
    const { acked, passed, givenUp, attempts, words } = report.sums;
    for (const count of [acked, passed, givenUp, words]) expect(count).to.be.greaterThan(0);
    expect(attempts).to.be.greaterThan(givenUp);
  });
});
