import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { chartSvg } from '../../../bench/charts/chart.js';
import {
  figureDocuments,
  replaceBetween,
  targetDocuments,
  withFigures,
  withTargets,
} from '../../../bench/charts/document.js';
import { drawings } from '../../../bench/charts/drawings.js';
import { findingsMax, findingsOf, withFindings } from '../../../bench/charts/findings.js';
import { pngOf } from '../../../bench/charts/png.js';
import { readResults, type SuiteResults } from '../../../bench/charts/results.js';
import { fullSizes } from '../../../bench/endurance/sizes.js';
import { messages } from '../../../bench/messages.js';
import { fullSizes as supervisionSizes } from '../../../bench/supervision/sizes.js';
import { fullSizes as workflowSizes } from '../../../bench/workflow/sizes.js';
import { projectRoot } from '../../tidy/source.js';

const docs = path.join(projectRoot(), 'docs');
const page = readFileSync(path.join(docs, 'endurance.md'), 'utf8');
const results = readResults(path.join(docs, 'results', 'endurance.json'), 'endurance');
const hint = 'out of step with docs/results/endurance.json; write it anew with: npm run charts';

describe('docs/endurance.md', () => {
  it('has the figures of docs/results/endurance.json', () => {
    expect(withFigures(page, results) === page, hint).to.equal(true);
  });

  it('and a figure that changed is noticed', () => {
    const { result } = results;
    const [section] = result.sections;
    const [row] = section?.rows ?? [];
    const sections = [{ title: section!.title, rows: [{ ...row!, median: row!.median * 2 }] }];
    const changed: SuiteResults = { ...results, result: { ...result, sections } };
    expect(withFigures(page, changed)).not.to.equal(page);
    expect(() => withFigures('no marks', results)).to.throw(/needs the lines/);
  });

  it('says that sizes were small when they were', () => {
    const isSmall = JSON.stringify(results.result.sizes) !== JSON.stringify(fullSizes);
    expect(results.result.isFull).to.equal(!isSmall);
    expect(page.includes('Measured with small sizes')).to.equal(isSmall);
  });

  it('names in its claims the sizes of the suite', () => {
    const { churn, backlog, million, startUp } = fullSizes;
    const numbers = [churn.tells, churn.machines, backlog.tells, million.actors, million.residentActorsMax];
    for (const number of [...numbers, startUp.actors, startUp.tells]) {
      expect(page).to.include(number.toLocaleString('en-US'));
    }
    expect(page).to.include(`${churn.retentionBytes / 2 ** 20} MiB`);
  });

  for (const [name, chart] of Object.entries(drawings(results))) {
    it(`shows ${name}.png, drawn from the same results, at twice the pixels`, async () => {
      const svg = chartSvg(chart);
      expect(readFileSync(path.join(docs, `${name}.svg`), 'utf8') === svg, `${name}.svg: ${hint}`).to.equal(true);
      const png = readFileSync(path.join(docs, `${name}.png`));
      expect(png.equals(await pngOf(svg)), `${name}.png: ${hint}`).to.equal(true);
      const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
      expect(png.readUInt32BE(16), 'width in pixels').to.equal(width * 2);
      expect(page).to.include(`(${name}.png)`);
    }).timeout(20_000);
  }
});

for (const { suite, page: name, sizes } of [
  { suite: 'supervision', page: 'supervision.md', sizes: supervisionSizes },
  { suite: 'workflow', page: 'workflows.md', sizes: workflowSizes },
]) {
  describe(`docs/${name}`, () => {
    const file = `docs/results/${suite}.json`;
    const measured = readResults(path.join(docs, 'results', `${suite}.json`), suite);
    const document = readFileSync(path.join(docs, name), 'utf8');

    it(`has the figures of ${file}, measured with the full sizes`, () => {
      const say = `out of step with ${file}; write it anew with: npm run charts`;
      expect(withFigures(document, measured) === document, say).to.equal(true);
      expect(measured.result.sizes).to.deep.equal(sizes);
      expect(measured.result.isFull).to.equal(true);
    });
  });
}

describe('docs/messages.md and README.md', () => {
  const file = 'docs/results/messages.json';
  const measured = readResults(path.join(docs, 'results', 'messages.json'), 'messages');
  const document = readFileSync(path.join(docs, 'messages.md'), 'utf8');
  const readme = readFileSync(path.join(projectRoot(), 'README.md'), 'utf8');
  const say = `out of step with ${file}; write it anew with: npm run charts`;

  it(`have the figures of ${file}`, () => {
    expect(withFigures(document, measured) === document, say).to.equal(true);
    expect(withTargets(readme, measured) === readme, say).to.equal(true);
  });

  it('and a figure that changed is noticed', () => {
    const sections = measured.result.sections.map(({ title, rows }) => ({
      title,
      rows: rows.map((row) => ({ ...row, median: row.median * 2 })),
    }));
    const changed: SuiteResults = { ...measured, result: { ...measured.result, sections } };
    expect(withTargets(readme, changed)).not.to.equal(readme);
    expect(() => withTargets('no marks', measured)).to.throw(/needs the lines .*messages targets begin/);
  });

  it('show every target of the suite, met or missed', () => {
    const rows = messages.sections.flatMap((section) => section.rows).filter(({ target }) => target !== undefined);
    const shown = readme.split('messages targets')[1] ?? '';
    for (const { title } of rows) expect(shown, title).to.include(`| ${title} |`);
  });
});

describe('the documents of suites', () => {
  const read = (file: string): string => readFileSync(path.join(projectRoot(), file), 'utf8');

  /** Its results; undefined: nobody has measured it yet. */
  const measuredOf = (suite: string): SuiteResults | undefined => {
    const file = path.join(docs, 'results', `${suite}.json`);
    return existsSync(file) ? readResults(file, suite) : undefined;
  };

  for (const [suite, file] of Object.entries(figureDocuments)) {
    it(`${file} has the figures of its results, and none while there are none`, () => {
      const document = read(file);
      const measured = measuredOf(suite);
      const wanted = measured ? withFigures(document, measured) : replaceBetween(document, suite, suite, '');
      expect(document === wanted, 'write it anew with: npm run charts').to.equal(true);
    });
  }

  for (const [suite, file] of Object.entries(targetDocuments)) {
    it(`${file} has the targets of ${suite}, and none while nobody measured them`, () => {
      const document = read(file);
      const measured = measuredOf(suite);
      const wanted = measured
        ? withTargets(document, measured)
        : replaceBetween(document, `${suite} targets`, suite, '');
      expect(document === wanted, 'write it anew with: npm run charts').to.equal(true);
    });
  }
});

describe('what one would not expect', () => {
  const measured = readResults(path.join(docs, 'results', 'messages.json'), 'messages');
  const document = readFileSync(path.join(docs, 'messages.md'), 'utf8');

  it('is what docs/results/messages.json shows, and all of it still holds', () => {
    expect(withFindings(document, measured) === document, 'write it anew with: npm run charts').to.equal(true);
    expect(findingsOf(measured)).to.have.length(findingsMax);
  });

  it('is left out when the figures do not show it any more', () => {
    const changed = (id: string, factor: number): SuiteResults => {
      const sections = measured.result.sections.map(({ title, rows }) => ({
        title,
        rows: rows.map((row) => (row.id === id ? { ...row, median: row.median * factor } : row)),
      }));
      return { ...measured, result: { ...measured.result, sections } };
    };
    for (const [id, factor] of [
      ['flushed-tell-function', 0.5],
      ['flushed-tell', 0.5],
      ['post-ask-idleP50Us', 10],
      ['erlang-ask-p50Us', Number.NaN],
    ] as const) {
      expect(findingsOf(changed(id, factor)), id).to.have.length(findingsMax - 1);
    }
  });
});

describe('results', () => {
  it('of another suite than is wanted are refused', () => {
    const file = path.join(docs, 'results', 'endurance.json');
    expect(() => readResults(file, 'supervision')).to.throw(/endurance\.json has no results of the suite supervision/);
  });
});
