/** What a tool bus keeps, and what it decides to do, as data. */
import type { ActorRef, EventObject, ReplyTo, TroupeError } from '../../src/index.js';
import type { ToolMetrics } from './bus-events.js';
import type { WorkInput } from './effects.js';
import type { GrantTable } from './grants.js';
import type { ToolAnswer, ToolOutcome } from './outcome.js';
import type { ToolProcessor } from './processor.js';
import type { TokenBucket } from './token-bucket.js';
import type { Tool } from './tool.js';

/**
 * Where an open call stands.
 *
 *   queued ──> checking ──> (waiting) ──> queued ──> running ──> (settling) ──> (finishing) ──> answered
 *                                           ^           │             │
 *                                           └─ pausing <┴─────────────┘
 *
 * `queued`: until there is room for its work. `checking`: the arguments, and processors `before`, before anybody is
 * asked or an actor started. `finishing`: processors `after` see what it came to, other than a good result.
 * `waiting`: for an approval. `settling`: the result of an actor is checked. `pausing`: until the next attempt, or
 * until the tool's `rate` lets the first one begin. A call that need not be checked by itself is queued for `running`
 * at once. An error or a cancel answers from anywhere.
 */
export type CallPhase = 'queued' | 'checking' | 'waiting' | 'running' | 'settling' | 'pausing' | 'finishing';

/** A call that is not answered yet. */
export interface OpenCall {
  /** `call-17`: the bus's own name for it. */
  id: string;
  from: string;
  callId: string;
  /** Did the caller give the `callId`? Only then the call can be joined. */
  isNamed: boolean;
  tool: string;
  args: unknown;
  /** A number that stands for the arguments. */
  print: number;
  depth: number;
  phase: CallPhase;
  /** Has it been checked, and approved of where it must be? Then its next step is an attempt. */
  isCleared: boolean;
  /** Has somebody approved of it? */
  isApproved?: true;
  /** The attempt that runs, or ran last; 0 before the first. */
  attempt: number;
  /** How often the work under way was found begun on a thread that is gone. */
  interruptions: number;
  /** When the phase began, in milliseconds since the epoch. */
  since: number;
  asked: readonly ReplyTo[];
  answerTo: readonly ActorRef[];
  progressTo?: ActorRef | undefined;
  /** What the check made of the arguments: the input of the actor. */
  checked?: unknown;
  /** The actor that works for it. */
  actor?: string | undefined;
  /** By what its result is to be kept: of tools that have a `cache`. */
  cacheKey?: string | undefined;
}

/** A result that is kept for whoever asks the same. */
export interface CachedResult {
  key: string;
  tool: string;
  value: unknown;
  /** What it counts, in bytes. */
  bytes: number;
  /** When it was made, in milliseconds since the epoch. */
  at: number;
}

/** The bucket of a tool, or of one of its callers, and the calls that wait for their turn, first come first. */
export interface RateBucket extends TokenBucket {
  readonly waiting: readonly string[];
}

/** An answer that may be asked for again. */
export interface KeptAnswer {
  from: string;
  callId: string;
  tool: string;
  print: number;
  outcome: ToolOutcome;
  bytes: number;
}

/** Everything a tool bus knows. */
export interface BusBooks {
  /** When it began, in milliseconds since the epoch: tells its effects from those of an earlier bus at its path. */
  life: number;
  /** The number of the next call. */
  next: number;
  /** Open calls by id, but for those that are queued. */
  open: Readonly<Record<string, OpenCall>>;
  /** The queued ones, first come first, packed by waiting-line.ts. */
  line: readonly string[];
  /** The last first-hand answers, oldest first. */
  kept: readonly KeptAnswer[];
  /** Who answered for whom lately: for the error's text when somebody comes second. */
  decided: readonly { id: string; by: string; approved: boolean }[];
  /** Grants changed at run time. */
  changed: GrantTable;
  metrics: Readonly<Record<string, ToolMetrics>>;
  unknown: number;
  /** Results that are kept, those asked for last at the end. */
  cached: readonly CachedResult[];
  /** By tool, and by tool and caller, as JSON. */
  buckets: Readonly<Record<string, RateBucket>>;
}

/** A bus that has heard nothing. */
export const emptyBooks: BusBooks = {
  life: 0,
  next: 1,
  open: {},
  line: [],
  kept: [],
  decided: [],
  changed: {},
  metrics: {},
  unknown: 0,
  cached: [],
  buckets: {},
};

/** What was declared of a bus, checked. */
export interface BusRules {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly grants: GrantTable;
  readonly approvers: readonly string[];
  readonly grantors: readonly string[];
  readonly depthMax: number;
  readonly callsMax: number;
  readonly workingMax: number;
  readonly argsBytesMax: number;
  readonly answersKept: number;
  readonly answersKeptBytes: number;
  readonly approvalTimeoutMs: number | undefined;
  readonly progressMax: number;
  readonly interruptionsMax: number;
  readonly cacheBytesMax: number;
  readonly processors: readonly ToolProcessor[];
}

/** A timer of a call: which step it is of. */
export interface CallIsLate {
  type: 'troupe.tools.late';
  id: string;
  phase: CallPhase;
  attempt: number;
}

/** Something to be done in the turn. */
export type BusDeed =
  | { do: 'work'; id: string; input: Omit<WorkInput, 'thread'> }
  | { do: 'stopWork'; id: string }
  | { do: 'spawn'; id: string; tool: string; input: unknown }
  | { do: 'stopActor'; path: string }
  /** One timer for each call: a new one replaces the old. */
  | { do: 'wait'; id: string; ms: number; event: CallIsLate }
  | { do: 'forgetWait'; id: string }
  | { do: 'answer'; to: ReplyTo; value: ToolOutcome | ToolAnswer }
  /** The message that is being judged. */
  | { do: 'refuse'; error: TroupeError }
  | { do: 'tell'; to: ActorRef; event: EventObject };
