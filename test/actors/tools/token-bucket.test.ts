import { expect } from 'chai';
import fc from 'fast-check';
import {
  type BucketRate,
  filled,
  isFull,
  msUntil,
  oneLess,
  type TokenBucket,
} from '../../../actors/tools/token-bucket.js';

const rate: BucketRate = { calls: 2, perMs: 1_000, burst: 3 };

describe('a token bucket', () => {
  it('is full when it is new, fills evenly, and holds no more than its burst', () => {
    const fresh = filled(undefined, rate, 5);
    expect(fresh).to.deep.equal({ tokens: 3, at: 5 });
    expect(isFull(fresh, rate)).to.equal(true);
    const empty = oneLess(oneLess(oneLess(fresh)));
    expect(empty.tokens).to.equal(0);
    expect(filled(empty, rate, 255).tokens).to.equal(0.5);
    expect(filled(empty, rate, 9_999_999)).to.deep.equal({ tokens: 3, at: 9_999_999 });
    expect(isFull(filled(empty, rate, 1_504), rate)).to.equal(false);
  });

  it('says when there will be so many tokens, and then they are there', () => {
    const empty: TokenBucket = { tokens: 0, at: 0 };
    expect(msUntil(empty, 1, rate, 0)).to.equal(500);
    expect(msUntil(empty, 2, rate, 0)).to.equal(1_000);
    expect(msUntil(filled(empty, rate, 499), 1, rate, 499)).to.equal(1);
    expect(msUntil(filled(empty, rate, 500), 1, rate, 500)).to.equal(0);
    const thirds: BucketRate = { calls: 3, perMs: 1_000, burst: 1 };
    for (let now = 0, bucket = empty; now < 5_000; ) {
      now += msUntil(bucket, 1, thirds, now);
      bucket = filled(bucket, thirds, now);
      expect(msUntil(bucket, 1, thirds, now), `${now}`).to.equal(0);
      bucket = oneLess(bucket);
    }
  });

  it('fills nothing by a clock that was set back', () => {
    const bucket: TokenBucket = { tokens: 0, at: 1_000 };
    expect(filled(bucket, rate, 0)).to.deep.equal(bucket);
    expect(msUntil(bucket, 1, rate, 0)).to.equal(1_500);
  });

  it('gives no more in any span than its burst and what came meanwhile', () => {
    const gaps = fc.array(fc.nat(700), { minLength: 1, maxLength: 60 });
    const rates = fc.record({ calls: fc.integer({ min: 1, max: 9 }), perMs: fc.integer({ min: 1, max: 2_000 }) });
    fc.assert(
      fc.property(gaps, rates, fc.integer({ min: 1, max: 5 }), (all, plain, burst) => {
        const own = { ...plain, burst };
        const taken: number[] = [];
        let now = 0;
        let bucket: TokenBucket | undefined;
        for (const gap of all) {
          now += gap;
          bucket = filled(bucket, own, now);
          if (msUntil(bucket, 1, own, now) > 0) continue;
          bucket = oneLess(bucket);
          taken.push(now);
        }
        for (const [from, begin] of taken.entries()) {
          for (const [to, end] of taken.entries()) {
            if (to < from) continue;
            const most = burst + ((end - begin) * own.calls) / own.perMs;
            expect(to - from + 1).to.be.at.most(most + 0.001);
          }
        }
      }),
    );
  });
});
