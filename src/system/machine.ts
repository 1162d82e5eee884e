/**
 * What a system runs on: a journal, hosts, links between them, and the means to turn their cranks. There are two:
 * `threads.ts`, with a thread for each, and `one-thread.ts`, where all of them share the caller's thread under a
 * scheduler of ours. A system cannot tell them apart.
 */
import type { InjectedFailure } from '../core/injected-failure.js';
import type { Tell } from '../observe/channels.js';
import type { JournalAnswers, JournalQuestion } from '../journal/questions.js';
import type { ControlCalls } from '../thread/control.js';
import type { JournalApi } from '../thread/journal-api.js';
import type { MachineHealth } from './health.js';
import type { MainNode } from './main-node.js';

/** The assembled parts. */
export interface Machine {
  readonly main: MainNode;
  readonly journal: ControlCalls<Omit<JournalApi, 'attach'>>;
  /** A question about the past: read beside the journal's work, not in its way. */
  ask<Q extends JournalQuestion>(question: Q): Promise<JournalAnswers[Q['kind']]>;
  /** How many hosts there are. */
  readonly hostCount: number;
  /** What it knows of itself. */
  readonly health: MachineHealth;
  /** Totals of each host, in order. */
  hostStats(): Promise<Record<string, number>[]>;
  /** Let idle actors leave memory now. */
  passivate(): Promise<void>;
  /** End the thread that is at a message of this actor, if one is: the actor is to be killed. */
  dislodge(aid: number): void;
  /** Kill a host as a fault would: its thread ends without a word. For tests and demonstrations. */
  killHost(index: number): Promise<void>;
  /** For tests: an actor's next messages fail. @throws OPTION_RANGE for a kind that only a thread can survive */
  injectFailure(failure: InjectedFailure): Promise<void>;
  /** End the hosts, then close the journal. */
  close(): Promise<void>;
  /** Let the process die with what it has: no flush, no close. Used by a second signal. */
  abandon(): void;
}

/** What a machine tells the system. */
export interface MachineEvents {
  /** A host is gone; it has been replaced, or is about to be. */
  onHostLost(thread: string, why: string, blamed: string | undefined): void;
  /** A host has come or gone, or the main thread was held up: `health` reads otherwise. */
  onHealth(): void;
  /** An actor has news for the channels. */
  onAnnounced: Tell;
  /** The journal is gone: the system cannot go on. */
  onJournalLost(error: Error): void;
}
