/** What the outside knows of a run (notes and ledgers), and what the system says of itself at the end. */
import type { Heard } from './fixtures/heard.js';

/** What one life of the process wrote down. */
export interface LifeNotes {
  /**
   * Lines `sent|acked <path> <n>`, `spawning <path> [depth]`, `spawned|stopping|stopped <path>`,
   * `refused <path> <n> <why>`, `killed host-<index>`, `unsound <what>`,
   * `unsettled <count>`.
   */
  notes: readonly string[];
  /** Lines `run <effectId> <n> <mark>`, `recorded <clerk> <count>`, `settled <effectId>`. */
  ledger: readonly string[];
}

/** What the system says of itself at the end. */
export interface Audit {
  waiting: number;
  /** All that live. */
  actors: Record<string, { status: string; context?: unknown }>;
  /** Tellers that have ended, with their output. */
  ended: Record<string, { output?: unknown }>;
  deadLetters: string[];
  /** What `checkJournal` says. */
  journalProblems: string[];
}

/** Everything there is to check, lives in order. */
export interface History {
  lives: readonly LifeNotes[];
  audit: Audit;
  balanceAtStart: number;
}

/** Orders to one actor. */
interface Orders {
  sent: number[];
  acked: Set<number>;
}

/** A tree that was spawned from outside: how far each wish is known to have come. */
interface Spawned {
  depth: number;
  isSpawned: boolean;
  stop: 'none' | 'begun' | 'done';
}

/** The history, read. */
export class Evidence {
  /** By receiver. */
  readonly orders = new Map<string, Orders>();
  /** What was spawned from outside, by path. */
  readonly spawned = new Map<string, Spawned>();
  /** Orders and wishes the system refused. */
  readonly refusals: string[] = [];
  /** What was wrong with the journal as it was killed. */
  readonly unsound: string[] = [];
  /** Orders that a process which lived never settled. */
  unsettled = 0;
  hostsKilled = 0;
  readonly audit: Audit;

  constructor(readonly history: History) {
    this.audit = history.audit;
    for (const { notes } of history.lives) for (const line of notes) this.read(line);
  }

  /** What an actor that lives has heard. */
  heardOf(path: string): Heard {
    return (this.audit.actors[path]?.context as { heard?: Heard } | undefined)?.heard ?? {};
  }

  /** The contexts of the living actors whose paths begin so, children left out. */
  contexts<Context>(prefix: string): [string, Context][] {
    return Object.entries(this.audit.actors)
      .filter(([path]) => path.startsWith(prefix) && !path.includes('/', 1))
      .map(([path, { context }]) => [path, context as Context]);
  }

  private read(line: string): void {
    const [word, path = '', number = '', ...rest] = line.split(' ');
    if (word === 'sent') this.ordersTo(path).sent.push(Number(number));
    else if (word === 'acked') this.ordersTo(path).acked.add(Number(number));
    else if (word === 'killed') this.hostsKilled += 1;
    else if (word === 'unsettled') this.unsettled += Number(path);
    else if (word === 'unsound') this.unsound.push(line.slice('unsound '.length));
    else if (word === 'refused') this.refusals.push(`${path} refused ${number}: ${rest.join(' ')}`);
    else if (word === 'spawning') this.wish(path).depth = Number(number);
    else if (word === 'spawned') this.wish(path).isSpawned = true;
    else if (word === 'stopping') this.wish(path).stop = 'begun';
    else if (word === 'stopped') this.wish(path).stop = 'done';
    else throw new Error(`a note that nobody writes: ${line}`);
  }

  private ordersTo(path: string): Orders {
    const known = this.orders.get(path);
    if (known !== undefined) return known;
    const orders: Orders = { sent: [], acked: new Set() };
    this.orders.set(path, orders);
    return orders;
  }

  private wish(path: string): Spawned {
    const known = this.spawned.get(path);
    if (known !== undefined) return known;
    const spawned: Spawned = { depth: 0, isSpawned: false, stop: 'none' };
    this.spawned.set(path, spawned);
    return spawned;
  }
}
