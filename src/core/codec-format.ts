/**
 * The codec's format, shared by its writer and its reader: MessagePack, with extension types of our own for
 * what MessagePack lacks. Any MessagePack tool can walk the bytes; it sees the extensions as (type, bytes).
 * The numbers below are on disk: never change or reuse one.
 *
 * Base types used: nil, bool, int (to 32 bits, for numbers), int 64 and uint 64 (for bigints only), float 64 (every
 * other number, -0 and NaN too), str, bin (a Buffer), array, map (a plain object, keys are str or `string16`).
 */

/** Extension types. `nested`: the bytes are themselves one MessagePack value, under a 32-bit length. */
export const Extension = {
  /** One zero byte. */
  undefined: 0,
  /** A sign byte (0 or 1), then the magnitude, most significant byte first: bigints beyond 64 bits. */
  bigint: 1,
  /** A float 64 of milliseconds since 1970; NaN for an invalid date. */
  date: 2,
  /** UTF-16, little-endian: a string with half a surrogate pair, which UTF-8 cannot hold. */
  string16: 3,
  /** A byte of `viewKinds`, then the raw bytes in the order of the machine (little-endian). */
  view: 4,
  /** Nested map with keys of any type: a Map. */
  map: 5,
  /** Nested array: a Set. */
  set: 6,
  /** Nested map: an object without a prototype. */
  bare: 7,
  /** Nested map, a `PlainError`: an Error. */
  error: 8,
  /** Nested array of path, aid and index of the durability: an ActorRef. */
  ref: 9,
  /** Nested array of session and askId: a ReplyTo. */
  replyTo: 10,
} as const;

/** Views of raw bytes, by their number in the format. A Buffer has a type of its own (bin). */
export const viewKinds = [
  ArrayBuffer,
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigUint64Array,
  BigInt64Array,
  DataView,
] as const;

/** Levels of durability, by their number in the format. */
export const durabilityKinds = ['flushed', 'committed', 'none'] as const;
