/**
 * Results that need not be made again: of tools that say so, for callers that may use the tool. Pure, on the books.
 *
 * C1  A result is found by tool, arguments, the data of the grant, and (unless the tool shares) the caller. Arguments
 *     are the same whatever the order of their properties. What is kept has passed the processors `after` it, which
 *     may show each caller something else: where there are any, nobody shares.
 * C2  It is found only by a call that could be made at once: one with a grant, and with no approval to ask for.
 * C3  Only good results are kept, for `ttlMs` of the bus's time, so many of each tool, so many bytes of all; those that
 *     were not asked for the longest go first.
 */
import { createHash } from 'node:crypto';
import { encode } from '../../src/core/codec.js';
import type { BusBooks, BusRules, CachedResult, OpenCall } from './books.js';
import { permissionOf } from './permission.js';
import { hasProcessors } from './processor.js';
import type { ToolCache } from './tool.js';

/** What is counted for an entry beside its value: key, tool, time. */
const entryBytes = 128;

/** C1, C2: by what the result of a call is kept and found; undefined: it is not. */
export function cacheKeyOf(books: BusBooks, { from, tool, args }: OpenCall, rules: BusRules): string | undefined {
  const cache = rules.tools.get(tool)?.cache;
  if (cache === undefined) return undefined;
  const { approval, data } = permissionOf(books, from, tool, rules);
  if (approval !== 'allow') return undefined;
  // C1
  const isShared = cache.shared && !hasProcessors(rules.processors, tool, 'after');
  const identity = [tool, ordered(args), ordered(data), isShared ? null : from];
  return createHash('sha256').update(encode(identity, 'args')).digest('base64').slice(0, 32);
}

/** A value whose plain objects have their properties in one order. What is no plain object has only one way to be. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const entries = Object.entries(value).map(([key, part]): [string, unknown] => [key, ordered(part)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isFresh({ at }: CachedResult, { ttlMs }: ToolCache, now: number): boolean {
  // Of a clock that was set back nobody can say how old it is.
  return now >= at && now - at < ttlMs;
}

/** The result that is there for a call, as the one that was asked for last. */
export function foundInCache(
  books: BusBooks,
  call: OpenCall,
  rules: BusRules,
  now: number,
): { books: BusBooks; found: CachedResult } | undefined {
  const key = cacheKeyOf(books, call, rules);
  const cache = rules.tools.get(call.tool)?.cache;
  const found = key === undefined ? undefined : books.cached.find((each) => each.key === key);
  if (found === undefined || cache === undefined || !isFresh(found, cache, now)) return undefined;
  return { books: { ...books, cached: [...books.cached.filter((each) => each !== found), found] }, found };
}

/** C3: with one result more. */
export function withResult(
  books: BusBooks,
  { tool, cacheKey: key }: OpenCall,
  value: unknown,
  bytes: number,
  { tools, cacheBytesMax }: BusRules,
  now: number,
): BusBooks {
  if (key === undefined || bytes + entryBytes > cacheBytesMax) return books;
  const isOld = (each: CachedResult): boolean => {
    const cache = tools.get(each.tool)?.cache;
    return cache === undefined || !isFresh(each, cache, now);
  };
  const cached = books.cached.filter((each) => each.key !== key && !isOld(each));
  cached.push({ key, tool, value, bytes: bytes + entryBytes, at: now });
  const own = cached.filter((each) => each.tool === tool);
  const tooMany = new Set(own.slice(0, Math.max(0, own.length - (tools.get(tool)?.cache?.entriesMax ?? 0))));
  const few = cached.filter((each) => !tooMany.has(each));
  let sum = few.reduce((total, each) => total + each.bytes, 0);
  while (sum > cacheBytesMax) sum -= few.shift()?.bytes ?? sum;
  return { ...books, cached: few };
}
