/**
 * What the tools of memory need of a memory: two calls. The way to an actor that keeps it goes behind this; here is
 * the small one in RAM, for tests and for runs that need not remember.
 */
import type { ToolCallInfo } from '../tool.js';

/** Something to remember. */
export interface MemoryEntry {
  text: string;
  /** To find it again. */
  tags: readonly string[];
}

/** Something remembered. */
export interface MemoryHit extends MemoryEntry {
  id: string;
  /** Who put it there. */
  from: string;
  /** When, in milliseconds since the epoch. */
  at: number;
}

/** What to look for: entries with all of the tags and all of the words, newest first. */
export interface MemoryQuery {
  text: string;
  tags: readonly string[];
  limit: number;
}

/** A call of memory: whose it is, and when it is given up. */
export interface MemoryCall extends Pick<ToolCallInfo, 'effectId' | 'from' | 'grant'> {
  readonly signal: AbortSignal;
}

/** See the file's header. */
export interface MemoryPort {
  /** Remember. The same `effectId` again is the same entry. */
  put(entry: MemoryEntry, call: MemoryCall): Promise<{ id: string }>;
  /** Recall. What a principal may see is the port's to say. */
  recall(query: MemoryQuery, call: MemoryCall): Promise<readonly MemoryHit[]>;
}

/**
 * A memory in RAM, of the thread that it was made on. Each principal sees what it has put there itself.
 * @param clock says when something was put
 * @param entriesMax entries kept; of more the oldest go. Default 1,000
 */
export function ramMemory(clock: { now(): number }, entriesMax = 1_000): MemoryPort {
  const entries = new Map<string, MemoryHit>();
  return {
    async put({ text, tags }, { effectId, from }) {
      if (!entries.has(effectId)) entries.set(effectId, { id: effectId, text, tags, from, at: clock.now() });
      for (const oldest of entries.keys()) {
        if (entries.size <= entriesMax) break;
        entries.delete(oldest);
      }
      return { id: effectId };
    },
    async recall({ text, tags, limit }, { from }) {
      const words = text
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== '');
      const fits = (hit: MemoryHit): boolean =>
        hit.from === from &&
        tags.every((tag) => hit.tags.includes(tag)) &&
        words.every((word) => hit.text.toLowerCase().includes(word));
      return [...entries.values()].reverse().filter(fits).slice(0, limit);
    },
  };
}
