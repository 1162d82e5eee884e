/**
 * Where a run is: plain data, the context of the run's actor. It holds what is active and what may have to be undone,
 * not what is over: the size of a state does not grow with the steps that were taken, only with what is kept for later
 * (the items and results of a `mapReduce`, the results of a `parallel`, steps that have a compensation).
 *
 * R1  Every frame belongs to a node of the flow: its address, without item numbers, is the node's key.
 * R2  A step that runs has a frame that says so, and an effect with the frame's address as its id; what is not in a
 *     frame is not running.
 */
import type { PlainError } from '../../src/core/errors.js';

/**
 * Where in a run: the ids on the way from the root, `order/pay/charge`; parts that exist once for each item carry its
 * number, `order/each[3]/charge`.
 */
export type Address = string;

/** A node's place in the flow: an address without item numbers. */
export type NodeKey = string;

/** What is active at an address. */
export type Frame =
  /** A step or a job. Not `isRunning`: it waits for its next attempt, or is held. */
  | { is: 'step'; input: unknown; attempt: number; since: number; isRunning?: true }
  /** An actor of its own, by its path. `held`: it has not begun, and will get that input. */
  | { is: 'actor'; path: string; since: number; held?: { input: unknown } }
  /** A run of another workflow that undoes what it did, as it is no longer needed. */
  | { is: 'closing'; path: string; since: number }
  /** `layout`: the parts as they stood when it came to the one with this number. */
  | { is: 'sequence'; at: number; layout?: string }
  | { is: 'parallel'; left: number; out: Record<string, unknown> }
  | { is: 'conditional' }
  /** `held`: the next turn begins with it, when others have had theirs. */
  | { is: 'loop'; turn: number; held?: { value: unknown } }
  | { is: 'map'; input: unknown; items: readonly unknown[]; outs: unknown[]; next: number; left: number }
  /** `waiting[s]`: items, by number and value, that stage s has still to take; `busy[s]`: how many it has. */
  | { is: 'pipeline'; layout?: string; waiting: [number, unknown][][]; busy: number[]; outs: unknown[]; left: number }
  | { is: 'attempt'; input: unknown; part: 'body' | 'undo' | 'fallback'; error?: PlainError; failedAt?: Address }
  | { is: 'wait'; signal: string; since: number }
  | { is: 'sleep'; input: unknown; until: number }
  /** A compensation. Its address ends with `~undo`. */
  | { is: 'undo'; entry: SagaEntry; attempt: number; since: number; isRunning?: true };

/** A step that was done, and can be undone. */
export interface SagaEntry {
  at: Address;
  input: unknown;
  output: unknown;
}

/** What became of a compensation. */
export interface Undone {
  at: Address;
  ok: boolean;
  attempts: number;
  error?: PlainError;
}

/** What a node has done so far, over all its instances. */
export interface NodeCount {
  started: number;
  done: number;
  failed: number;
  /** Attempts after the first. */
  retries: number;
  /** Of those that are over, in milliseconds. */
  tookMs: number;
}

/**
 * `running`: also while it waits or is suspended. `undoing`: it has failed or was cancelled, and what was done is
 * being compensated. The others are ends.
 */
export type RunPhase = 'running' | 'undoing' | 'done' | 'failed' | 'cancelled';

/**
 * `NodeCount` as it is stored, because it is written with every step: `started, done, tookMs, failed, retries`, without
 * the zeros at its end.
 */
export type StoredCount = readonly number[];

/** A run. What is empty is left out: most runs have most of it empty, and it is written with every step. */
export interface RunState {
  phase: RunPhase;
  startedAt: number;
  endedAt?: number;
  frames: Record<Address, Frame>;
  saga?: SagaEntry[];
  undone?: Undone[];
  /** Signals that came before anybody waited for them. */
  signals?: Record<string, unknown[]>;
  suspended?: boolean;
  /** Steps, actors and compensations that begin when the run is resumed. */
  held?: Address[];
  /** Runs of an earlier version have them as objects. */
  counts: Record<NodeKey, StoredCount | NodeCount>;
  /** Actors of its own it has started so far: each has a path that was never used before. */
  serial?: number;
  /** Why it is being undone, or has failed. */
  error?: PlainError;
  /** Where that error comes from. Absent of runs that failed under an earlier version. */
  failedAt?: Address;
  /** It was cancelled, for this reason. */
  cancelled?: string;
  output?: unknown;
}

/** A run that is being changed, in place: everything is there, empty or undefined. */
export type LiveRun = { -readonly [Field in keyof Required<RunState>]: LiveField<Field> };

/** These are undefined as long as they are not known; the others have something that says that they are empty. */
type LiveField<Field extends keyof RunState> = Field extends 'endedAt' | 'error' | 'failedAt' | 'cancelled' | 'output'
  ? RunState[Field] | undefined
  : NonNullable<RunState[Field]>;

/** A run that has not begun. @param now milliseconds since 1970 */
export function newRun(now: number): RunState {
  return { phase: 'running', startedAt: now, frames: {}, counts: {} };
}

/**
 * A copy that can be changed in place; what frames and entries hold is shared, and never changed. Field by field: it is
 * made with every step, and a spread of a run whose shape is not always the same takes ten times as long.
 */
export function liveOf(run: RunState): LiveRun {
  const { saga, undone, signals, held } = run;
  return {
    phase: run.phase,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    frames: { ...run.frames },
    counts: { ...run.counts },
    saga: saga === undefined ? [] : [...saga],
    undone: undone === undefined ? [] : [...undone],
    signals: signals === undefined ? {} : { ...signals },
    suspended: run.suspended ?? false,
    held: held === undefined ? [] : [...held],
    serial: run.serial ?? 0,
    error: run.error,
    failedAt: run.failedAt,
    cancelled: run.cancelled,
    output: run.output,
  };
}

/** What is stored of it. It must not be changed afterwards. */
export function storedOf(run: LiveRun): RunState {
  const { phase, startedAt, frames, counts, saga, undone, signals, suspended, held, serial } = run;
  const stored: RunState = { phase, startedAt, frames, counts };
  if (saga.length > 0) stored.saga = saga;
  if (undone.length > 0) stored.undone = undone;
  if (Object.keys(signals).length > 0) stored.signals = signals;
  if (suspended) stored.suspended = true;
  if (held.length > 0) stored.held = held;
  if (serial > 0) stored.serial = serial;
  const { endedAt, error, failedAt, cancelled, output } = run;
  if (endedAt !== undefined) stored.endedAt = endedAt;
  if (error !== undefined) stored.error = error;
  if (failedAt !== undefined) stored.failedAt = failedAt;
  if (cancelled !== undefined) stored.cancelled = cancelled;
  if (output !== undefined) stored.output = output;
  return stored;
}

/** In the order of `StoredCount`. */
const counted = ['started', 'done', 'tookMs', 'failed', 'retries'] as const;

/** A count as it is shown. */
export function countOf(stored: StoredCount | NodeCount): NodeCount {
  if ('started' in stored) return stored;
  const [started = 0, done = 0, tookMs = 0, failed = 0, retries = 0] = stored;
  return { started, done, failed, retries, tookMs };
}

/** One more of something. @param tookMs of what is over now */
export function countedOn(
  stored: StoredCount | NodeCount | undefined,
  what: 'started' | 'done' | 'failed' | 'retries',
  tookMs = 0,
): StoredCount {
  const before = stored === undefined ? [] : 'started' in stored ? counted.map((each) => stored[each]) : stored;
  const next = [...before];
  add(next, counted.indexOf(what), 1);
  if (tookMs > 0) add(next, counted.indexOf('tookMs'), tookMs);
  return next;
}

function add(numbers: number[], at: number, more: number): void {
  while (numbers.length <= at) numbers.push(0);
  numbers[at] = (numbers[at] as number) + more;
}

/** The end of the address of a compensation. */
export const undoPart = '~undo';

/** The address of a part. @param item its number, for parts that exist once for each item */
export function addressIn(parent: Address, id: string, item?: number): Address {
  return item === undefined ? `${parent}/${id}` : `${parent}/${id}[${item}]`;
}

/** Whose part it is; undefined for the root. */
export function parentOf(at: Address): Address | undefined {
  const slash = at.lastIndexOf('/');
  return slash < 0 ? undefined : at.slice(0, slash);
}

/** The key of the node at an address. */
export function keyOf(at: Address): NodeKey {
  return at.includes('[') ? at.replaceAll(/\[\d+\]/g, '') : at;
}

/** The item number of a part; undefined when there is none. */
export function itemOf(at: Address): number | undefined {
  return at.endsWith(']') ? Number(at.slice(at.lastIndexOf('[') + 1, -1)) : undefined;
}

/** Is an address a part of another, at any depth, or the same? The run itself is ''. */
export function isWithin(at: Address, scope: Address): boolean {
  return scope === '' || at === scope || at.startsWith(`${scope}/`);
}
