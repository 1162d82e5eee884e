/** The results as text, 80 columns wide. */
import type { MachineReport } from './machine.js';
import type { RowResult, SuiteResult } from './run-suite.js';
import type { Row, Target } from './suite.js';

const width = 80;
const columns = { title: 31, median: 10, range: 16, ratio: 11, target: 12 };

/** What it was measured on, and what else must be known to read the figures. */
export function machineText(machine: MachineReport): string {
  const { cpu, cores, memoryGb, system, node, versions, load } = machine;
  const lines = [
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}`,
    `node ${node}, ${Object.entries(versions)
      .map((pair) => pair.join(' '))
      .join(', ')}`,
  ];
  if (load > cores / 2) lines.push(`The machine is busy (load ${load.toFixed(1)}): trust ratios, not rates.`);
  if (machine.isDiskInMemory) lines.push('The folder is in memory: fsync is free here. Choose a disk with --dir.');
  return lines.join('\n');
}

/** One table for each section, what limits each row, and what is not measured. */
export function resultText({ suite, rounds, sections, notMeasured }: SuiteResult): string {
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
  const reasons = new Map<string, number[]>();
  const wants = new Map<string, number[]>();
  for (const { id, limitedBy, absent } of rows) {
    const [texts, text] = absent === undefined ? [reasons, limitedBy] : [wants, absent];
    texts.set(text, [...(texts.get(text) ?? []), numbers.get(id) ?? 0]);
  }
  const limits = [...reasons].flatMap(([reason, of]) => wrap(`${of.join(', ')}. `, reason));
  const missing = [...wants].flatMap(([why, of]) => wrap(`${of.join(', ')}. `, why));
  return [
    `suite ${suite}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    ...tables,
    '',
    'What limits it',
    ...limits,
    ...(missing.length === 0 ? [] : ['', 'Absent', ...missing]),
    '',
    'Not measured',
    ...notMeasured.flatMap((each) => wrap('- ', each)),
  ].join('\n');
}

function rowText(row: RowResult, numbers: Map<string, number>): string {
  const { title, median, min, max, unit, ratio, base, absent } = row;
  const ofBase = ratio === undefined ? '' : `${figure(ratio.median)} #${numbers.get(base ?? '') ?? '?'}`;
  const range = min === max ? '' : `${figure(min)} .. ${figure(max)}`;
  const name = `${numbers.get(row.id)}. ${title}`;
  if (absent !== undefined) return line(name, 'absent', '', '', targetText(row));
  return line(name, `${figure(median)} ${unit}`, range, ofBase, targetText(row));
}

function targetText(row: Row & { met?: boolean | undefined }): string {
  const { target, met } = row;
  if (target === undefined) return '';
  const wanted = wantedText(target);
  return met === undefined ? wanted : `${wanted} ${met ? 'met' : 'NO'}`;
}

/** A target as a table shows it. A ratio is about the column of ratios, a value about the median. */
function wantedText(target: Target): string {
  if ('ratioMin' in target) return `>= ${target.ratioMin}`;
  return 'ratioMax' in target ? `<= ${target.ratioMax}` : `< ${figure(target.valueMax)}`;
}

function line(title: string, median: string, range: string, ratio: string, target: string): string {
  const cells = [
    title.padEnd(columns.title),
    median.padStart(columns.median),
    range.padStart(columns.range),
    ratio.padStart(columns.ratio),
    target.padStart(columns.target),
  ];
  return cells.join('').trimEnd();
}

/** A number in the three digits that matter. */
function figure(value: number): string {
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
