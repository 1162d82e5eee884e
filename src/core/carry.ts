/**
 * A copy of a value for a receiver on the same thread: what the codec would give back, mostly without the bytes.
 *
 * C1  Sender and receiver share nothing that can be changed.
 * C2  What the codec refuses is refused here, with the same words; what it leaves out is left out.
 */
import { decode, encode } from './codec.js';
import { ActorRef, ReplyTo } from './ref.js';

/** What is larger, deeper or of another kind takes the way over bytes. */
const depthMax = 16;
const itemsMax = 1_024;
const textCharsMax = 65_536;

/** Thrown and caught in this file: made once, because it has nothing to say. */
const detour = new Error('detour');

/**
 * Copy a value.
 * @param what how to call it in an error
 * @throws TroupeError PAYLOAD_NOT_CARRIABLE with the place as `field`
 */
export function carry(value: unknown, what: string): unknown {
  try {
    return copy(value, 0);
  } catch (error) {
    if (error !== detour) throw error;
    return decode(encode(value, what));
  }
}

function copy(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
    case 'bigint':
      return value;
    case 'string':
      if (value.length > textCharsMax) throw detour;
      return value;
    case 'object':
      return value === null ? null : copyObject(value, depth);
    default:
      throw detour;
  }
}

function copyObject(value: object, depth: number): unknown {
  if (depth >= depthMax) throw detour;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return copyRecord(value as Record<string, unknown>, depth);
  if (prototype === Array.prototype && Array.isArray(value)) return copyArray(value, depth);
  if (prototype === ActorRef.prototype) {
    const { path, aid, durability } = value as ActorRef;
    return new ActorRef(path, aid, durability);
  }
  if (prototype === ReplyTo.prototype) return new ReplyTo((value as ReplyTo).session, (value as ReplyTo).askId);
  throw detour;
}

function copyRecord(value: Record<string, unknown>, depth: number): Record<string, unknown> {
  const keys = Object.keys(value);
  if (keys.length > itemsMax) throw detour;
  const into: Record<string, unknown> = {};
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string;
    if (key === '__proto__') throw detour;
    const held = value[key];
    into[key] = typeof held === 'number' ? held : copy(held, depth + 1);
  }
  return into;
}

function copyArray(value: readonly unknown[], depth: number): unknown[] {
  const { length } = value;
  if (length > itemsMax) throw detour;
  const into: unknown[] = [];
  for (let index = 0; index < length; index += 1) into.push(copy(value[index], depth + 1));
  return into;
}
