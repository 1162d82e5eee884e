/** What the main thread may ask of the journal: the control plane's side of it, rare and unordered. */
import type { ActorInfo, ActorSummary, DeadLetter } from '../journal/queries.js';
import type { RingEnd } from './ring.js';

/** Totals of the journal thread. */
export interface JournalStats {
  groups: number;
  frames: number;
  bytes: number;
  checkpoints: number;
  failedCommits: number;
  actors: number;
  /** Of these, how many the journal thread holds in memory: those at work. */
  rowsInMemory: number;
  /** Messages accepted and not handled. */
  waiting: number;
  deadLetters: number;
  lateReplies: number;
  droppedUnjournaled: number;
  position: number;
  seq: number;
  bytesOnDisk: number;
}

/** The journal as the main thread sees it. All methods answer by promise there. */
export interface JournalApi {
  /** A thread joins. `reader` is the end the journal reads from; a host is not up yet. Returns its session number. */
  attach(kind: 'main' | 'host', ends: { reader: RingEnd; writer: RingEnd }): number;
  /** A host's thread runs: it may be given actors that others could have as well. */
  hostUp(session: number): void;
  /** All hosts are there: begin to run actors. More than `actorsMax` living ones are refused. */
  open(actorsMax: number): void;
  /** A host's thread has died. Resolves when its actors may run elsewhere. */
  retire(session: number, blamedAid: number, blamedSeq: number, report: Uint8Array): Promise<void>;
  actorInfo(path: string): ActorInfo | undefined;
  listActors(parent: string | undefined, limit: number): ActorSummary[];
  deadLetters(from: number, limit: number): DeadLetter[];
  /** The session of the host that runs an unjournaled actor. */
  locate(path: string): number;
  stats(): JournalStats;
  /** Everything committed so far survives a power cut. */
  flush(): void;
  /** Write a last checkpoint and end the thread. */
  close(): Promise<void>;
}
