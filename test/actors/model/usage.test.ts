import { expect } from 'chai';
import fc from 'fast-check';
import { addUsage, costOf, noUsage, type Usage } from '../../../actors/model/index.js';

const count = fc.nat(1_000_000);
const usages = fc.array(
  fc.record<Usage>({
    inputTokens: count,
    outputTokens: count,
    cachedTokens: count,
    costUsd: count.map((billionths) => billionths / 1e9),
  }),
);

describe('usage', () => {
  it('sums to the same in any order and any grouping', () => {
    fc.assert(
      fc.property(usages, fc.nat(), (all, at) => {
        const cut = at % (all.length + 1);
        const whole = addUsage(...all);
        expect(addUsage(addUsage(...all.slice(0, cut)), addUsage(...all.slice(cut)))).to.deep.equal(whole);
        expect(addUsage(...[...all].reverse())).to.deep.equal(whole);
      }),
    );
    expect(addUsage()).to.deep.equal(noUsage);
  });

  it('is an estimate where part of it is one, in any order', () => {
    const guess: Usage = { ...noUsage, inputTokens: 1, isEstimated: true };
    const known: Usage = { ...noUsage, inputTokens: 2 };
    expect(addUsage(guess, known)).to.deep.equal({ ...noUsage, inputTokens: 3, isEstimated: true });
    expect(addUsage(known, guess)).to.deep.equal(addUsage(guess, known));
    expect(addUsage(known, known)).not.to.have.property('isEstimated');
  });

  it('counts money in billionths, so that tenths add up', () => {
    const dime = { ...noUsage, costUsd: 0.1 };
    expect(addUsage(dime, dime, dime).costUsd).to.equal(0.3);
  });

  it('costs by the million, cached input at its own price', () => {
    const used = { inputTokens: 1_000_000, outputTokens: 500_000, cachedTokens: 400_000 };
    expect(costOf(used, { inputUsd: 2, outputUsd: 10 })).to.equal(7);
    expect(costOf(used, { inputUsd: 2, outputUsd: 10, cachedUsd: 0.5 })).to.equal(6.4);
    expect(costOf(used, undefined)).to.equal(0);
    // More cached than there was: no server's error earns money.
    expect(costOf({ ...used, cachedTokens: 9e9 }, { inputUsd: 2, outputUsd: 0, cachedUsd: 1 })).to.equal(1);
  });
});
