/** The figures inside documents: written by `npm run charts`, and compared with the results by a test. */
import { machineText, resultText } from '../runner/report.js';
import type { SuiteResults } from './results.js';

/** The document with the figures of these results. @throws Error when it has no place for them */
export function withFigures(document: string, results: SuiteResults): string {
  const { suite } = results.result;
  const begin = `<!-- ${suite} begin: written by \`npm run charts\` from docs/results/${suite}.json -->`;
  const end = `<!-- ${suite} end -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document needs the lines ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n${figures(results)}\n${document.slice(to)}`;
}

function figures({ machine, date, result }: SuiteResults): string {
  const sizes = result.isFull ? '' : '\n\nMeasured with small sizes: nothing is judged by them.';
  const text = `${machineText(machine)}\n\n${resultText(result)}`;
  return `Measured on ${date.slice(0, 10)}.${sizes}\n\n\`\`\`text\n${text}\n\`\`\``;
}
