/** What the outside knows of a run (notes and ledgers), and what the system says of itself at the end. */
import type { Heard } from './fixtures/heard.js';

/** What one life of the process wrote down. */
export interface LifeNotes {
  /**
   * Lines `sent|acked <path> <n> [what]`, `spawning <path> [depth]`, `spawned|stopping|stopped <path>`,
   * `refused <path> <n> <why>`, `killed host-<index>`, `unsound <what>`, `unsettled <count>`;
   * where threads die, `began <hosts>`, `fell <kind of fault>`, and `rested` when the life has ended orderly;
   * `again <why>` is for people.
   */
  notes: readonly string[];
  /** Lines `run <effectId> <n> <mark>`, `recorded <clerk> <count>`, `settled <effectId>`, `act <path> <n> <kind>`. */
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
  /** What saboteurs had to give up: the message's number, `word` of what they had begun, or what else it was. */
  givenUp: { path: string; what: number | 'word' | string }[];
  /** Everybody's failures, in the order they were decided about. */
  failures: FailureSeen[];
  /** What `checkJournal` says. */
  journalProblems: string[];
}

/** A failure that is on record. */
export interface FailureSeen {
  path: string;
  /** The message: its number and what it was to do, where it has them. */
  n?: number | undefined;
  act?: string | undefined;
  code: string;
  error: string;
  attempts: number;
  decision: string;
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
  /** What a saboteur was told to do. */
  acts: Map<number, string>;
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
  /** Deaths of host threads were noted. */
  seesFalls = false;
  /** How they were seen to die. */
  readonly falls = new Map<string, number>();
  /** Threads of processes that were killed: how they ended is not on record, nor whom they might have run. */
  cutShort = 0;
  readonly audit: Audit;
  /** Host threads of the life that is being read, until it has come to its rest. */
  private begun = 0;

  constructor(readonly history: History) {
    this.audit = history.audit;
    for (const { notes } of history.lives) {
      for (const line of notes) this.read(line);
      this.cutShort += this.begun;
      this.begun = 0;
    }
  }

  /** What an actor that lives has heard. */
  heardOf(path: string): Heard {
    return (this.audit.actors[path]?.context as { heard?: Heard } | undefined)?.heard ?? {};
  }

  /** The numbers of the messages a saboteur had to give up. */
  givenUpBy(path: string): number[] {
    return this.audit.givenUp.flatMap((each) =>
      each.path === path && typeof each.what === 'number' ? [each.what] : [],
    );
  }

  /** The contexts of the living actors whose paths begin so, children left out. */
  contexts<Context>(prefix: string): [string, Context][] {
    return Object.entries(this.audit.actors)
      .filter(([path]) => path.startsWith(prefix) && !path.includes('/', 1))
      .map(([path, { context }]) => [path, context as Context]);
  }

  private read(line: string): void {
    const [word, path = '', number = '', ...rest] = line.split(' ');
    if (word === 'sent') this.sent(path, Number(number), rest[0]);
    else if (word === 'acked') this.ordersTo(path).acked.add(Number(number));
    else if (word === 'killed') this.hostsKilled += 1;
    else if (word === 'fell') this.falls.set(path, (this.falls.get(path) ?? 0) + 1);
    else if (word === 'began') this.begin(Number(path));
    else if (word === 'rested') this.begun = 0;
    else if (word === 'again') return;
    else if (word === 'unsettled') this.unsettled += Number(path);
    else if (word === 'unsound') this.unsound.push(line.slice('unsound '.length));
    else if (word === 'refused') this.refusals.push(`${path} refused ${number}: ${rest.join(' ')}`);
    else if (word === 'spawning') this.wish(path).depth = Number(number);
    else if (word === 'spawned') this.wish(path).isSpawned = true;
    else if (word === 'stopping') this.wish(path).stop = 'begun';
    else if (word === 'stopped') this.wish(path).stop = 'done';
    else throw new Error(`a note that nobody writes: ${line}`);
  }

  private sent(path: string, n: number, act: string | undefined): void {
    const { sent, acts } = this.ordersTo(path);
    sent.push(n);
    if (act) acts.set(n, act);
  }

  private begin(hosts: number): void {
    this.seesFalls = true;
    this.begun = hosts;
  }

  private ordersTo(path: string): Orders {
    const known = this.orders.get(path);
    if (known !== undefined) return known;
    const orders: Orders = { sent: [], acts: new Map(), acked: new Set() };
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
