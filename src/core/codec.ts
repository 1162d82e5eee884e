/**
 * What can travel between threads and rest in the journal, as bytes. The format is MessagePack with a few
 * extension types (codec-format.ts); the walk that writes it checks as it goes, so a value is refused at the
 * sender's door and with the place of the offender.
 *
 * Comes back exactly as it went in: null, undefined (also as property and item), booleans, every number (NaN, -0
 * and the infinities too), bigints of any size, strings (also broken UTF-16), plain objects (and those without a
 * prototype), arrays, Date, Map, Set, ArrayBuffer, DataView, typed arrays, Buffer, ActorRef, ReplyTo.
 * Error comes back with name, message, stack, code, cause and an AggregateError's errors, a TroupeError also with
 * field and value; other properties and the class are lost (`toPlain` in errors.ts says what is kept).
 * Holes of sparse arrays come back as undefined. An object met twice comes back as two.
 * Ignored, as by JSON and `structuredClone`: properties that are not enumerable or whose key is a symbol, and extra
 * properties of arrays, dates and so on.
 *
 * Refused with PAYLOAD_NOT_CARRIABLE: functions, symbols, instances of classes, promises,
 * RegExp, WeakMap, SharedArrayBuffer, cycles, nesting deeper than `limits.payloadDepthMax`, more bytes than
 * `limits.payloadBytesMax`.
 *
 * Equal bytes: properties are written in the object's own order (integer-like keys first, then as they were
 * added), Map and Set in theirs. So the same literal always gives the same bytes, `{ a, b }` and `{ b, a }` do not.
 */
import { readValue, readValueAt } from './codec-reader.js';
import type { ByteWriter } from './bytes.js';
import { appendValue, writeValue } from './codec-writer.js';

/**
 * Turn a value into bytes.
 * @param what how to call the value in an error, e.g. `order`: `order.items[3].callback is a function`
 * @returns bytes the caller may keep; small ones lie in Node's shared pool, so copy before transferring
 * @throws TroupeError PAYLOAD_NOT_CARRIABLE with the place as `field`
 */
export function encode(value: unknown, what = 'value'): Buffer {
  return writeValue(value, what);
}

/** Append what `encode` would return. Same errors; nothing is appended then. */
export function encodeTo(out: ByteWriter, value: unknown, what: string): void {
  appendValue(out, value, what);
}

/**
 * Turn bytes of `encode` back into a value, which shares no memory with them.
 * @throws TroupeError BYTES_MALFORMED when `encode` cannot have written them
 */
export function decode(bytes: Uint8Array): unknown {
  return readValue(bytes);
}

/** As `decode`, of the part of `bytes` from `start` to `end`. */
export function decodeAt(bytes: Buffer, start: number, end: number): unknown {
  return readValueAt(bytes, start, end);
}

/** Are two encoded values the same? See "Equal bytes" above for what that means. */
export function encodedEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
