/**
 * Copies of JSON-like data. A checked value shares nothing with what was handed in, and holds nothing JSON has no word
 * for, so that a check made now still holds later.
 */
import { describeBriefly } from '../../src/core/errors.js';
import { limits } from '../../src/core/limits.js';

/** A copy, or the first place that cannot be copied. */
export type PlainCopy = { ok: true; value: unknown } | { ok: false; place: (string | number)[]; message: string };

/** Thrown and caught in this file. */
class NotPlain {
  constructor(
    readonly place: (string | number)[],
    readonly message: string,
  ) {}
}

/**
 * Copy null, booleans, finite numbers, strings, arrays and plain objects, as deep as a message may nest. Properties
 * that are undefined are left out, as JSON leaves them out; everything else is refused by its place.
 */
export function plainCopy(value: unknown): PlainCopy {
  try {
    return { ok: true, value: copyAt(value, []) };
  } catch (error) {
    if (!(error instanceof NotPlain)) throw error;
    return { ok: false, place: error.place, message: error.message };
  }
}

/** @param place where we are; the walk adds and takes away */
function copyAt(value: unknown, place: (string | number)[]): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const refuse = (what: string): never => {
    throw new NotPlain([...place], what);
  };
  if (typeof value !== 'object') return refuse(`is ${describeBriefly(value)}, which JSON has no word for`);
  if (place.length >= limits.payloadDepthMax) return refuse(`nests deeper than ${limits.payloadDepthMax}`);
  const partAt = (key: string | number, part: unknown): unknown => {
    place.push(key);
    const copy = copyAt(part, place);
    place.pop();
    return copy;
  };
  // `Array.from` sees holes, which `map` would pass over.
  if (Array.isArray(value)) return Array.from(value as unknown[], (each, index) => partAt(index, each));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return refuse(`is ${describeBriefly(value)}, which JSON has no word for`);
  }
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  // Not by assignment: a property called __proto__ is data like any other.
  return Object.fromEntries(entries.map(([key, part]) => [key, partAt(key, part)]));
}
