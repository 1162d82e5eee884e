import { expect } from 'chai';
import { seededRandom } from '../../../src/core/random.js';
import { PhiAccrual } from '../../../src/system/phi-accrual.js';

const options = { intervalMsGuess: 100, spreadMsMin: 25, windowSize: 50 };

describe('phi accrual', () => {
  it('is low when a sign is due, and grows with the silence', () => {
    const signs = new PhiAccrual(options);
    expect(signs.phi(100)).to.be.closeTo(0.3, 0.01);
    expect(signs.phi(150)).to.be.within(1, 3);
    const phis = [0, 50, 100, 150, 200, 400, 1_000].map((ms) => signs.phi(ms));
    expect(phis).to.deep.equal([...phis].sort((a, b) => a - b));
    expect(phis.at(-1)).to.be.greaterThan(8);
  });

  it('stays a number, however long the silence', () => {
    expect(new PhiAccrual(options).phi(1e9)).to.be.within(300, 400);
  });

  it('gives more time to who was irregular', () => {
    const random = seededRandom(5);
    const regular = new PhiAccrual(options);
    const irregular = new PhiAccrual(options);
    for (let n = 0; n < 50; n += 1) {
      regular.sign(100);
      irregular.sign(random() * 1_000);
    }
    expect(regular.phi(1_000)).to.be.greaterThan(8);
    expect(irregular.phi(1_000)).to.be.lessThan(2);
    expect(irregular.phi(5_000)).to.be.greaterThan(8);
  });

  it('forgets what is older than its window', () => {
    const signs = new PhiAccrual(options);
    for (let n = 0; n < 50; n += 1) signs.sign(10_000);
    expect(signs.phi(1_000)).to.be.lessThan(1);
    for (let n = 0; n < 50; n += 1) signs.sign(100);
    expect(signs.phi(1_000)).to.be.greaterThan(8);
  });
});
