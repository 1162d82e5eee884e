/**
 * Working memory: what a run has to have at hand, by key. Bounded in entries and in bytes; when there is no room, what
 * was put longest ago leaves. All of it is one actor's state, written with each put: that is what the bounds are for.
 *
 * WM1  Entries are in the order they were put, oldest first; a key that is put again is the newest.
 * WM2  There are never more than `entriesMax`, nor more than `bytesMax` bytes of keys and values as they are stored.
 */
import { fromTransition } from 'xstate';
import { encode } from '../../src/core/codec.js';
import { moduleOf } from '../../src/core/meta.js';
import { checkOptions, type OptionsSpec } from '../../src/core/options.js';
import {
  actorContext,
  type ActorDefinition,
  defineActor,
  describeBriefly,
  type Request,
  TroupeError,
} from '../../src/index.js';
import { answer, refuse } from '../managers/pile-parts.js';

/** Something remembered. */
export interface Remembered {
  key: string;
  value: unknown;
  /** When it was put, in milliseconds since 1970. */
  time: number;
}

/** What a working memory understands. */
export type WorkingEvents =
  /** Plain data. The reply: keys that left for it, oldest first. */
  | Request<'put', { key: string; value: unknown }, { left: string[] }>
  | Request<'recall', { key: string }, Remembered | undefined>
  /** The newest first. `limit`: 1 to 10,000, default 10. */
  | Request<'recent', { limit?: number }, Remembered[]>
  /** False: it was not there. */
  | Request<'forget', { key: string }, boolean>
  | Request<'usage', object, { entries: number; bytes: number }>
  | Request<'clear', object, number>;

/** How much is remembered. */
export interface WorkingOptions {
  /** 1 to 10,000; default 100. */
  entriesMax?: number;
  /** 64 to 16 MiB; default 65,536. */
  bytesMax?: number;
}

const optionsSpec: OptionsSpec<WorkingOptions> = {
  entriesMax: { type: 'integer', min: 1, max: 10_000, default: 100 },
  bytesMax: { type: 'integer', min: 64, max: 16 * 2 ** 20, default: 65_536 },
};

/** What an entry occupies beside its key and value, in bytes. */
const entryBytes = 16;
const keyCharsMax = 256;

type Entry = readonly [key: string, value: unknown, time: number, bytes: number];

/**
 * Declare a working memory, at the top level of a module, and export it; spawn one for each run. It survives
 * everything its run survives, and ends with it: stop it then.
 *
 *   export const scratch = workingMemory(import.meta, 'scratch', { entriesMax: 50 });
 *   const ref = await system.spawn(scratch, { id: 'run-17-scratch' });
 *   await ref.ask({ type: 'put', key: 'goal', value: 'find the report' });
 *   await ref.ask({ type: 'recall', key: 'goal' });
 *
 * A put of more than `bytesMax` alone is refused with MEMORY_FULL, and nothing leaves for it; a key that is no text of
 * 1 to 256 characters, or a limit out of range, with OPTION_TYPE or OPTION_RANGE.
 *
 * @param meta the module's `import.meta`
 * @param name unique in the system
 * @param options see `WorkingOptions`
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE; what `defineActor` throws
 */
export function workingMemory(
  meta: { readonly url: string },
  name: string,
  options: WorkingOptions = {},
): ActorDefinition<undefined, WorkingEvents> {
  moduleOf(meta, 'workingMemory');
  const checked = checkOptions<WorkingOptions>(options, optionsSpec, `workingMemory("${name}")`);
  const limits = checked as Required<WorkingOptions>;
  const logic = fromTransition((entries: readonly Entry[], event: WorkingEvents) => hear(entries, event, limits), []);
  return defineActor(meta, name, logic) as ActorDefinition<undefined, WorkingEvents>;
}

function hear(entries: readonly Entry[], event: WorkingEvents, limits: Required<WorkingOptions>): readonly Entry[] {
  if ('key' in event && !isKey(event.key)) {
    const message = `a key must be a text of 1 to ${keyCharsMax} characters, but is ${describeBriefly(event.key)}`;
    refuse(new TroupeError('OPTION_TYPE', message, { field: 'key', value: event.key }));
    return entries;
  }
  switch (event.type) {
    case 'put':
      return put(entries, event, limits);
    case 'recall': {
      const found = entries.find(([key]) => key === event.key);
      answer(found && remembered(found));
      return entries;
    }
    case 'recent': {
      const { limit = 10 } = event;
      if (Number.isSafeInteger(limit) && limit >= 1 && limit <= 10_000) {
        answer(entries.slice(-limit).reverse().map(remembered));
        return entries;
      }
      const message = `recent: limit must be a whole number from 1 to 10,000, but is ${describeBriefly(limit)}`;
      refuse(new TroupeError('OPTION_RANGE', message, { field: 'limit', value: limit }));
      return entries;
    }
    case 'forget': {
      const left = entries.filter(([key]) => key !== event.key);
      answer(left.length < entries.length);
      return left;
    }
    case 'usage':
      answer({ entries: entries.length, bytes: bytesOf(entries) });
      return entries;
    case 'clear':
      answer(entries.length);
      return [];
    default:
      return entries;
  }
}

function put(
  entries: readonly Entry[],
  { key, value }: { key: string; value: unknown },
  { entriesMax, bytesMax }: Required<WorkingOptions>,
): readonly Entry[] {
  const bytes = encode([key, value]).length + entryBytes;
  if (bytes > bytesMax) {
    const message = `${JSON.stringify(key)} takes ${bytes} bytes; all of the memory may have ${bytesMax}`;
    refuse(new TroupeError('MEMORY_FULL', message, { field: 'value', value: bytes }));
    return entries;
  }
  // WM1
  const kept: Entry[] = [...entries.filter(([other]) => other !== key), [key, value, actorContext().now(), bytes]];
  // WM2
  let total = bytesOf(kept);
  let first = 0;
  while (kept.length - first > entriesMax || total > bytesMax) {
    total -= kept[first]![3];
    first += 1;
  }
  answer({ left: kept.slice(0, first).map(([each]) => each) });
  return kept.slice(first);
}

function isKey(key: unknown): boolean {
  return typeof key === 'string' && key !== '' && key.length <= keyCharsMax;
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((total, [, , , bytes]) => total + bytes, 0);
}

function remembered([key, value, time]: Entry): Remembered {
  return { key, value, time };
}
