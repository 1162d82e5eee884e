/**
 * The codec's writer: one walk that checks and writes at once, into a buffer that is reused.
 *
 * I own the scratch buffer and the trail (the keys on the way from the root to the value at hand). A `ByteWriter` that
 * a value is appended to is borrowed: written in place, and given back with what was written, or as it was.
 *
 * W1  A value is written whole or the walk throws; nothing of a refused value leaves this file.
 * W2  `trail[d]` is the key of the value being written at depth d + 1, and `ancestors[d]` the object that holds
 *     it. They are only read to name the place of a refusal and to find cycles.
 * W3  A getter or proxy in the value may call the codec again: the inner call gets state of its own. To a writer that
 *     is borrowed nothing can be written meanwhile: what a getter sends is refused.
 */
import { types } from 'node:util';
import type { ByteWriter } from './bytes.js';
import { durabilityKinds, Extension, viewKinds } from './codec-format.js';
import { className, describeInstance, isPlainElsewhere, type OddStep, placeOf, type Step } from './codec-place.js';
import { TroupeError, toPlain } from './errors.js';
import { limits } from './limits.js';
import { ActorRef, ReplyTo } from './ref.js';

const scratchBytes = 16_384;
/** A scratch buffer that grew beyond this is let go after use. */
const scratchBytesKept = 2 ** 20;
/** Most bytes a scalar or header needs: checked once in front of each. */
const headBytesMax = 16;
/** Below this many characters a string is written in JavaScript: a native call costs more. */
const shortStringChars = 64;

const noStep: OddStep = { text: '' };

let scratch = Buffer.allocUnsafeSlow(scratchBytes);
let scratchView = new DataView(scratch.buffer);
/** Where is written now: the scratch buffer, or the memory of `borrowed`. */
let out: Buffer = scratch;
let view: DataView = scratchView;
let at = 0;
let start = 0;
let borrowed: ByteWriter | undefined;
let rootName = 'value';
let trail: Step[] = [];
let ancestors: (object | undefined)[] = [];
/** How many of them are set. */
let ancestorsSet = 0;
let busy = false;

/** Encode a value; see `encode` in codec.ts. */
export function writeValue(value: unknown, what: string): Buffer {
  if (busy) return writeInside(() => writeValue(value, what));
  begin(what);
  try {
    write(value, 0);
    if (at > limits.payloadBytesMax) throw tooLarge(at);
    const bytes = Buffer.allocUnsafe(at);
    out.copy(bytes, 0, 0, at);
    return bytes;
  } finally {
    end();
  }
}

/** Append a value to a writer; see `encodeTo` in codec.ts. */
export function appendValue(to: ByteWriter, value: unknown, what: string): void {
  if (busy) {
    to.raw(writeValue(value, what));
    return;
  }
  begin(what);
  to.lend();
  borrowed = to;
  out = to.whole;
  view = to.memory;
  at = to.length;
  start = at;
  let written = at;
  try {
    write(value, 0);
    if (at - start > limits.payloadBytesMax) throw tooLarge(at - start);
    written = at;
  } finally {
    to.giveBack(written);
    borrowed = undefined;
    out = scratch;
    view = scratchView;
    end();
  }
}

function begin(what: string): void {
  busy = true;
  at = 0;
  start = 0;
  rootName = what;
}

function end(): void {
  busy = false;
  while (ancestorsSet > 0) {
    ancestorsSet -= 1;
    ancestors[ancestorsSet] = undefined;
  }
  if (scratch.length > scratchBytesKept) useScratch(Buffer.allocUnsafeSlow(scratchBytes));
}

/** W3: set the outer call's state aside. */
function writeInside<T>(run: () => T): T {
  const outer = { out, view, at, start, borrowed, rootName, trail, ancestors, ancestorsSet, scratch, scratchView };
  borrowed = undefined;
  useScratch(Buffer.allocUnsafeSlow(scratchBytes));
  trail = [];
  ancestors = [];
  ancestorsSet = 0;
  busy = false;
  try {
    return run();
  } finally {
    busy = true;
    ({ out, view, at, start, borrowed, rootName, trail, ancestors, ancestorsSet, scratch, scratchView } = outer);
  }
}

function useScratch(next: Buffer<ArrayBuffer>): void {
  scratch = next;
  scratchView = new DataView(next.buffer);
  out = scratch;
  view = scratchView;
}

function ensure(bytes: number): void {
  if (at + bytes > out.length) grow(bytes);
}

function grow(bytes: number): void {
  const size = at - start + bytes;
  if (size > limits.payloadBytesMax + headBytesMax) throw tooLarge(size);
  if (borrowed === undefined) {
    const larger = Buffer.allocUnsafeSlow(Math.max(out.length * 2, at + bytes));
    out.copy(larger, 0, 0, at);
    useScratch(larger);
    return;
  }
  borrowed.reserve(at, bytes);
  out = borrowed.whole;
  view = borrowed.memory;
}

function write(value: unknown, depth: number): void {
  ensure(headBytesMax);
  switch (typeof value) {
    case 'string':
      return writeString(value);
    case 'number':
      return writeNumber(value);
    case 'boolean':
      out[at++] = value ? 0xc3 : 0xc2;
      return;
    case 'undefined':
      out[at++] = 0xd4;
      out[at++] = Extension.undefined;
      out[at++] = 0;
      return;
    case 'object':
      if (value !== null) return writeObject(value, depth);
      out[at++] = 0xc0;
      return;
    case 'bigint':
      return writeBigint(value);
    case 'function':
      throw refused(depth, 'is a function');
    default:
      throw refused(depth, 'is a symbol');
  }
}

function writeNumber(value: number): void {
  if (value >>> 0 === value && (value !== 0 || !Object.is(value, -0))) return writeUnsigned(value);
  if (value >> 0 === value && value !== 0) return writeNegative(value);
  out[at++] = 0xcb;
  view.setFloat64(at, value);
  at += 8;
}

function writeUnsigned(value: number): void {
  if (value < 0x80) {
    out[at++] = value;
  } else if (value < 0x100) {
    out[at++] = 0xcc;
    out[at++] = value;
  } else if (value < 0x10000) {
    out[at++] = 0xcd;
    view.setUint16(at, value);
    at += 2;
  } else {
    out[at++] = 0xce;
    view.setUint32(at, value);
    at += 4;
  }
}

function writeNegative(value: number): void {
  if (value >= -0x20) {
    out[at++] = value + 0x100;
  } else if (value >= -0x80) {
    out[at++] = 0xd0;
    out[at++] = value + 0x100;
  } else if (value >= -0x8000) {
    out[at++] = 0xd1;
    view.setInt16(at, value);
    at += 2;
  } else {
    out[at++] = 0xd2;
    view.setInt32(at, value);
    at += 4;
  }
}

function writeBigint(value: bigint): void {
  if (value === BigInt.asIntN(64, value)) {
    out[at++] = 0xd3;
    view.setBigInt64(at, value);
    at += 8;
  } else if (value === BigInt.asUintN(64, value)) {
    out[at++] = 0xcf;
    view.setBigUint64(at, value);
    at += 8;
  } else {
    const digits = (value < 0n ? -value : value).toString(16);
    const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
    writeExtensionHead(Extension.bigint, magnitude.length + 1);
    out[at++] = value < 0n ? 1 : 0;
    writeRaw(magnitude);
  }
}

/** Strings that are short and ASCII, as most are, in one pass; any other by the engine. */
function writeString(value: string): void {
  const length = value.length;
  if (length >= shortStringChars) return writeLongString(value);
  ensure(length + 2);
  const start = at;
  at += length < 0x20 ? 1 : 2;
  for (let index = 0; index < length; index += 1) {
    const code = value.charCodeAt(index);
    if (code >= 0x80) {
      at = start;
      return writeLongString(value);
    }
    out[at++] = code;
  }
  if (length < 0x20) {
    out[start] = 0xa0 | length;
  } else {
    out[start] = 0xd9;
    out[start + 1] = length;
  }
}

function writeLongString(value: string): void {
  if (!value.isWellFormed()) return writeString16(value);
  const bytes = Buffer.byteLength(value);
  ensure(bytes + headBytesMax);
  if (bytes < 0x20) out[at++] = 0xa0 | bytes;
  else writeLength(bytes, 0xd9);
  at += out.write(value, at, bytes, 'utf8');
}

/** The head of a text or of bytes: a length of 8 bits behind `first`, 16 behind the next code, 32 behind the third. */
function writeLength(bytes: number, first: number): void {
  if (bytes < 0x100) {
    out[at++] = first;
    out[at++] = bytes;
  } else if (bytes < 0x10000) {
    out[at++] = first + 1;
    view.setUint16(at, bytes);
    at += 2;
  } else {
    out[at++] = first + 2;
    view.setUint32(at, bytes);
    at += 4;
  }
}

function writeString16(value: string): void {
  writeExtensionHead(Extension.string16, value.length * 2);
  ensure(value.length * 2 + headBytesMax);
  at += out.write(value, at, 'utf16le');
}

function writeObject(value: object, depth: number): void {
  if (depth >= limits.payloadDepthMax) throw refused(depth, `is nested more than ${limits.payloadDepthMax} deep`);
  for (let index = 0; index < depth; index += 1) {
    if (ancestors[index] === value) throw refused(depth, `refers back to ${placeOf(rootName, trail, index)}`);
  }
  ancestors[depth] = value;
  if (depth >= ancestorsSet) ancestorsSet = depth + 1;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return writeRecord(value as Record<string, unknown>, depth);
  if (Array.isArray(value)) return writeArray(value, depth, prototype);
  if (prototype === null) {
    const start = beginNested(Extension.bare);
    writeRecord(value as Record<string, unknown>, depth);
    return endNested(start);
  }
  writeInstance(value, depth);
}

function writeRecord(value: Record<string, unknown>, depth: number): void {
  const keys = Object.keys(value);
  writeCount(keys.length, 0x80, 0xde);
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index]!;
    ensure(headBytesMax);
    writeString(key);
    trail[depth] = key;
    write(value[key], depth + 1);
  }
}

function writeArray(value: readonly unknown[], depth: number, prototype: unknown): void {
  if (prototype !== Array.prototype && className(value) !== 'Array')
    throw refused(depth, `is ${describeInstance(value)}`);
  const count = value.length;
  writeCount(count, 0x90, 0xdc);
  for (let index = 0; index < count; index += 1) {
    trail[depth] = index;
    write(value[index], depth + 1);
  }
}

/** What has a class: the few classes that can be carried, told apart so that other realms' work too. */
function writeInstance(value: object, depth: number): void {
  if (value instanceof ActorRef) {
    return writeNestedArray(Extension.ref, [value.path, value.aid, durabilityKinds.indexOf(value.durability)]);
  }
  if (value instanceof ReplyTo) return writeNestedArray(Extension.replyTo, [value.session, value.askId]);
  if (types.isNativeError(value) || value instanceof Error) {
    const start = beginNested(Extension.error);
    trail[depth] = noStep;
    write(toPlain(value), depth + 1);
    return endNested(start);
  }
  const name = className(value);
  if (types.isDate(value) && name === 'Date') return writeDate(value);
  if (types.isMap(value) && name === 'Map') return writeMap(value, depth);
  if (types.isSet(value) && name === 'Set') return writeSet(value, depth);
  if (Buffer.isBuffer(value)) return writeBin(value);
  if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) {
    const kind = viewKinds.findIndex((each) => each.name === name);
    if (kind >= 0) return writeView(value, kind);
  }
  if (name === 'Object' && isPlainElsewhere(value)) return writeRecord(value as Record<string, unknown>, depth);
  throw refused(depth, `is ${describeInstance(value)}`);
}

function writeDate(value: Date): void {
  out[at++] = 0xd7;
  out[at++] = Extension.date;
  view.setFloat64(at, Date.prototype.getTime.call(value));
  at += 8;
}

function writeMap(value: ReadonlyMap<unknown, unknown>, depth: number): void {
  const start = beginNested(Extension.map);
  writeCount(value.size, 0x80, 0xde);
  let index = 0;
  for (const [key, held] of value) {
    trail[depth] = { text: `.keys()[${index}]` };
    write(key, depth + 1);
    trail[depth] = { text: typeof key === 'string' ? `.get(${JSON.stringify(key)})` : `.values()[${index}]` };
    write(held, depth + 1);
    index += 1;
  }
  endNested(start);
}

function writeSet(value: ReadonlySet<unknown>, depth: number): void {
  const start = beginNested(Extension.set);
  writeCount(value.size, 0x90, 0xdc);
  let index = 0;
  for (const held of value) {
    trail[depth] = { text: `.values()[${index}]` };
    write(held, depth + 1);
    index += 1;
  }
  endNested(start);
}

function writeBin(value: Uint8Array): void {
  writeLength(value.length, 0xc4);
  writeRaw(value);
}

function writeView(value: ArrayBufferView | ArrayBufferLike, kind: number): void {
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
  writeExtensionHead(Extension.view, bytes.length + 1);
  out[at++] = kind;
  writeRaw(bytes);
}

function writeRaw(bytes: Uint8Array): void {
  ensure(bytes.length + headBytesMax);
  out.set(bytes, at);
  at += bytes.length;
}

/** A map's or array's head: 4 bits of count in `short`, else 16 or 32 bits behind `long`. */
function writeCount(count: number, short: number, long: number): void {
  ensure(headBytesMax);
  if (count < 0x10) {
    out[at++] = short | count;
  } else if (count < 0x10000) {
    out[at++] = long;
    view.setUint16(at, count);
    at += 2;
  } else {
    out[at++] = long + 1;
    view.setUint32(at, count);
    at += 4;
  }
}

function writeExtensionHead(type: number, bytes: number): void {
  ensure(headBytesMax);
  out[at++] = 0xc9;
  view.setUint32(at, bytes);
  at += 4;
  out[at++] = type;
}

function writeNestedArray(type: number, items: readonly (string | number)[]): void {
  const start = beginNested(type);
  writeCount(items.length, 0x90, 0xdc);
  for (const item of items) {
    ensure(headBytesMax);
    if (typeof item === 'string') writeString(item);
    else writeNumber(item);
  }
  endNested(start);
}

/** Begin an extension whose length is not known yet; `endNested` fills it in. */
function beginNested(type: number): number {
  writeExtensionHead(type, 0);
  return at;
}

function endNested(start: number): void {
  view.setUint32(start - 5, at - start);
}

function refused(depth: number, why: string): TroupeError {
  const field = placeOf(rootName, trail, depth);
  return new TroupeError('PAYLOAD_NOT_CARRIABLE', `${field} ${why}`, { field });
}

function tooLarge(bytes: number): TroupeError {
  const message = `${rootName} takes ${bytes} bytes or more; the most is ${limits.payloadBytesMax}`;
  return new TroupeError('PAYLOAD_NOT_CARRIABLE', message, { field: rootName });
}
