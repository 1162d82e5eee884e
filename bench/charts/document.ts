/** The figures inside documents: written by `npm run charts`, and compared with the results by a test. */
import { figure, machineText, resultText, wantedText } from '../runner/report.js';
import type { RowResult } from '../runner/run-suite.js';
import type { SuiteResults } from './results.js';

/** The documents, by suite, that have its figures. */
export const figureDocuments = {
  endurance: 'docs/endurance.md',
  supervision: 'docs/supervision.md',
  messages: 'docs/messages.md',
  durable: 'docs/durable.md',
  savina: 'docs/savina.md',
  footprint: 'docs/footprint.md',
  workflow: 'docs/workflows.md',
} as const;

/** The documents, by suite, that have a table of its targets. */
export const targetDocuments = { messages: 'README.md', durable: 'docs/durable.md', savina: 'docs/savina.md' } as const;

/** The document with the figures of these results. @throws Error when it has no place for them */
export function withFigures(document: string, results: SuiteResults): string {
  const { suite } = results.result;
  return replaceBetween(document, suite, suite, figures(results));
}

/**
 * The document with a table of the rows that have a target: a line each, with the section it stands in.
 * @throws Error when it has no place for them
 */
export function withTargets(document: string, results: SuiteResults): string {
  const { suite } = results.result;
  return replaceBetween(document, `${suite} targets`, suite, targets(results));
}

/**
 * The document with another text between two lines that name it.
 * @param suite whose results it is made from
 * @throws Error when it has no such lines
 */
export function replaceBetween(document: string, name: string, suite: string, text: string): string {
  const begin = `<!-- ${name} begin: written by \`npm run charts\` from docs/results/${suite}.json -->`;
  const end = `<!-- ${name} end -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document needs the lines ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n${text}${text === '' ? '' : '\n'}${document.slice(to)}`;
}

function figures({ machine, date, result }: SuiteResults): string {
  const text = `${machineText(machine)}\n\n${resultText(result)}`;
  return `Measured on ${date.slice(0, 10)}.${smallSizes(result)}\n\n\`\`\`text\n${text}\n\`\`\``;
}

function smallSizes({ isFull }: SuiteResults['result']): string {
  return isFull ? '' : '\n\nMeasured with small sizes: nothing is judged by them.';
}

/** When and on what, in a sentence. */
export function measuredOn({ machine, date, result }: SuiteResults): string {
  const { cpu, cores, system, node, commit } = machine;
  const from = commit === undefined ? '' : `, troupe ${commit}`;
  return (
    `From ${result.rounds === 1 ? 'one round' : `${result.rounds} rounds`} on ${date.slice(0, 10)}: ` +
    `${cpu}, ${cores} cores, ${system}, node ${node}${from}.${smallSizes(result)}`
  );
}

function targets(results: SuiteResults): string {
  const { result } = results;
  const all = result.sections.flatMap(({ rows }) => rows);
  const titleOf = (id = ''): string => all.find((row) => row.id === id)?.title ?? '';
  const lines = result.sections.flatMap(({ title, rows }) =>
    rows
      .filter(({ target }) => target !== undefined)
      .map((row) => `| ${title} | ${row.title} | ${shown(row)} | ${titleOf(row.base)} | ${verdict(row)} |`),
  );
  return [measuredOn(results), '', '| what | who | median | of | x, target |', '|---|---|---|---|---|', ...lines].join(
    '\n',
  );
}

function shown(row: RowResult): string {
  return row.values.length === 0 ? 'absent' : `${figure(row.median)} ${row.unit}`.trimEnd();
}

/** The ratio, what it should be, and whether it is; a target that is missed is not hidden. */
function verdict({ ratio, target, met }: RowResult): string {
  const wanted = target === undefined ? '' : wantedText(target);
  const measured = ratio === undefined ? '' : `${figure(ratio.median)}, `;
  return `${measured}${wanted}${met === undefined ? '' : met ? ', met' : ', **missed**'}`;
}
