/** What the parent and its children agree on before a child starts. */
import { type FaultPlan, lanesMax, saboteursPerLane } from './faults.js';

/** The durability of the actors. `mixed`: every second one has the other level. */
export type Durability = 'flushed' | 'committed' | 'mixed';

/** One life of the child process. */
export interface Life {
  /** From 1, in the order of the lives of one journal. */
  number: number;
  /** Where the journal, the notes and the ledgers are. */
  folder: string;
  seed: number;
  hosts: number;
  durability: Durability;
  checkpointBytes: number;
  /** Take host threads down in all ways there are, then stop or kill itself; see `faults.ts`. */
  faults: FaultPlan | undefined;
  /** There are saboteurs: threads are short of memory, and what hangs is found soon. */
  hasSaboteurs: boolean;
  /** Kill host threads now and then. */
  killsHosts: boolean;
  /** Before it opens the system, look into the journal as the last life left it. */
  inspects: boolean;
  /** All accounts, clerks and branches have been spawned by an earlier life. */
  isOpened: boolean;
  /** Give no orders; wait for rest and report. */
  audits: boolean;
}

/** What is spawned at the opening, by the first part of its id; `account-0` to `account-999`. */
export const population = { account: 1_000, clerk: 8, branch: 4 } as const;
/** What is spawned besides where there are saboteurs. */
export const saboteurCount = lanesMax * saboteursPerLane;
/** How long a message may take where there are saboteurs, in milliseconds. */
export const hangAfterMs = 1_000;
/** What a host thread may have where there are saboteurs. */
export const hostLimits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 };
/** What every account begins with. */
export const balanceAtStart = 1_000;
/** The longest delay of a timer, in milliseconds. */
export const delayMsMax = 1_000;
/** Each life numbers its orders to an actor from here, times its own number, plus 1. */
export const numbersPerLife = 1_000_000;

/** Where an auditor leaves what it found, in the run's folder. */
export const auditFile = 'audit.json';
/** The journal's folder, in the run's folder. */
export const journalFolder = 'journal';

/** The level of one of several. */
export function levelOf(durability: Durability, index: number): 'flushed' | 'committed' {
  if (durability !== 'mixed') return durability;
  return index % 2 === 0 ? 'flushed' : 'committed';
}
