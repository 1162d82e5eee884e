/**
 * `npm run charts`: draws docs/*.svg and *.png from docs/results/endurance.json and curves.json, and writes the figures
 * of docs/results/*.json into the documents of the same names, and the targets of the suite `messages` into the README.
 * A suite without a file is left out. To measure anew, for instance:
 * `npm run bench -- endurance --json docs/results/endurance.json`.
 *
 * Exit codes: 0 drawn, 1 the results cannot be read.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Chart, chartSvg } from './chart.js';
import { curveDrawings, withCurves } from './curves.js';
import { figureDocuments, targetDocuments, withFigures, withTargets } from './document.js';
import { drawings } from './drawings.js';
import { withFindings } from './findings.js';
import { pngOf } from './png.js';
import { readResults, type SuiteResults } from './results.js';

const root = path.join(import.meta.dirname, '..', '..', '..');
const docs = path.join(root, 'docs');
async function main(): Promise<void> {
  if (isMeasured('endurance')) await draw(drawings(resultsOf('endurance')));
  if (isMeasured('curves')) await draw(curveDrawings(resultsOf('curves')));
  for (const [suite, file] of Object.entries(figureDocuments)) if (isMeasured(suite)) write(file, suite, withFigures);
  if (isMeasured('curves')) write('docs/curves.md', 'curves', withCurves);
  for (const [suite, file] of Object.entries(targetDocuments)) if (isMeasured(suite)) write(file, suite, withTargets);
  if (isMeasured('messages')) write('docs/messages.md', 'messages', withFindings);
}

async function draw(charts: Readonly<Record<string, Chart>>): Promise<void> {
  for (const [name, chart] of Object.entries(charts)) {
    const svg = chartSvg(chart);
    writeFileSync(path.join(docs, `${name}.svg`), svg);
    writeFileSync(path.join(docs, `${name}.png`), await pngOf(svg));
    process.stdout.write(`docs/${name}.svg, docs/${name}.png\n`);
  }
}

function write(file: string, suite: string, withResults: (document: string, results: SuiteResults) => string): void {
  const page = path.join(root, file);
  writeFileSync(page, withResults(readFileSync(page, 'utf8'), resultsOf(suite)));
  process.stdout.write(`${file}\n`);
}

function fileOf(suite: string): string {
  return path.join(docs, 'results', `${suite}.json`);
}

function isMeasured(suite: string): boolean {
  return existsSync(fileOf(suite));
}

function resultsOf(suite: string): SuiteResults {
  return readResults(fileOf(suite), suite);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`charts: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
