/**
 * A supervisor's books: which children it has, where each stands, what is under way. Plain data, so that it rests in
 * the journal with the supervisor's state; every change of it is made by `judge.ts`.
 */
import type { ActorRef, ErrorRecovery, EventObject, ReplyTo } from '../src/index.js';
import type { ChildData } from './spec.js';
import type { Ending } from './strategy.js';

/** Where a child stands. */
export type Standing =
  /** It has been started, and has not said yet that it is up. */
  | 'starting'
  | 'running'
  /** A message of it failed, and it is to be told how to go on. */
  | 'failed'
  /** It has been told to stop. */
  | 'stopping'
  /** It has exited, and may be started again with what it had. */
  | 'held'
  /** It is to be restarted when its backoff is over. */
  | 'waiting'
  /** It does not run, and is only remembered. */
  | 'stopped';

/** One child. */
export interface ChildBook {
  spec: ChildData;
  /** Its place in the order of starts. */
  rank: number;
  standing: Standing;
  /** Its address, once it has been heard of. */
  ref: ActorRef | undefined;
  /** The definition of which it is. Absent: as specified. */
  definition?: string;
  /** When it was heard of last, in milliseconds since the epoch. */
  heardAt: number;
  /** The failure it is to be judged for. */
  failure: { seq: number; mayRetry: boolean } | undefined;
  /** What it failed with, until it is judged. */
  error?: Error | undefined;
  /** What its error asked for. */
  hint?: ErrorRecovery | undefined;
  /** How it exited, while it is held. */
  ending?: Ending | undefined;
  /** While it waits: it had exited, rather than failed. */
  wasHeld?: boolean;
  /** While it waits: what tells it that the wait is over. Absent in books from before this was asked. */
  waker?: WaitIsOver['type'];
  /** The rule by which it is to be restarted, for people. */
  rule?: string;
  /** It was never up: a start that fails leaves nothing of it. */
  isNew?: boolean;
  /** Restarts in a row, for the backoff, and when the last one was. */
  restarts: number;
  restartedAt: number;
  /** Who asked for its start, or its stop, and waits. */
  asker: ReplyTo | undefined;
}

/**
 * A backoff is over. `again` is what journals of earlier versions have in their timers: believed only where their books
 * say so too, because anybody can send it.
 */
export interface WaitIsOver {
  type: 'troupe.again' | 'again';
  id: string;
}

/** One thing of several that are done one after the other. */
export interface Step {
  do: 'start' | 'stop';
  id: string;
}

/** A question that waits until what is under way is done; a task may have been told, and has no asker then. */
export type Waiting = { request: ManagementRequest; asker: ReplyTo } | Routed;

/** Something that a child is to get: the one it names, or one that handles the task. */
export interface RouteRequest {
  type: 'route';
  by: { task: string } | { child: string };
  message: EventObject;
}

/** A task for a child. */
export interface Routed {
  request: RouteRequest;
  asker: ReplyTo | undefined;
}

/** What can be asked of a supervisor, beside `children`, `count` and `route`. */
export type ManagementRequest =
  | { type: 'startChild'; child: ChildData }
  | { type: 'stopChild' | 'restartChild' | 'deleteChild'; id: string };

/** The books. */
export interface Books {
  /** `starting`: for the first time; `restarting`: a plan is under way. */
  phase: 'idle' | 'starting' | 'running' | 'restarting' | 'over';
  /** In start order. */
  children: ChildBook[];
  /**
   * The ids of the declaration it last looked at: whoever is declared and not among them is new. Absent in books from
   * before this was asked: then the children there are.
   */
  declared?: readonly string[];
  /** The place of whoever is added next. */
  nextRank: number;
  /** When restarts were granted, newest first. */
  recent: readonly number[];
  /** What is still to be done. The first step is under way. */
  plan: Step[];
  /** Children that failed or exited while a plan was under way. */
  fallen: string[];
  /** The rule that the plan carries out, for people. */
  rule?: string | undefined;
  /** Children whose backoff was over while a plan was under way. */
  again: string[];
  waiting: Waiting[];
  /** Who was given a task last, by its rank: of tasks that several handle. Absent: none was yet. */
  turns?: ReadonlyMap<string, number> | undefined;
}

/** Books of a supervisor whose life has not begun. */
export const noBooks: Books = {
  phase: 'idle',
  children: [],
  nextRank: 0,
  recent: [],
  plan: [],
  fallen: [],
  again: [],
  waiting: [],
};

/** A child's page in new books. */
export function newPage(spec: ChildData, rank: number): ChildBook {
  const none = { heardAt: 0, ref: undefined, failure: undefined, asker: undefined };
  return { spec, rank, standing: 'stopped', ...none, restarts: 0, restartedAt: 0 };
}
