/** Values and times as a terminal shows them: on one line, and never wider than it is. */
import { inspect } from 'node:util';
import { ActorRef } from '../core/ref.js';

/** Cut a line where it would be wider than `width` characters, with an ellipsis. Line breaks become spaces. */
export function cut(text: string, width: number): string {
  const line = text.replace(/\s*[\r\n]+\s*/g, ' ');
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** Cut at the front: the end of a path says more than its beginning. */
export function cutFront(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `…${characters.slice(characters.length - width + 1).join('')}`;
}

/** A sentence over as many lines as it needs. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? cut(word, width) : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A value on one line, as the source would write it. */
export function inline(value: unknown): string {
  return inspect(readable(value, 6), { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: 6, ...longest });
}

/** A value over several lines. @param width characters of a line, as far as single values allow */
export function block(value: unknown, width: number): string[] {
  return inspect(readable(value, 12), { breakLength: width, compact: 3, depth: 12, ...longest })
    .split('\n')
    .map((line) => cut(line, width));
}

const longest = { maxArrayLength: 100, maxStringLength: 2_000 };

/** A ref as its path; what else a message may carry is readable as it is. */
function readable(value: unknown, depth: number): unknown {
  if (value instanceof ActorRef) return { [inspect.custom]: () => `ref ${value.path}` };
  if (typeof value !== 'object' || value === null || depth === 0) return value;
  if (Array.isArray(value)) return value.map((item) => readable(item, depth - 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, readable(part, depth - 1)]));
}

/** A time of day, for lines that follow each other: `12:30:01.250`. */
export function clockTime(at: Date): string {
  return Number.isNaN(at.getTime()) ? '??:??:??.???' : at.toISOString().slice(11, 23);
}

/** The date alone: `2026-03-01`. */
export function dateOf(at: Date): string {
  return dateTime(at).slice(0, 10);
}

/** Date and time: `2026-03-01 12:30:01Z`. */
export function dateTime(at: Date): string {
  return Number.isNaN(at.getTime()) ? 'an impossible time' : `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** A number with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 actor`, `2 actors`. */
export function countOf(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Bytes in the unit that fits: `12.5 MiB`. */
export function bytesOf(value: number): string {
  if (value < 1_024) return `${value} B`;
  if (value < 2 ** 20) return `${(value / 1_024).toFixed(1)} KiB`;
  return value < 2 ** 30 ? `${(value / 2 ** 20).toFixed(1)} MiB` : `${(value / 2 ** 30).toFixed(2)} GiB`;
}

/**
 * A value as JSON. What JSON has no word for: dates are ISO strings, bigints strings of digits, Map and Set arrays,
 * errors `{ name, message, code }`, refs `{ ref: path }`, bytes `{ base64 }`, NaN and the infinities strings.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, given: unknown) {
    // Dates and Buffers have become something else by now.
    return jsonOf(this[key], given);
  });
}

function jsonOf(value: unknown, given: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof ActorRef) return { ref: value.path };
  if (value instanceof Map) return [...value];
  if (value instanceof Set) return [...value];
  if (value instanceof Error) {
    const { name, message, code, cause } = value as Error & { code?: unknown };
    return { name, message, code, cause };
  }
  if (value instanceof ArrayBuffer) return { base64: Buffer.from(value).toString('base64') };
  if (ArrayBuffer.isView(value)) {
    return { base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  }
  return given;
}
