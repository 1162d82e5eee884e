/** How cost grows along a line, and what is called worse than linear. */
import { expect } from 'chai';
import { costUnitOf, growthOf } from '../../../bench/runner/growth.js';
import { resultText } from '../../../bench/runner/report.js';
import type { RowResult, SuiteResult } from '../../../bench/runner/run-suite.js';
import type { CurvePoint, Row } from '../../../bench/runner/suite.js';

type Figures = Readonly<Record<number, number>>;

function rowsOf(
  line: string,
  figures: Figures,
  unit: Row['unit'] = '/s',
  each: CurvePoint['each'] = 'one',
): RowResult[] {
  return Object.entries(figures).map(([x, median]) => {
    const about = { id: `${line}/${x}`, title: x, entrant: line, measure: 'm', unit, limitedBy: '' };
    const values = Number.isNaN(median) ? [] : [median];
    return { ...about, point: { curve: 'c', line, x: Number(x), each }, values, median, min: median, max: median };
  });
}

function resultOf(...rows: readonly RowResult[][]): SuiteResult {
  const sections = rows.map((each) => ({ title: 't', rows: each }));
  const rest = { suite: 's', sizes: {}, isFull: true, rounds: 1, notMeasured: [], measures: {}, samples: {} };
  return { ...rest, sections };
}

describe('the growth of cost', () => {
  it('of a rate is the time for each, and rises where rates fall', () => {
    const [growth] = growthOf(resultOf(rowsOf('worse', { 1: 1_000, 10: 2_000, 100: 500 })));
    expect(growth).to.deep.include({ unit: 'us', ofSmallest: 2, ofCheapest: 4, verdict: 'rises' });
    expect(growth?.points).to.deep.equal([
      { x: 1, cost: 1_000 },
      { x: 10, cost: 500 },
      { x: 100, cost: 2_000 },
    ]);
  });

  it('is flat within a factor of one and a half, and falls below it', () => {
    const verdicts = growthOf(
      resultOf(
        rowsOf('a little worse', { 1: 1_400, 10: 1_000 }),
        rowsOf('a little better', { 1: 1_000, 10: 1_400 }),
        rowsOf('better', { 1: 1_000, 10: 1_600 }),
        // It has been cheaper: where it goes from there is what counts.
        rowsOf('better and then worse', { 1: 1_000, 10: 10_000, 100: 2_000 }),
      ),
    ).map(({ verdict }) => verdict);
    expect(verdicts).to.deep.equal(['flat', 'flat', 'falls', 'rises']);
  });

  it('of bytes is by the byte, and of a time the time', () => {
    const [bytes, time] = growthOf(
      resultOf(rowsOf('bytes', { 100: 1e6, 1000: 1e5 }, '/s', 'byte'), rowsOf('time', { 1: 4, 10: 8 }, 'ms', 'whole')),
    );
    expect(bytes).to.deep.include({ unit: 'ns', ofSmallest: 1, verdict: 'flat' });
    expect(bytes?.points[0]?.cost).to.equal(10);
    expect(time).to.deep.include({ unit: 'ms', ofSmallest: 2, verdict: 'rises' });
    expect(costUnitOf({ unit: 'us' })).to.equal('us');
  });

  it('needs two points with a figure', () => {
    expect(growthOf(resultOf(rowsOf('one', { 1: 5, 10: Number.NaN })))).to.deep.equal([]);
    const [growth] = growthOf(resultOf(rowsOf('two', { 1: 5, 10: Number.NaN, 100: 5 })));
    expect(growth?.points.map(({ x }) => x)).to.deep.equal([1, 100]);
  });

  it('stands in the report', () => {
    const lines = resultText(resultOf(rowsOf('worse', { 1: 1_000, 100: 400 }))).split('\n');
    const line = 'c: worse                            1.00k us   2.50k us       2.50    2.50 rises';
    expect(lines).to.include(line);
    expect(resultText(resultOf([])).includes('x cheapest')).to.equal(false);
  });
});
