import { expect } from 'chai';
import { limits } from '../../../src/core/limits.js';
import { sleepMs } from '../../../src/thread/journal-service.js';

describe("the journal thread's sleep", () => {
  it('is none while there is work, and as long as its next timer is away', () => {
    expect(sleepMs({ worked: true, waitMs: 500 })).to.equal(0);
    expect(sleepMs({ worked: false, waitMs: 500 })).to.equal(500);
  });

  it('is so short that a clock that is set forward is noticed, but only while a timer is pending', () => {
    const inAYear = 365 * 86_400_000;
    expect(sleepMs({ worked: false, waitMs: inAYear })).to.equal(limits.clockLookMs);
    expect(sleepMs({ worked: false, waitMs: Number.POSITIVE_INFINITY })).to.equal(2 ** 31 - 1);
  });
});
