/** When a thread looks before it sleeps, with times that are handed in. */
import { expect } from 'chai';
import fc from 'fast-check';
import { limits } from '../../../src/core/limits.js';
import { SpinGate } from '../../../src/thread/spin-gate.js';

const { lookUs, lookUsMax } = limits.spin;
const lookMs = lookUs / 1_000;

/** A thread that waits again and again: each look takes `answerMs`, or is in vain. Returns how long each was to be. */
class Waiter {
  private nowMs = 0;
  lookedMs = 0;
  private readonly gate = new SpinGate(limits.spin);

  wait(times: number, gapMs: number, answerMs: number): number[] {
    return Array.from({ length: times }, () => {
      this.nowMs += gapMs;
      const mayLookMs = this.gate.begins(this.nowMs);
      const isAnswered = answerMs <= mayLookMs;
      const tookMs = isAnswered ? answerMs : mayLookMs;
      if (mayLookMs > 0) this.gate.looked(tookMs, isAnswered);
      this.lookedMs += tookMs;
      return mayLookMs;
    });
  }
}

describe('spin gate', () => {
  it('never looks while waits are far apart (S1)', () => {
    expect(new Set(new Waiter().wait(1_000, 0.5, 0.001))).to.deep.equal(new Set([0]));
  });

  it('looks shortly at each wait while looks are answered', () => {
    const looks = new Waiter().wait(1_000, 0.03, 0.005);
    expect(looks.slice(-900)).to.deep.equal(Array(900).fill(lookMs));
  });

  it('looks in vain for a tenth of the time at most (S2)', () => {
    const gaps = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(gaps, (gapMs) => {
        const waiter = new Waiter();
        waiter.wait(5_000, gapMs, Number.POSITIVE_INFINITY);
        expect(waiter.lookedMs).to.be.at.most(5_000 * gapMs * 0.1 + (2 * lookUsMax) / 1_000);
      }),
    );
  });

  it('goes on after a pause, and after a few looks in vain (S4)', () => {
    const waiter = new Waiter();
    waiter.wait(200, 0.03, 0.005);
    waiter.wait(1, 60_000, 0.005);
    waiter.wait(2, 0.03, Number.POSITIVE_INFINITY);
    expect(
      waiter
        .wait(40, 0.03, 0.005)
        .slice(-20)
        .every((each) => each > 0),
    ).to.equal(true);
  });

  it('brings two together that both sleep, however long it takes to wake them (S3)', () => {
    const workMs = 0.002;
    const meet = (wakeMs: number, phaseMs: number): void => {
      // Of each: when it began to wait, and how long it looks.
      const waits = [0, phaseMs].map((sinceMs) => ({ gate: new SpinGate(limits.spin), sinceMs, mayLookMs: 0 }));
      let nowMs = phaseMs;
      let lastSleep = 0;
      for (let turn = 0; turn < 20_000; turn += 1) {
        nowMs += workMs;
        const one = waits[turn % 2] as (typeof waits)[number];
        // The other one rings `one` now: is it looking still?
        const isLooking = nowMs - one.sinceMs <= one.mayLookMs;
        if (one.mayLookMs > 0) one.gate.looked(isLooking ? nowMs - one.sinceMs : one.mayLookMs, isLooking);
        if (!isLooking) {
          nowMs += wakeMs;
          lastSleep = turn;
        }
        one.sinceMs = nowMs + workMs;
        one.mayLookMs = one.gate.begins(one.sinceMs);
        nowMs = one.sinceMs;
      }
      expect(lastSleep, `the last turn at which one was asleep, ${wakeMs} and ${phaseMs} ms`).to.be.below(2_000);
    };
    const upTo = (count: number): number[] => Array.from({ length: count + 1 }, (_, index) => index);
    // Wake-ups that take 20 to 120 us, begun up to a millisecond apart.
    for (const wake of upTo(10)) for (const phase of upTo(10)) meet((2 + wake) / 100, phase / 10);
  });
});
