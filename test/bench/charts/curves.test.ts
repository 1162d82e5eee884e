/** docs/curves.md: its tables and pictures are those of its results, and each curve has its own. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { chartSvg } from '../../../bench/charts/chart.js';
import { curveDrawings, withCurves } from '../../../bench/charts/curves.js';
import { pngOf } from '../../../bench/charts/png.js';
import { readResults, type SuiteResults } from '../../../bench/charts/results.js';
import { curves } from '../../../bench/curves/lines.js';
import { fullSizes } from '../../../bench/curves/sizes.js';
import { growthOf } from '../../../bench/runner/growth.js';
import { projectRoot } from '../../tidy/source.js';

const docs = path.join(projectRoot(), 'docs');
const file = 'docs/results/curves.json';
const hint = `out of step with ${file}; write it anew with: npm run charts`;
const page = readFileSync(path.join(docs, 'curves.md'), 'utf8');
const results = readResults(path.join(docs, 'results', 'curves.json'), 'curves');

describe('docs/curves.md', () => {
  it(`has the figures of ${file}, measured with the full sizes`, () => {
    expect(withCurves(page, results) === page, hint).to.equal(true);
    expect(results.result.sizes).to.deep.equal(fullSizes);
  });

  it('and a figure that changed is noticed', () => {
    const sections = results.result.sections.map(({ title, rows }) => ({
      title,
      rows: rows.map((row) => ({ ...row, median: row.median * 2 })),
    }));
    const changed: SuiteResults = { ...results, result: { ...results.result, sections } };
    expect(withCurves(page, changed)).not.to.equal(page);
    expect(() => withCurves('no marks', results)).to.throw(/needs the lines .*curves machine begin/);
  });

  it('says why of each line that rises', () => {
    const why = page.split('## What rises, and why')[1] ?? '';
    for (const { curve, line } of growthOf(results.result).filter(({ verdict }) => verdict === 'rises')) {
      expect(why, `${curve}: ${line}`).to.include(`**${curve}: ${line}**`);
    }
  });

  it('has a picture of each curve, drawn from the same results', async () => {
    const charts = curveDrawings(results);
    expect(Object.keys(charts)).to.deep.equal(curves.map(({ name }) => `curves-${name}`));
    for (const [name, chart] of Object.entries(charts)) {
      const svg = chartSvg(chart);
      expect(readFileSync(path.join(docs, `${name}.svg`), 'utf8') === svg, `${name}.svg: ${hint}`).to.equal(true);
      const png = readFileSync(path.join(docs, `${name}.png`));
      expect(png.equals(await pngOf(svg)), `${name}.png: ${hint}`).to.equal(true);
      expect(page).to.include(`(${name}.png)`);
    }
  }).timeout(20_000);
});
