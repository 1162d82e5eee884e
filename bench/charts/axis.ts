/** Axes: round numbers for ticks, and a unit in which they are short; or powers, where values lie far apart. */

/** A value with a name on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** An axis, from zero or, with powers, from its first tick. */
export interface Axis {
  /** The value at its end. */
  readonly end: number;
  /** From its beginning to the end, at equal distances (but for 2 and 5 between powers). */
  readonly ticks: readonly Tick[];
  /** The unit the labels are in; empty for things that are counted one by one. */
  readonly unit: string;
  /** Where a value lies: 0 the beginning, 1 the end. */
  shareOf(value: number): number;
}

/** What the values are. */
export type Quantity = 'MB' | 'ms' | 'count';

/** A unit for values up to `upTo`; its size is in the quantity's own unit. */
interface Unit {
  readonly upTo: number;
  readonly size: number;
  readonly name: string;
}

const units: Readonly<Record<Quantity, readonly Unit[]>> = {
  MB: [
    { upTo: 5_000, size: 1, name: 'MB' },
    { upTo: Number.POSITIVE_INFINITY, size: 1_024, name: 'GB' },
  ],
  ms: [
    { upTo: 240_000, size: 1_000, name: 'seconds' },
    { upTo: Number.POSITIVE_INFINITY, size: 60_000, name: 'minutes' },
  ],
  count: [
    { upTo: 5_000, size: 1, name: '' },
    { upTo: 1_500_000, size: 1_000, name: 'thousands' },
    { upTo: Number.POSITIVE_INFINITY, size: 1e6, name: 'millions' },
  ],
};

/**
 * An axis that holds a value.
 * @param max the largest value; must be more than zero
 * @param ticksMax at most so many ticks beside zero
 * @param isTight the axis ends with the value itself, not with a tick
 */
export function axisFor(quantity: Quantity, max: number, ticksMax: number, isTight = false): Axis {
  const list = units[quantity];
  const unit = list.find(({ upTo }) => max <= upTo) ?? (list.at(-1) as Unit);
  const shown = max / unit.size;
  const step = roundStep(shown / ticksMax);
  const count = isTight ? Math.floor(shown / step + 1e-9) : Math.ceil(shown / step - 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = Array.from({ length: count + 1 }, (_, index) => ({
    value: index * step * unit.size,
    label: labelOf(index * step, digits),
  }));
  const end = isTight ? max : count * step * unit.size;
  return { end, ticks, unit: unit.name, shareOf: (value) => value / end };
}

/** An axis whose ticks are these, of which each is as far from the next as it is smaller by a factor. */
export function powersAxis(ticks: readonly Tick[], unit = ''): Axis {
  const [first, end] = [ticks[0]?.value ?? Number.NaN, ticks.at(-1)?.value ?? Number.NaN];
  const shareOf = (value: number): number => Math.log(value / first) / Math.log(end / first);
  return { end, ticks, unit, shareOf };
}

/** Up to so many powers of ten there is room for the 2 and the 5 between them. */
const powersWithBetween = 2.4;

/**
 * An axis of powers of ten that holds values from one to another; its end is at least ten times its beginning.
 * @param min more than zero; @param unit what its labels are in
 */
export function powersFor(min: number, max: number, unit = ''): Axis {
  const between = Math.log10(max / min) < powersWithBetween ? [1, 2, 5] : [1];
  const from = Math.floor(Math.log10(min) + 1e-9) - 1;
  const to = Math.ceil(Math.log10(max) - 1e-9) + 1;
  const all: number[] = [];
  for (let power = from; power <= to; power += 1) for (const each of between) all.push(Number(`${each}e${power}`));
  let first = all.findLastIndex((value) => value <= min * (1 + 1e-9));
  let last = all.findIndex((value) => value >= max * (1 - 1e-9));
  // What hardly differs is to look so.
  for (let up = true; (all[last] ?? 0) < 10 * (all[first] ?? 0) * (1 - 1e-9); up = !up) {
    if (up) last += 1;
    else first -= 1;
  }
  return powersAxis(
    all.slice(first, last + 1).map((value) => ({ value, label: shortLabel(value) })),
    unit,
  );
}

/** A round number in few signs: 200, 2 k, 2 M, 0.02. */
export function shortLabel(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1e3 ? `${value / 1e3} k` : String(value);
}

/** The smallest of 1, 2, 5, 10, ... (and their tenths) that is at least `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((each) => each * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function labelOf(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
