import { expect } from 'chai';
import fc from 'fast-check';
import { backoffMs, checkBackoff, checkIntensity, restartIntensity } from '../../supervisors/index.js';

describe('restart intensity', () => {
  const budget = { restarts: 2, periodMs: 1_000 };
  const grants = (times: readonly number[]) => {
    let recent: readonly number[] = [];
    return times.map((time) => {
      const verdict = restartIntensity(recent, time, budget);
      recent = verdict.recent;
      return verdict.granted;
    });
  };

  it('grants N restarts within the window and refuses the N+1st', () => {
    expect(grants([0, 10, 20])).to.deep.equal([true, true, false]);
  });

  it('slides: what is older than the window does not count', () => {
    expect(grants([0, 500, 1_001, 1_501])).to.deep.equal([true, true, true, true]);
  });

  it('is inclusive: a restart exactly one window ago still counts', () => {
    expect(grants([0, 500, 1_000])).to.deep.equal([true, true, false]);
  });

  it('grants nothing with a budget of 0', () => {
    expect(restartIntensity([], 5, { restarts: 0, periodMs: 1 }).granted).to.equal(false);
  });

  it('never grants more than N in any window, and refuses only when there were more than N', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }), (gaps) => {
        let now = 0;
        let recent: readonly number[] = [];
        const all: number[] = [];
        for (const gap of gaps) {
          now += gap;
          all.push(now);
          const verdict = restartIntensity(recent, now, budget);
          recent = verdict.recent;
          const inWindow = all.filter((time) => time >= now - budget.periodMs).length;
          expect(verdict.granted).to.equal(inWindow <= budget.restarts);
        }
      }),
    );
  });

  it('refuses a budget that makes no sense, naming the field and the value', () => {
    expect(() => checkIntensity({ restarts: 1.5, periodMs: 1 }))
      .to.throw('restarts')
      .with.property('value', 1.5);
    expect(() => checkIntensity({ restarts: -1, periodMs: 1 }))
      .to.throw('restarts')
      .with.property('code', 'OPTION_RANGE');
    expect(() => checkIntensity({ restarts: 1, periodMs: 0 }))
      .to.throw('periodMs')
      .with.property('value', 0);
    expect(() => checkIntensity({ restarts: '3' as never, periodMs: 1 })).to.throw('is "3"');
    for (const nothing of [null, 3]) {
      expect(() => checkIntensity(nothing as never))
        .to.throw('intensity')
        .with.property('code', 'OPTION_RANGE');
      expect(() => checkBackoff(nothing as never))
        .to.throw('backoff')
        .with.property('code', 'OPTION_RANGE');
    }
  });
});

describe('backoff', () => {
  it('doubles up to the cap and adds at most the jitter', () => {
    const plan = { minMs: 100, maxMs: 1_000, jitter: 0.5 };
    expect([1, 2, 3, 4, 5, 500].map((attempt) => backoffMs(attempt, plan, 0))).to.deep.equal([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
    expect(backoffMs(1, plan, 0.5)).to.equal(125);
    expect(() => backoffMs(1, { minMs: 5, maxMs: 1 }, 0))
      .to.throw('maxMs')
      .with.property('value', 1);
  });
});
