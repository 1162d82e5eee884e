/** The results as text, 80 columns wide. */
import { growthOf } from './growth.js';
import type { MachineReport } from './machine.js';
import type { RowResult, SuiteResult } from './run-suite.js';
import type { Row, Target } from './suite.js';

const width = 80;
const columns = { title: 31, median: 10, range: 16, ratio: 11, target: 12 };

/** What it was measured on, and what else must be known to read the figures. */
export function machineText(machine: MachineReport): string {
  const { cpu, cores, memoryGb, system, node, versions, commit, load } = machine;
  const lines = [
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}`,
    `node ${node}, ${pairsText(versions)}`,
    ...(commit === undefined ? [] : [`troupe ${commit}`]),
  ];
  if (load > cores / 2) lines.push(`The machine is busy (load ${load.toFixed(1)}): trust ratios, not rates.`);
  if (machine.isDiskInMemory) lines.push('The folder is in memory: fsync is free here. Choose a disk with --dir.');
  return lines.join('\n');
}

/** One table for each section, what limits each row, and what is not measured. */
export function resultText(result: SuiteResult): string {
  const { suite, versions, sections, notMeasured } = result;
  const rows = sections.flatMap((section) => section.rows);
  const numbers = new Map(rows.map(({ id }, index) => [id, index + 1]));
  const head = line('', 'median', 'min .. max', 'x base', 'target');
  const tables = sections.flatMap((section) => [
    '',
    section.title,
    head,
    '-'.repeat(width),
    ...section.rows.map((row) => rowText(row, numbers)),
  ]);
  const list = (title: string, textOf: (row: RowResult) => string | undefined): string[] => {
    const lines = reasons(rows, numbers, textOf);
    return lines.length === 0 ? [] : ['', title, ...lines];
  };
  return [
    `suite ${suite}, ${roundsText(result)}`,
    ...(versions === undefined ? [] : wrap('beside ', pairsText(versions))),
    ...tables,
    ...growthLines(result),
    ...list('What limits it', (row) => (whyWithout(row) === undefined ? row.limitedBy : undefined)),
    ...list('Absent', ({ absent }) => absent),
    ...list('Wrong, and so without a figure', ({ wrong }) => wrong),
    ...list('Failed', ({ failed }) => failed),
    '',
    'Not measured',
    ...notMeasured.flatMap((each) => wrap('- ', each)),
  ].join('\n');
}

/** How cost grows along lines; nothing for suites that have none. */
function growthLines(result: SuiteResult): string[] {
  const growths = growthOf(result);
  if (growths.length === 0) return [];
  const rows = growths.map(({ curve, line: name, unit, points, ofSmallest, ofCheapest, verdict }) => {
    const [first, last] = [points[0]?.cost ?? Number.NaN, points.at(-1)?.cost ?? Number.NaN];
    const [from, to] = [`${figure(first)} ${unit}`, `${figure(last)} ${unit}`];
    return growthLine(`${curve}: ${name}`, from, to, figure(ofSmallest), `${figure(ofCheapest)} ${verdict}`);
  });
  const head = growthLine('', 'smallest', 'largest', 'x smallest', 'x cheapest');
  return ['', 'What one costs, at the smallest and at the largest point', head, '-'.repeat(width), ...rows];
}

function growthLine(title: string, from: string, to: string, ofSmallest: string, ofCheapest: string): string {
  return [title.padEnd(33), from.padStart(11), to.padStart(11), ofSmallest.padStart(11), ofCheapest.padStart(14)]
    .join('')
    .trimEnd();
}

function roundsText({ rounds, interruptedAfter }: SuiteResult): string {
  if (interruptedAfter !== undefined) return `interrupted after round ${interruptedAfter} of ${rounds}`;
  return `${rounds} ${rounds === 1 ? 'round' : 'rounds'}`;
}

/** Why a row has no figure, in a word. */
function whyWithout(row: RowResult): 'absent' | 'wrong' | 'failed' | undefined {
  return (['absent', 'wrong', 'failed'] as const).find((kind) => row[kind] !== undefined);
}

/** A text for each row, each text once, with the numbers of its rows. */
function reasons(
  rows: readonly RowResult[],
  numbers: ReadonlyMap<string, number>,
  textOf: (row: RowResult) => string | undefined,
): string[] {
  const texts = new Map<string, number[]>();
  for (const row of rows) {
    const text = textOf(row);
    if (text !== undefined) texts.set(text, [...(texts.get(text) ?? []), numbers.get(row.id) ?? 0]);
  }
  return [...texts].flatMap(([text, of]) => wrap(`${rangesText(of)}. `, text));
}

/** Numbers in their order; from three that follow each other on, the first and the last. */
function rangesText(numbers: readonly number[]): string {
  const runs: number[][] = [];
  for (const each of numbers) {
    const open = runs.at(-1);
    if (open?.at(-1) === each - 1) open.push(each);
    else runs.push([each]);
  }
  return runs.flatMap((run) => (run.length < 3 ? run.map(String) : [`${run[0]}-${run.at(-1)}`])).join(', ');
}

function pairsText(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions)
    .map((pair) => pair.join(' '))
    .join(', ');
}

function rowText(row: RowResult, numbers: Map<string, number>): string {
  const { title, median, min, max, unit, ratio, base } = row;
  const ofBase = ratio === undefined ? '' : `${figure(ratio.median)} #${numbers.get(base ?? '') ?? '?'}`;
  const range = min === max ? '' : `${figure(min)} .. ${figure(max)}`;
  const name = `${numbers.get(row.id)}. ${title}`;
  const why = whyWithout(row);
  if (why !== undefined) return line(name, why, '', '', targetText(row));
  return line(name, `${figure(median)} ${unit}`.trimEnd(), range, ofBase, targetText(row));
}

function targetText(row: Row & { met?: boolean | undefined }): string {
  const { target, met } = row;
  if (target === undefined) return '';
  const wanted = wantedText(target);
  return met === undefined ? wanted : `${wanted} ${met ? 'met' : 'NO'}`;
}

/** A target as a table shows it. A ratio is about the column of ratios, a value about the median. */
export function wantedText(target: Target): string {
  if ('ratioMin' in target) return `>= ${target.ratioMin}`;
  return 'ratioMax' in target ? `<= ${target.ratioMax}` : `< ${figure(target.valueMax)}`;
}

function line(title: string, median: string, range: string, ratio: string, target: string): string {
  const cells = [
    title.padEnd(columns.title),
    // A title that is a little too long takes room from the figure beside it.
    ` ${median}`.padStart(columns.median - Math.max(0, title.length - columns.title)),
    range.padStart(columns.range),
    ratio.padStart(columns.ratio),
    target.padStart(columns.target),
  ];
  return cells.join('').trimEnd();
}

/** A number in the three digits that matter. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(0)}k`;
  if (value >= 1e3) return `${(value / 1e3).toFixed(2)}k`;
  if (value >= 100) return value.toFixed(0);
  // Narrow enough for its column.
  return value < 0.1 ? value.toFixed(3) : value.toPrecision(3);
}

function wrap(mark: string, text: string): string[] {
  const lines: string[] = [];
  let open = mark;
  for (const word of text.split(' ')) {
    if (open.length + word.length + 1 > width && open.trim() !== '') {
      lines.push(open);
      open = ' '.repeat(mark.length);
    }
    open += open.endsWith(' ') ? word : ` ${word}`;
  }
  return [...lines, open];
}
