/**
 * Where time goes: V8's CPU profiles of a contender's threads, summed up by the parts of troupe. Self time counts, of
 * each function for the part its file belongs to; what Node and the engine do counts for whoever asked them to.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What of a `.cpuprofile` is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  /** The node on top of the stack at each look. */
  readonly samples: readonly number[];
  /** Before each look, in microseconds. */
  readonly timeDeltas: readonly number[];
}

/** The parts of a message's way, as a table shows them. */
export const parts = [
  'codec',
  'rings and bells',
  'interpreter',
  'behaviours',
  'turn',
  'sending',
  'routing',
  'log and lmdb',
  'disk',
  'collecting garbage',
  'loading modules',
  'contender',
  'other packages',
  'node',
  'engine',
  'waiting',
] as const;

/** One of them. */
export type Part = (typeof parts)[number];

/** Microseconds by part. */
export type PartTimes = Readonly<Partial<Record<Part, number>>>;

/** By function: natives, and those whose self time is sleep. */
const byFunction: Readonly<Record<string, Part>> = {
  '(idle)': 'waiting',
  '(garbage collector)': 'collecting garbage',
  '(program)': 'engine',
  '(root)': 'engine',
  fdatasync: 'disk',
  fsync: 'disk',
};

/** By file: the first that fits. Paths are those of the compiled files. */
const byFile: readonly (readonly [RegExp, Part])[] = [
  [/\/src\/core\/(codec|bytes|envelope|message|patient-writer)[\w-]*\.js$/, 'codec'],
  [/\/src\/thread\/(ring|bell|control-flag|memory-link)\.js$|\/src\/core\/link\.js$/, 'rings and bells'],
  [/\/node_modules\/xstate\/|\/src\/cell\//, 'interpreter'],
  // Workflows, agents, tools, supervisors.
  [/\/dist\/(actors|supervisors)\//, 'behaviours'],
  [/\/src\/host\/(client|direct|spawn)\.js$|\/src\/(system|observe)\/|\/src\/core\//, 'sending'],
  [/\/node_modules\/@opentelemetry\//, 'sending'],
  [/\/src\/host\//, 'turn'],
  [/\/src\/thread\/host-/, 'turn'],
  [/\/node_modules\/(lmdb|ordered-binary|weak-lru-cache|msgpackr)\//, 'log and lmdb'],
  [/\/src\/journal\/(lmdb-|log-|write-ahead|group|checkpoint|file-system|store|recovery|data-room)/, 'log and lmdb'],
  [/\/src\/(journal|thread)\//, 'routing'],
  [/\/bench\//, 'contender'],
  [/^node:internal\/(modules|bootstrap|main|process\/(pre_execution|execution|esm_loader))/, 'loading modules'],
  [/\/node_modules\//, 'other packages'],
];

/** Sum a profile up. */
export function partsOf({ nodes, samples, timeDeltas }: CpuProfile): PartTimes {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const known = new Map<number, Part>();
  const partOf = (id: number): Part => {
    const found = known.get(id) ?? find(id);
    known.set(id, found);
    return found;
  };
  const find = (id: number): Part => {
    const { functionName = '', url = '' } = frames.get(id) ?? {};
    // By url as well: a function of ours may have the name of a native.
    const native = url === '' ? byFunction[functionName] : undefined;
    if (native !== undefined) return native;
    if (functionName === 'waitSync' && url.endsWith('/src/thread/bell.js')) return 'waiting';
    const own = byFile.find(([pattern]) => pattern.test(url))?.[1];
    if (own !== undefined) return own;
    const parent = parents.get(id);
    const asker = parent === undefined ? 'node' : partOf(parent);
    return asker === 'engine' ? 'node' : asker;
  };
  const times: Partial<Record<Part, number>> = {};
  samples.forEach((id, index) => {
    const part = partOf(id);
    times[part] = (times[part] ?? 0) + Math.max(0, timeDeltas[index] ?? 0);
  });
  return times;
}

/** A thread by the entry its profile shows: `journal`, `host`; the main thread has the number 0. */
export function threadOf({ nodes }: CpuProfile, number: number): string {
  if (number === 0) return 'main';
  const names = nodes.flatMap(({ callFrame }) => /\/([\w-]+)-entry\.js$/.exec(callFrame.url)?.[1] ?? []);
  return names[0] ?? 'other';
}

/** All profiles of a folder by thread, threads of one name together; a folder that is not there has none. */
export function readProfiles(folder: string): ReadonlyMap<string, PartTimes> {
  const threads = new Map<string, PartTimes>();
  for (const name of filesIn(folder)) {
    // CPU.<day>.<time>.<process>.<thread>.<number>.cpuprofile
    const number = Number(name.split('.')[4]);
    const profile = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as CpuProfile;
    const thread = threadOf(profile, number);
    threads.set(thread, plus(threads.get(thread) ?? {}, partsOf(profile)));
  }
  return threads;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.cpuprofile'))
      .sort();
  } catch {
    // An entrant that did not run has no folder.
    return [];
  }
}

function plus(a: PartTimes, b: PartTimes): PartTimes {
  return Object.fromEntries(parts.map((part) => [part, (a[part] ?? 0) + (b[part] ?? 0)]));
}

/**
 * The table of an entrant: a line for each part, a column for each thread. What is neither sleep nor the start of the
 * process is summed up.
 * @param messages handled in all of these profiles, warm-up and all; 0: it does not say, and the table is in ms
 */
export function profileText(title: string, threads: ReadonlyMap<string, PartTimes>, messages: number): string {
  const names = [...threads.keys()];
  const unit = messages === 0 ? 'ms' : `us for each of ${messages.toLocaleString('en-US')} messages`;
  const row = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(20)}${cells.map((cell) => cell.padStart(10)).join('')}`.trimEnd();
  const shown = (us: number): string => (messages === 0 ? (us / 1_000).toFixed(0) : (us / messages).toFixed(3));
  const times = (part: Part): number[] => names.map((name) => threads.get(name)?.[part] ?? 0);
  const used = parts.filter((part) => times(part).some((us) => us > 0));
  const working = parts.filter((part) => part !== 'waiting' && part !== 'loading modules');
  const work = names.map((name) => working.reduce((sum, part) => sum + (threads.get(name)?.[part] ?? 0), 0));
  return [
    `profile of ${title}, ${unit}`,
    row('', names),
    ...used.map((part) => row(part, times(part).map(shown))),
    row('work, together', work.map(shown)),
  ].join('\n');
}
