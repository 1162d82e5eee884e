/**
 * `npm run charts`: draws docs/*.svg and *.png from docs/results/endurance.json, and writes the figures of
 * docs/results/*.json into the documents about them, and the targets of the suite `messages` into the README. To
 * measure anew, for instance: `npm run bench -- endurance --json docs/results/endurance.json`.
 *
 * Exit codes: 0 drawn, 1 the results cannot be read.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chartSvg } from './chart.js';
import { withFigures, withTargets } from './document.js';
import { drawings } from './drawings.js';
import { pngOf } from './png.js';
import { readResults, type SuiteResults } from './results.js';

const root = path.join(import.meta.dirname, '..', '..', '..');
const docs = path.join(root, 'docs');
/** Where the figures of a suite stand. */
const pages: Readonly<Record<string, string>> = {
  endurance: 'endurance.md',
  supervision: 'supervision.md',
  messages: 'messages.md',
  workflow: 'workflows.md',
};

async function main(): Promise<void> {
  const results = resultsOf('endurance');
  for (const [name, chart] of Object.entries(drawings(results))) {
    const svg = chartSvg(chart);
    writeFileSync(path.join(docs, `${name}.svg`), svg);
    writeFileSync(path.join(docs, `${name}.png`), await pngOf(svg));
    process.stdout.write(`docs/${name}.svg, docs/${name}.png\n`);
  }
  for (const [suite, name] of Object.entries(pages)) {
    const page = path.join(docs, name);
    writeFileSync(page, withFigures(readFileSync(page, 'utf8'), resultsOf(suite)));
    process.stdout.write(`docs/${name}\n`);
  }
  const readme = path.join(root, 'README.md');
  writeFileSync(readme, withTargets(readFileSync(readme, 'utf8'), resultsOf('messages')));
  process.stdout.write('README.md\n');
}

function resultsOf(suite: string): SuiteResults {
  return readResults(path.join(docs, 'results', `${suite}.json`), suite);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`charts: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
