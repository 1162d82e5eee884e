/**
 * How the cost of one grows with the size of the work: for each line of a curve the cost at its smallest point, at its
 * largest, and at the cheapest one.
 */
import type { RowResult, SuiteResult } from './run-suite.js';

/** A line with its figures. */
export interface Growth {
  readonly curve: string;
  readonly line: string;
  /** Of the costs. */
  readonly unit: 'ns' | 'us' | 'ms';
  /** In the order of their x; at least two. */
  readonly points: readonly { readonly x: number; readonly cost: number }[];
  /** The cost at the largest point, divided by that at the smallest, and by that at the cheapest of all. */
  readonly ofSmallest: number;
  readonly ofCheapest: number;
  /** `rises`: worse than linear. `falls`: better. `flat`: linear, within `tolerance`. */
  readonly verdict: 'rises' | 'flat' | 'falls';
}

/** Costs that differ by less than this factor are called the same: runs of one program differ by a third. */
const tolerance = 1.5;

/** What one costs at a row. @returns NaN when it was not measured */
export function costOf({ median, unit, point }: RowResult): number {
  if (unit !== '/s') return median;
  return point?.each === 'byte' ? 1e9 / (median * point.x) : 1e6 / median;
}

/** The unit of a row's cost. */
export function costUnitOf({ unit, point }: Pick<RowResult, 'unit' | 'point'>): Growth['unit'] {
  if (unit === '/s') return point?.each === 'byte' ? 'ns' : 'us';
  return unit === 'ms' ? 'ms' : 'us';
}

/** The lines of a suite that have at least two points with a figure, in the order of its rows. */
export function growthOf({ sections }: Pick<SuiteResult, 'sections'>): Growth[] {
  const lines = new Map<string, RowResult[]>();
  for (const row of sections.flatMap(({ rows }) => rows)) {
    if (row.point === undefined || row.values.length === 0) continue;
    const key = `${row.point.curve}/${row.point.line}`;
    lines.set(key, [...(lines.get(key) ?? []), row]);
  }
  return [...lines.values()].flatMap((rows) => growthOfLine(rows) ?? []);
}

function growthOfLine(rows: readonly RowResult[]): Growth | undefined {
  const points = rows.map((row) => ({ x: row.point?.x ?? Number.NaN, cost: costOf(row) }));
  const [first, last] = [points[0], points.at(-1)];
  const point = rows[0]?.point;
  if (first === undefined || last === undefined || point === undefined || points.length < 2) return undefined;
  const ofSmallest = last.cost / first.cost;
  const ofCheapest = last.cost / Math.min(...points.map(({ cost }) => cost));
  const { curve, line } = point;
  const unit = costUnitOf(rows[0] as RowResult);
  return { curve, line, unit, points, ofSmallest, ofCheapest, verdict: verdictOf(ofSmallest, ofCheapest) };
}

/** A line that falls and then rises is one that rises: its largest points are where it is going. */
function verdictOf(ofSmallest: number, ofCheapest: number): Growth['verdict'] {
  if (ofCheapest > tolerance) return 'rises';
  return ofSmallest < 1 / tolerance ? 'falls' : 'flat';
}
