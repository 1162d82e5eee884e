/**
 * A chart: panels one above the other that share their x axis. What is measured is said once, above each panel; colours
 * are explained beside it. Drawn for a width of 860 pixels, on white, so that it reads on any page.
 *
 * C1  Everything lies inside the picture: the margins are as wide as the widest label they hold.
 * C2  The same data gives the same bytes.
 */
import { type Axis, axisFor, powersAxis, powersFor, type Quantity, type Tick } from './axis.js';
import { element, escapeText, number } from './svg.js';

/** A point: x and y in the units of their quantities. */
export type Point = readonly [x: number, y: number];

/** One line, or one of the areas of a panel, which are stacked in their order. */
export interface Layer {
  readonly name: string;
  readonly kind: 'line' | 'area';
  readonly colour: string;
  readonly points: readonly Point[];
  /** Each point was measured by itself, and is marked. */
  readonly isDotted?: boolean;
}

/** One panel. */
export interface Panel {
  /** What is shown, in a few words; the unit is added. */
  readonly title: string;
  /** What is measured; or, for an axis of powers, the unit of its values (empty: a number). */
  readonly quantity: Quantity | { readonly powersOf: string };
  /** In pixels, without title. */
  readonly height: number;
  readonly layers: readonly Layer[];
  /** A line that is not to be crossed. */
  readonly limit?: { readonly value: number; readonly name: string };
}

/** A chart. */
export interface Chart {
  readonly title: string;
  /** One or two lines. */
  readonly says: readonly string[];
  readonly x: {
    /** What it is; or the ticks of an axis of powers, the first and the last at its ends. */
    readonly quantity: Quantity | readonly Tick[];
    readonly title: string;
  };
  readonly panels: readonly Panel[];
  /** Moments with a name, as lines through all panels. */
  readonly marks?: readonly { readonly x: number; readonly name: string }[];
}

/** The width of the picture, in pixels. */
export const chartWidth = 860;
const margin = { left: 64, right: 28, top: 24, bottom: 20 };
const plotWidth = chartWidth - margin.left - margin.right;
const panelHead = 40;
const ink = { text: '#1f2328', pale: '#59636e', grid: '#e6e9ed', axis: '#9aa4ae', limit: '#c0392b', mark: '#59636e' };
/** Keeps text readable on whatever it lies. */
const halo = { stroke: '#ffffff', 'stroke-width': 3, 'paint-order': 'stroke', 'stroke-linejoin': 'round' };
/** Wide fonts that look alike: what fits with one of them fits with the others. */
const fontFamily = "'DejaVu Sans', Verdana, Geneva, sans-serif";
/** Widths of signs in DejaVu Sans, in parts of the font size; all others are about as wide as the last. */
const signWidths: readonly (readonly [signs: string, width: number])[] = [
  ["'ijl |", 0.29],
  [' .,:;()frt', 0.37],
  ['mMwW', 0.93],
  ['', 0.62],
];

/** Draw it. @throws Error when there is nothing to draw */
export function chartSvg(chart: Chart): string {
  const xs = chart.panels.flatMap(({ layers }) => layers.flatMap(({ points }) => points.map(([x]) => x)));
  if (xs.length === 0) throw new Error(`${chart.title}: no points`);
  const { quantity } = chart.x;
  const xAxis = typeof quantity === 'string' ? axisFor(quantity, Math.max(...xs), 10, true) : powersAxis(quantity);
  const parts = [element('rect', { width: '100%', height: '100%', fill: '#ffffff' }), ...headline(chart)];
  let y = margin.top + 30 + chart.says.length * 18;
  for (const [index, panel] of chart.panels.entries()) {
    parts.push(...panelParts(panel, xAxis, y + panelHead, index === 0 ? (chart.marks ?? []) : nameless(chart)));
    y += panelHead + panel.height;
  }
  parts.push(...xLabels(chart, xAxis, y));
  const height = y + 44 + margin.bottom;
  const size = { width: chartWidth, height, viewBox: `0 0 ${chartWidth} ${number(height)}` };
  const about = { xmlns: 'http://www.w3.org/2000/svg', role: 'img', 'font-family': fontFamily, 'font-size': 12 };
  return `${element('svg', { ...about, ...size }, [element('title', {}, escapeText(chart.title)), ...parts])}\n`;
}

function nameless({ marks = [] }: Chart): { x: number; name: string }[] {
  return marks.map(({ x }) => ({ x, name: '' }));
}

function headline({ title, says }: Chart): string[] {
  const first = label(margin.left, margin.top + 14, title, { 'font-size': 18, 'font-weight': 'bold' });
  return [first, ...says.map((line, at) => label(margin.left, margin.top + 36 + at * 18, line, { fill: ink.pale }))];
}

function panelParts(panel: Panel, xAxis: Axis, top: number, marks: readonly { x: number; name: string }[]): string[] {
  const stacked = stack(panel.layers);
  const axis = yAxis(panel, stacked);
  const xOf = (value: number): number => margin.left + xAxis.shareOf(value) * plotWidth;
  const yOf = (value: number): number => top + panel.height * (1 - axis.shareOf(value));
  return [
    ...xAxis.ticks.map(({ value }) => upright(xOf(value), top, panel.height, ink.grid)),
    ...axis.ticks.flatMap(({ value, label: text }) => [
      level(yOf(value), value === axis.ticks[0]?.value ? ink.axis : ink.grid),
      label(margin.left - 8, yOf(value) + 4, text, { 'text-anchor': 'end', fill: ink.pale }),
    ]),
    ...stacked.toReversed().map((layer) => layerPath(layer, xOf, yOf)),
    ...marks.flatMap(({ x, name }) => mark(xOf(x), top, panel.height, name)),
    ...(panel.limit === undefined ? [] : limitLine(panel.limit.name, yOf(panel.limit.value))),
    label(margin.left, top - 12, withUnit(panel.title, axis), { 'font-weight': 'bold', 'font-size': 12.5 }),
    ...legend(panel, top - 12),
  ];
}

function yAxis({ quantity, height, limit }: Panel, layers: readonly Layer[]): Axis {
  const values = layers.flatMap(({ points }) => points.map(([, y]) => y));
  if (typeof quantity === 'object') return powersFor(Math.min(...values), Math.max(...values), quantity.powersOf);
  const highest = Math.max(...values, limit?.value ?? 0);
  return axisFor(quantity, highest * 1.04 || 1, Math.max(2, Math.round(height / 36)));
}

/** A layer with its lower edge; areas stand on each other. */
interface Stacked extends Layer {
  readonly floor: readonly Point[];
}

function stack(layers: readonly Layer[]): Stacked[] {
  let below: readonly Point[] | undefined;
  return layers.map((layer) => {
    if (layer.kind === 'line') return { ...layer, floor: [] };
    const floor: readonly Point[] = below ?? layer.points.map(([x]) => [x, 0]);
    const points = layer.points.map(([x, y], at): Point => [x, y + (floor[at]?.[1] ?? 0)]);
    below = points;
    return { ...layer, points, floor };
  });
}

function layerPath(layer: Stacked, xOf: (value: number) => number, yOf: (value: number) => number): string {
  const path = (points: readonly Point[]) => points.map(([x, y]) => `${number(xOf(x))} ${number(yOf(y))}`).join('L');
  const edge = { d: `M${path(layer.points)}`, fill: 'none', stroke: layer.colour, 'stroke-width': 1.75 };
  const dots = layer.isDotted === true ? layer.points : [];
  const line = [
    element('path', { ...edge, 'stroke-linejoin': 'round' }),
    ...dots.map(([x, y]) => element('circle', { cx: xOf(x), cy: yOf(y), r: 3.5, fill: layer.colour })),
  ].join('\n');
  if (layer.kind === 'line') return line;
  const outline = `M${path(layer.points)}L${path(layer.floor.toReversed())}Z`;
  return `${element('path', { d: outline, fill: tint(layer.colour) })}\n${line}`;
}

/** The colour mixed with white: opaque, so that what lies behind does not change it. */
function tint(colour: string): string {
  const mixed = [1, 3, 5].map((at) => Math.round(255 - (255 - Number.parseInt(colour.slice(at, at + 2), 16)) * 0.3));
  return `#${mixed.map((each) => each.toString(16).padStart(2, '0')).join('')}`;
}

/** Names of the layers, from the right edge to the left, on the line of the panel's title. */
function legend({ layers }: Panel, y: number): string[] {
  if (layers.length < 2) return [];
  let x = chartWidth - margin.right;
  const parts: string[] = [];
  for (const { name, colour, kind } of layers) {
    x -= widthOf(name);
    parts.push(label(x, y, name, {}));
    x -= 18;
    const swatch = kind === 'area' ? { y: y - 9, height: 10 } : { y: y - 5, height: 2.5 };
    const fill = kind === 'area' ? tint(colour) : colour;
    parts.push(element('rect', { x, width: 12, ...swatch, fill, stroke: colour, 'stroke-width': 1 }));
    x -= 16;
  }
  return parts;
}

function xLabels({ x: { title } }: Chart, axis: Axis, y: number): string[] {
  const xOf = (value: number): number => margin.left + axis.shareOf(value) * plotWidth;
  return [
    ...axis.ticks.map(({ value, label: text }) =>
      label(xOf(value), y + 18, text, { 'text-anchor': 'middle', fill: ink.pale }),
    ),
    label(margin.left + plotWidth / 2, y + 40, withUnit(title, axis), { 'text-anchor': 'middle' }),
  ];
}

function limitLine(name: string, y: number): string[] {
  const line = { x1: margin.left, x2: chartWidth - margin.right, y1: y, y2: y, stroke: ink.limit };
  return [
    element('line', { ...line, 'stroke-width': 1.25, 'stroke-dasharray': '6 4' }),
    label(chartWidth - margin.right - 4, y + 15, name, { 'text-anchor': 'end', fill: ink.limit, ...halo }),
  ];
}

function mark(x: number, top: number, height: number, name: string): string[] {
  const line = { x1: x, x2: x, y1: top, y2: top + height, stroke: ink.mark };
  const isLate = x + 6 + widthOf(name) > chartWidth - margin.right;
  const place = isLate ? { x: x - 6, 'text-anchor': 'end' } : { x: x + 6, 'text-anchor': 'start' };
  return [
    element('line', { ...line, 'stroke-width': 1, 'stroke-dasharray': '2 3' }),
    ...(name === ''
      ? []
      : [label(place.x, top + 14, name, { fill: ink.text, 'text-anchor': place['text-anchor'], ...halo })]),
  ];
}

function withUnit(title: string, { unit }: Axis): string {
  return unit === '' ? title : `${title}, ${unit}`;
}

/** How wide a text of the common size is, in pixels. */
function widthOf(text: string): number {
  const widths = [...text].map((sign) => signWidths.find(([signs]) => signs === '' || signs.includes(sign))?.[1] ?? 1);
  return widths.reduce((sum, width) => sum + width, 0) * 12;
}

function upright(x: number, top: number, height: number, stroke: string): string {
  return element('line', { x1: x, x2: x, y1: top, y2: top + height, stroke, 'stroke-width': 1 });
}

function level(y: number, stroke: string): string {
  return element('line', { x1: margin.left, x2: chartWidth - margin.right, y1: y, y2: y, stroke, 'stroke-width': 1 });
}

function label(x: number, y: number, text: string, style: Readonly<Record<string, string | number>>): string {
  return element('text', { x, y, fill: ink.text, ...style }, escapeText(text));
}
