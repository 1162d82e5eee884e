import { expect } from 'chai';
import { maxBetween, sampled } from '../../../bench/endurance/sampler.js';

describe('the sampler', () => {
  it('samples at the beginning, meanwhile and at the end', async () => {
    let taken = 0;
    let enough = (): void => {};
    const meanwhile = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const read = () => {
      taken += 1;
      if (taken === 3) enough();
      return { taken };
    };
    const { result, samples } = await sampled(1, read, () => meanwhile.then(() => 'done'));
    expect(result).to.equal('done');
    expect(samples.map((sample) => sample.taken)).to.deep.equal(samples.map((_, index) => index + 1));
    expect(samples.length).to.be.at.least(4);
    const times = samples.map(({ atMs = Number.NaN }) => atMs);
    expect(times).to.deep.equal(times.toSorted((a, b) => a - b));
    expect(taken, 'nothing is sampled afterwards').to.equal(samples.length);
  });

  it('ends without waiting for the next sample', async () => {
    const { samples } = await sampled(
      3_600_000,
      () => ({ x: 1 }),
      async () => {},
    );
    expect(samples.length).to.be.within(1, 2);
  });

  it('fails when a sample or the work fails', async () => {
    const fail = (what: string) => async (): Promise<never> => {
      throw new Error(what);
    };
    const outcome = (run: Promise<unknown>) => run.then(String, (error: Error) => error.message);
    const never = () => new Promise<never>(() => {});
    expect(await outcome(sampled(1, fail('no sample'), never))).to.equal('no sample');
    expect(await outcome(sampled(1, () => ({ x: 1 }), fail('no work')))).to.equal('no work');
  });

  it('finds the largest figure of a part of the work', () => {
    const samples = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((done) => ({
      done,
      size: done === 70 ? 500 : done,
    }));
    expect(maxBetween(samples, 'size', 'done', 0.25, 0.5)).to.equal(50);
    expect(maxBetween(samples, 'size', 'done', 0.75, 1)).to.equal(100);
    expect(maxBetween(samples, 'size', 'done', 0, 1)).to.equal(500);
    expect(maxBetween(samples, 'size', 'done', 0.71, 0.78), 'none within: the nearest').to.equal(500);
    expect(() => maxBetween([], 'size', 'done', 0, 1)).to.throw(/no sample of size/);
  });
});
