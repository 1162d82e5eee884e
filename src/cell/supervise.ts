/**
 * What an actor that supervises can do in its turn, and what it hears. This is the mechanism; when to restart whom is
 * policy, and lives in `supervisors`. What is decided here commits with the turn: the budget it was paid from, the
 * decision and what it brings about are one transaction.
 *
 * An actor supervises when its definition says `supervises`. Then it hears, as events like any other:
 *
 *   troupe.begin      its life begins, or begins anew: what it heard of children before is of an earlier life
 *   troupe.declared   a program has spawned it again, or its supervisor has heard the same: its definition may be
 *                     another one than when it began, after a deployment for instance
 *   troupe.child      a supervised child has started, has failed, or has exited
 */
import type { EventObject } from '../core/message.js';
import type { ActorRef, ReplyTo } from '../core/ref.js';
import type { ActorDefinition, SpawnOptions } from './define.js';

/** How a child is started. */
export type SuperviseOptions<Input> = SpawnOptions<Input> & {
  id: string;
  /**
   * How long it may take to stop before it is killed, in milliseconds; default Infinity. 0: it is killed at once,
   * without its stop hook, when its supervisor or one above that stops it.
   */
  shutdownMs?: number | undefined;
  /** Its place among its siblings: with `supervises: 'in-order'`, who has a larger one stops before it. Default 0. */
  rank?: number | undefined;
  /** A child that is held at the path begins with its initial state; default false: with its last committed one. */
  anew?: boolean | undefined;
  /** Refuse it when the supervisor has so many children already. Default Infinity. */
  childrenMax?: number | undefined;
  /** The children of the supervisor's siblings count for `childrenMax` too: it is that of all together. */
  isChildrenMaxShared?: boolean | undefined;
  /** Whose question is answered, with a `StartAnswer`, when the child has started or cannot. */
  answer?: ReplyTo | undefined;
};

/** What becomes of a start that was asked for. */
export type StartAnswer =
  | { ok: true; path: string }
  | { ok: false; reason: 'already-started' | 'conflict' | 'max-children' | 'start-failed' | 'refused'; error?: Error };

/**
 * What becomes of a child. Of one that failed: `restore` tries the message again on the last committed state,
 * `resume` makes it a dead letter, `reset` likewise and begins with the initial state, `stop` ends it as failed. Of
 * one that exited: `restore` and `resume` go on with the last committed state, `reset` begins anew, `stop` ends it.
 */
export type ChildDecision = 'restore' | 'resume' | 'reset' | 'stop';

/** What a turn of a supervisor can do. */
export interface Supervision {
  /**
   * Start a child. One that lives at the path is kept; one that is held there is started again; either way it is
   * said to have started when it has.
   * @throws TroupeError PATH_ILLEGAL, PAYLOAD_NOT_CARRIABLE; SUPERVISED_VOLATILE of a definition with durability `none`
   */
  start<Input, Events extends EventObject>(
    definition: ActorDefinition<Input, Events>,
    options: SuperviseOptions<Input>,
  ): ActorRef<Events>;
  /**
   * Say what becomes of a child that failed or exited. A decision about a failure that is not open any more changes
   * nothing.
   * @param seq of the failure, as its word has it; 0 for an exit
   * @param why for people: it stands in the journal
   */
  decide(child: ActorRef, seq: number, decision: ChildDecision, why: string): void;
  /** Stop a child. It is heard of when it has exited, or, as `refused`, when there is none. */
  stop(child: ActorRef): void;
  /** Tell a child that supervises itself that its declaration may be another one: it hears `troupe.declared`. */
  declared(child: ActorRef): void;
  /** Its children are up: if it is supervised itself, its supervisor hears now that it has started. */
  up(): void;
}

/** A supervisor's own life begins. It has started, for its own supervisor, when it says `up`. */
export interface SupervisorBegins {
  type: 'troupe.begin';
}

/** Its definition may be another one than when its life began. */
export interface SupervisorDeclared {
  type: 'troupe.declared';
}

/** What happened to a supervised child. */
type ChildNews =
  | {
      /** It is up. Only told to supervisors whose children stop `in-order`. */
      what: 'started';
    }
  | {
      /** There is no such new child; or (`not-found`) none that could be stopped. */
      what: 'refused';
      reason: 'already-started' | 'conflict' | 'max-children' | 'not-found';
      error: Error;
    }
  | {
      /** It waits to be told how to go on. */
      what: 'failed';
      /** The failing message's number; 0: its start; -1: it has none yet, the child failed in this very turn. */
      seq: number;
      /** How often this message has failed now. */
      attempts: number;
      /** How often it may be tried, from the definition's `maxAttempts`. */
      attemptsMax: number;
      /** It has never been up. */
      isNew: boolean;
      /** False when trying again cannot help. */
      retry: boolean;
      error: Error;
    }
  | {
      /** It is over unless it is started again: its mail, timers and last state are kept until then. */
      what: 'exited';
      /** `done`: it reached its final state; `stopped`: it was told to, or told itself; `failed`: it gave up. */
      how: 'done' | 'failed' | 'stopped';
      output?: unknown;
      /** What it gave up with; of one that was stopped: why it was killed. */
      error?: Error;
    };

/** Word of a supervised child. */
export type ChildWord = {
  type: 'troupe.child';
  child: ActorRef;
  definition: string;
  /** When it happened, as the journal has it, in milliseconds since the epoch: the same when a turn is run again. */
  at: number;
} & ChildNews;
