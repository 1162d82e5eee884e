/** The charts and the tables of the document on curves, from its results. */
import { type Curve, curves, type Line, type Panel as CurvePanel, sizeText } from '../curves/lines.js';
import { figure } from '../runner/report.js';
import { costOf, costUnitOf, type Growth, growthOf } from '../runner/growth.js';
import type { RowResult } from '../runner/run-suite.js';
import { shortLabel } from './axis.js';
import type { Chart, Layer, Panel } from './chart.js';
import { measuredOn, replaceBetween } from './document.js';
import type { SuiteResults } from './results.js';

/** Of what is not ours, and of what is. */
const pales = ['#7b8794', '#b08a8a'];
const colours = ['#d97706', '#2f855a', '#2563b0', '#6d4fc2'];
const panelHeight = 190;

/** The charts by the names of their files. A curve without a figure has none. */
export function curveDrawings(results: SuiteResults): Record<string, Chart> {
  const drawn = curves.flatMap((curve) => {
    const chart = chartOf(curve, results);
    return chart.panels.length === 0 ? [] : [[`curves-${curve.name}`, chart]];
  });
  return Object.fromEntries(drawn);
}

function chartOf(curve: Curve, results: SuiteResults): Chart {
  const xs = [...new Set(curve.panels.flatMap(({ lines }) => lines.flatMap((line) => line.xs)))].sort((a, b) => a - b);
  const label = (x: number): string => (curve.x.isBytes ? sizeText(curve.x, x) : shortLabel(x));
  return {
    title: curve.title,
    says: curve.says,
    x: { quantity: xs.map((value) => ({ value, label: label(value) })), title: curve.x.title },
    panels: curve.panels.flatMap((panel) => panelsOf(panel, results)),
  };
}

/** The figures, and below them what one costs, where that is not the same. */
function panelsOf(panel: CurvePanel, results: SuiteResults): Panel[] {
  const [row] = rowsOf(panel, results);
  if (row === undefined) return [];
  const figures = panelOf(panel, panel.title, row.unit === '/s' ? '' : row.unit, results, ({ median }) => median);
  if (panel.cost === undefined) return [figures];
  return [figures, panelOf(panel, panel.cost, costUnitOf(row), results, costOf)];
}

function panelOf(
  panel: CurvePanel,
  title: string,
  unit: string,
  results: SuiteResults,
  value: (row: RowResult) => number,
): Panel {
  const foreign = panel.lines.filter(({ isForeign }) => isForeign);
  const own = panel.lines.filter(({ isForeign }) => !isForeign);
  const colourOf = (line: Line): string =>
    (line.isForeign ? pales[foreign.indexOf(line)] : colours[own.indexOf(line)]) ?? '#000000';
  const layers = panel.lines.flatMap((line): Layer[] => {
    const rows = rowsOf(panel, results).filter(({ point }) => point?.line === line.name);
    const points = rows.map((row): [number, number] => [row.point?.x ?? Number.NaN, value(row)]);
    if (points.length === 0) return [];
    return [{ name: line.name, kind: 'line', colour: colourOf(line), points, isDotted: true }];
  });
  return { title, quantity: { powersOf: unit }, height: panelHeight, layers };
}

/** The points of a panel that have a figure. */
function rowsOf({ name }: CurvePanel, { result }: SuiteResults): RowResult[] {
  const rows = result.sections.flatMap((section) => section.rows);
  return rows.filter(({ point, values }) => point?.curve === name && values.length > 0);
}

/** The document with a table for each panel. @throws Error when it has no place for one of them */
export function withCurves(document: string, results: SuiteResults): string {
  const panels = curves.flatMap((curve) => curve.panels.map((panel) => ({ curve, panel })));
  const machine = replaceBetween(document, 'curves machine', 'curves', measuredOn(results));
  return panels.reduce(
    (text, { curve, panel }) =>
      replaceBetween(text, `curves ${panel.name}`, 'curves', tableOf(curve, panel, results).join('\n')),
    machine,
  );
}

/** A line for each size, a column for each line of the curve; below, the largest point beside the others. */
function tableOf(curve: Curve, panel: CurvePanel, results: SuiteResults): string[] {
  const rows = rowsOf(panel, results);
  const xs = [...new Set(panel.lines.flatMap((line) => line.xs))].sort((a, b) => a - b);
  const cell = (x: number, name: string): string => {
    const row = rows.find(({ point }) => point?.x === x && point.line === name);
    return row === undefined ? '' : cellText(row);
  };
  const growths = growthOf(results.result).filter((growth) => growth.curve === panel.name);
  const growth = (name: string): string => {
    const found = growths.find(({ line }) => line === name);
    return found === undefined ? '' : growthText(found);
  };
  const names = panel.lines.map(({ name }) => name);
  return [
    tableLine([curve.x.title.toLowerCase(), ...names]),
    tableLine(['---:', ...names.map(() => '---:')]),
    ...xs.map((x) => tableLine([sizeText(curve.x, x), ...names.map((name) => cell(x, name))])),
    tableLine(['**largest**', ...names.map(growth)]),
  ];
}

function cellText(row: RowResult): string {
  const value = `${figure(row.median)} ${row.unit}`;
  return row.unit === '/s' ? `${value}, ${figure(costOf(row))} ${costUnitOf(row)}` : value;
}

const verdicts: Readonly<Record<Growth['verdict'], string>> = {
  rises: '**rises**',
  flat: 'flat',
  falls: 'falls',
};

function growthText({ ofSmallest, ofCheapest, verdict }: Growth): string {
  return `x ${figure(ofSmallest)}, x ${figure(ofCheapest)}: ${verdicts[verdict]}`;
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');
}
