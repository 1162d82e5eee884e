/**
 * `npm run charts`: draws docs/*.svg and *.png from docs/results/endurance.json, and writes its figures into
 * docs/endurance.md. To measure anew: `npm run bench -- endurance --json docs/results/endurance.json`.
 *
 * Exit codes: 0 drawn, 1 the results cannot be read.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chartSvg } from './chart.js';
import { withFigures } from './document.js';
import { drawings } from './drawings.js';
import { pngOf } from './png.js';
import { readResults } from './results.js';

const docs = path.join(import.meta.dirname, '..', '..', '..', 'docs');

async function main(): Promise<void> {
  const results = readResults(path.join(docs, 'results', 'endurance.json'));
  for (const [name, chart] of Object.entries(drawings(results))) {
    const svg = chartSvg(chart);
    writeFileSync(path.join(docs, `${name}.svg`), svg);
    writeFileSync(path.join(docs, `${name}.png`), await pngOf(svg));
    process.stdout.write(`docs/${name}.svg, docs/${name}.png\n`);
  }
  const page = path.join(docs, 'endurance.md');
  writeFileSync(page, withFigures(readFileSync(page, 'utf8'), results));
  process.stdout.write('docs/endurance.md\n');
}

try {
  await main();
} catch (error) {
  process.stderr.write(`charts: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
