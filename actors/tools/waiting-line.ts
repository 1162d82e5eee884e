/**
 * Calls that wait for room, packed into texts: a bus is written with every message, and a thousand calls that only wait
 * must not cost a thousand records each time. Pure.
 *
 *   ["agent","call-7"] <the encoded call, as base64>
 */
import { decode, encode } from '../../src/core/codec.js';
import type { OpenCall } from './books.js';

function keyOf(from: string, callId: string): string {
  return `${JSON.stringify([from, callId])} `;
}

/** A call as a text. */
export function packed(call: OpenCall): string {
  return keyOf(call.from, call.callId) + encode(call, 'call').toString('base64');
}

/** The call of a text. */
export function unpacked(text: string): OpenCall {
  // Base64 has no blanks, so the last one is where it begins.
  return decode(Buffer.from(text.slice(text.lastIndexOf(' ') + 1), 'base64')) as OpenCall;
}

/** The waiting calls of this name: most often none, and hardly ever more than one. */
export function waitingAs(line: readonly string[], from: string, callId: string): OpenCall[] {
  const key = keyOf(from, callId);
  return line.filter((text) => text.startsWith(key)).map(unpacked);
}

/** The line without a call, or with another version of it in its place. */
export function lineWith(line: readonly string[], call: OpenCall, next: OpenCall | undefined): string[] {
  const key = keyOf(call.from, call.callId);
  const at = line.findIndex((text) => text.startsWith(key) && unpacked(text).id === call.id);
  if (at < 0) return [...line];
  return next === undefined ? line.toSpliced(at, 1) : line.with(at, packed(next));
}
