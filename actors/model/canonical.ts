/**
 * Requests as keys: the same request has the same text, whatever the order its properties were written in; and where
 * two requests differ.
 */
import { createHash } from 'node:crypto';
import { describeBriefly } from '../../src/core/errors.js';
import { placeText } from '../schema/place.js';
import type { ModelRequest } from './model.js';

/** A value as JSON with sorted properties. Properties that are undefined are left out, as JSON leaves them out. */
export function canonicalText(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}n"`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return canonicalText(toJSON.call(value));
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => `${JSON.stringify(key)}:${canonicalText(part)}`);
  return `{${parts.join(',')}}`;
}

/** A request's key: the first 128 bits of SHA-256 over its canonical text, in hexadecimal. */
export function requestHash(request: ModelRequest): string {
  return createHash('sha256').update(canonicalText(request)).digest('hex').slice(0, 32);
}

/** How many differences are told. */
const differencesMax = 5;

/**
 * Where two values differ: `messages[2].text is "b", and was "a"`; at most five places.
 * @param was what is compared with
 */
export function differences(is: unknown, was: unknown): string[] {
  const found: string[] = [];
  compare(is, was, [], found);
  return found;
}

function compare(is: unknown, was: unknown, place: (string | number)[], found: string[]): void {
  if (found.length >= differencesMax || canonicalText(is) === canonicalText(was)) return;
  const bothArrays = Array.isArray(is) && Array.isArray(was);
  const bothObjects = isPlain(is) && isPlain(was);
  if (!bothArrays && !bothObjects) {
    const where = placeText(place) || 'the request';
    const now = is === undefined ? 'is not there' : `is ${describeBriefly(is)}`;
    found.push(`${where} ${now}, and ${was === undefined ? 'was not there' : `was ${describeBriefly(was)}`}`);
    return;
  }
  const keys = bothArrays
    ? Array.from({ length: Math.max(is.length, was.length) }, (_, index) => index)
    : [...new Set([...Object.keys(is as object), ...Object.keys(was as object)])].sort();
  for (const key of keys) {
    const part = (value: unknown): unknown => (value as Record<string | number, unknown>)[key];
    compare(part(is), part(was), [...place, key], found);
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
