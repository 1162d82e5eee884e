/** Where two values part: for showing the one thing that matters of two long states. */
import { isDeepStrictEqual } from 'node:util';

/** The first place at which two values differ. */
export interface Difference {
  /** `context.items[3].price`; '' for the values themselves. */
  place: string;
  recorded: unknown;
  now: unknown;
}

/** Find it, going down as long as both sides have the same shape; undefined when they are equal. */
export function firstDifference(recorded: unknown, now: unknown, place = ''): Difference | undefined {
  if (isDeepStrictEqual(recorded, now)) return undefined;
  if (!isContainer(recorded) || !isContainer(now) || Array.isArray(recorded) !== Array.isArray(now)) {
    return { place, recorded, now };
  }
  for (const key of new Set([...Object.keys(recorded), ...Object.keys(now)])) {
    const step = Array.isArray(recorded) ? `${place}[${key}]` : place === '' ? key : `${place}.${key}`;
    const found = firstDifference(recorded[key], now[key], step);
    if (found !== undefined) return found;
  }
  return { place, recorded, now };
}

function isContainer(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
