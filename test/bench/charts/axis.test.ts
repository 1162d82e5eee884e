import { expect } from 'chai';
import { axisFor, powersAxis, powersFor, shortLabel } from '../../../bench/charts/axis.js';

describe('the axis of a chart', () => {
  const labels = (...args: Parameters<typeof axisFor>) => axisFor(...args).ticks.map(({ label }) => label);

  it('has round ticks, and room for the largest value', () => {
    for (const max of [0.3, 1, 7, 9.5, 10, 11, 99, 101, 480, 953, 1_024]) {
      const { end, ticks } = axisFor('MB', max, 5);
      expect(end, `${max}`).to.be.at.least(max);
      expect(ticks.length - 1, `${max}`).to.be.within(2, 5);
      expect(ticks.at(-1)?.value).to.be.closeTo(end, 1e-9);
      const step = ticks[1]?.value ?? 0;
      expect([1, 2, 5], `${max}: ${step}`).to.include(Math.round(step / 10 ** Math.floor(Math.log10(step) + 1e-9)));
    }
  });

  it('chooses the unit in which numbers are short', () => {
    expect(labels('count', 5_000_000, 10, true)).to.deep.equal([
      '0.0',
      '0.5',
      '1.0',
      '1.5',
      '2.0',
      '2.5',
      '3.0',
      '3.5',
      '4.0',
      '4.5',
      '5.0',
    ]);
    expect(axisFor('count', 5_000_000, 5).unit).to.equal('millions');
    expect(labels('count', 1_001_000, 3)).to.deep.equal(['0', '500', '1,000', '1,500']);
    expect(axisFor('count', 1_001_000, 3).unit).to.equal('thousands');
    expect(axisFor('count', 12, 3).unit).to.equal('');
    expect(axisFor('ms', 90_000, 5)).to.include({ unit: 'seconds', end: 100_000 });
    expect(axisFor('ms', 600_000, 5)).to.include({ unit: 'minutes', end: 600_000 });
    expect(axisFor('MB', 953, 5)).to.include({ unit: 'MB', end: 1_000 });
  });

  it('may end with the value itself', () => {
    const { end, ticks } = axisFor('ms', 4_650, 10, true);
    expect(end).to.equal(4_650);
    expect(ticks.at(-1)).to.deep.equal({ value: 4_500, label: '4.5' });
  });
});

describe('an axis of powers', () => {
  const labels = (min: number, max: number) => powersFor(min, max).ticks.map(({ label }) => label);

  it('begins and ends with powers of ten that hold all values', () => {
    expect(labels(3, 40_000)).to.deep.equal(['1', '10', '100', '1 k', '10 k', '100 k']);
    expect(labels(0.05, 1_000)).to.deep.equal(['0.01', '0.1', '1', '10', '100', '1 k']);
    expect(labels(1, 1_000)).to.deep.equal(['1', '10', '100', '1 k']);
  });

  it('has 2 and 5 between them where there is room', () => {
    expect(labels(60_000, 450_000)).to.deep.equal(['50 k', '100 k', '200 k', '500 k']);
  });

  it('goes to ten times its beginning at least, so that what hardly differs looks so', () => {
    expect(labels(28, 51)).to.deep.equal(['20', '50', '100', '200']);
    for (const [min, max] of [
      [7, 7],
      [10, 10],
      [0.3, 0.31],
      [999, 1_001],
    ] as const) {
      const { ticks, end } = powersFor(min, max);
      expect(end / (ticks[0]?.value ?? 0), `${min}`).to.be.at.least(10);
      expect(ticks[0]?.value, `${min}`).to.be.at.most(min);
      expect(end, `${max}`).to.be.at.least(max);
    }
  });

  it('has values that differ by the same factor at the same distance', () => {
    const { shareOf, unit, end } = powersFor(1, 10_000, 'us');
    expect([1, 10, 100, 1_000, 10_000].map((value) => Math.round(shareOf(value) * 100))).to.deep.equal([
      0, 25, 50, 75, 100,
    ]);
    expect({ unit, end }).to.deep.equal({ unit: 'us', end: 10_000 });
    const hosts = powersAxis([1, 2, 4].map((value) => ({ value, label: String(value) })));
    expect(hosts.shareOf(2)).to.be.closeTo(0.5, 1e-9);
  });

  it('has short labels', () => {
    expect([0.02, 1, 200, 2_000, 50_000, 1e6].map(shortLabel)).to.deep.equal([
      '0.02',
      '1',
      '200',
      '2 k',
      '50 k',
      '1 M',
    ]);
  });
});
