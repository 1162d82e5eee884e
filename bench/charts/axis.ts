/** Axes: round numbers for ticks, and a unit in which they are short. */

/** An axis from zero. */
export interface Axis {
  /** The value at its end. */
  readonly end: number;
  /** From zero to the end, at equal distances. */
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
  /** The unit the labels are in; empty for things that are counted one by one. */
  readonly unit: string;
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
  return { end: isTight ? max : count * step * unit.size, ticks, unit: unit.name };
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
