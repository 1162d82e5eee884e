/**
 * The checks of the kill tests: a pure function from what the outside knows (notes and ledgers, written before and
 * after every acknowledgement) and what the actors say at the end, to a list of complaints.
 *
 *   A1  Every acknowledged message was handled exactly once, every other one at most once, none that was not sent.
 *   A2  One sender's messages to one receiver were handled in the order sent, without a gap within one life.
 *   A3  Transfers conserve money, and every credit one actor sent another was handled once and in order.
 *   A4  Every timer that was set rang once and not early, or was cancelled.
 *   A5  Every order for an effect has one result; the effect ran at least once, and never after its result was
 *       recorded; nothing ran that was not asked for.
 *   A6  No actor is lost, failed or quarantined; watchers were told of every end once.
 *   A7  No mail waits, nothing was refused, no dead letter.
 */
import type { AccountContext, BranchContext, ClerkContext, Heard, Runs } from './fixtures/bank.js';

/** What one life of the process wrote down. */
export interface LifeNotes {
  /** Lines `sent|acked|refused <path> <n>` and `spawned <path>`. */
  notes: readonly string[];
  /** Lines `run <effectId> <n>` and `recorded <clerk> <count>`. */
  ledger: readonly string[];
}

/** What the system says of itself at the end. */
export interface Audit {
  waiting: number;
  actors: Record<string, { status: string; context?: unknown }>;
  /** Actors that ended by themselves, with their output. */
  ended: Record<string, { output?: unknown }>;
  deadLetters: string[];
}

/** Everything there is to check, lives in order. */
export interface History {
  lives: readonly LifeNotes[];
  audit: Audit;
  balanceAtStart: number;
}

/** How much was checked, and what is wrong. */
export interface Account {
  acked: number;
  unacked: number;
  /** Unacknowledged messages that were handled all the same. */
  unackedHandled: number;
  credits: number;
  timers: number;
  effects: number;
  lost: number;
  doubled: number;
  disordered: number;
  complaints: string[];
}

const outside = 'outside';
const numbersPerLife = 1_000_000;

/** Check a history. */
export function account(history: History): Account {
  const auditor = new Auditor(history);
  auditor.checkOutside();
  auditor.checkMoney();
  auditor.checkTimers();
  auditor.checkEffects();
  auditor.checkActors();
  return auditor.result;
}

interface Sent {
  sent: number[];
  acked: Set<number>;
}

class Auditor {
  readonly result: Account = {
    acked: 0,
    unacked: 0,
    unackedHandled: 0,
    credits: 0,
    timers: 0,
    effects: 0,
    lost: 0,
    doubled: 0,
    disordered: 0,
    complaints: [],
  };
  private readonly told = new Map<string, Sent>();
  private readonly spawned = new Set<string>();

  constructor(private readonly history: History) {
    for (const { notes } of history.lives) for (const line of notes) this.readNote(line);
  }

  /** A1 and A2, for what came from outside. */
  checkOutside(): void {
    for (const [path, { sent, acked }] of this.told) {
      const heard = numbers(this.heardOf(path)[outside]);
      this.checkOrder(path, outside, heard);
      const handled = new Set(heard);
      const known = new Set(sent);
      for (const n of handled) if (!known.has(n)) this.complain(`${path} handled ${n}, which nobody sent`);
      for (const n of acked) if (!handled.has(n)) this.lose(`${path} never handled ${n}, which was acknowledged`);
      this.result.acked += acked.size;
      this.result.unacked += sent.length - acked.size;
      this.result.unackedHandled += sent.filter((n) => handled.has(n) && !acked.has(n)).length;
      for (const n of handled) {
        const isFirst = n % numbersPerLife === 1;
        if (!isFirst && !handled.has(n - 1))
          this.lose(`${path} handled ${n} without ${n - 1} of the same life before it`);
      }
    }
  }

  /** A3 */
  checkMoney(): void {
    const accounts = this.contexts<AccountContext>('/account-');
    let total = 0;
    for (const [from, { balance, sent }] of accounts) {
      total += balance;
      for (const [to, count] of Object.entries(sent)) {
        const heard = numbers(this.heardOf(to)[from]);
        this.checkOrder(to, from, heard);
        this.result.credits += count;
        if (new Set(heard).size < count) this.lose(`${to} handled ${heard.length} of ${count} credits of ${from}`);
        if (heard.some((n) => n > count)) this.complain(`${to} handled credits that ${from} never sent`);
      }
    }
    for (const [to, { heard }] of accounts) {
      for (const from of Object.keys(heard)) {
        const isKnown =
          from === outside || accounts.some(([path, { sent }]) => path === from && sent[to] !== undefined);
        if (!isKnown) this.complain(`${to} handled credits that ${from} never sent`);
      }
    }
    const expected = accounts.length * this.history.balanceAtStart;
    if (total !== expected) this.complain(`the accounts hold ${total} and not ${expected}`);
  }

  /** A4 */
  checkTimers(): void {
    for (const [path, { set, rang, early, cancelled }] of this.contexts<AccountContext>('/account-')) {
      this.result.timers += set.length;
      const outcomes = [...rang, ...cancelled];
      for (const n of repeated(outcomes)) this.double(`timer ${n} of ${path} rang twice, or after it was cancelled`);
      for (const n of set) if (!outcomes.includes(n)) this.lose(`timer ${n} of ${path} never rang`);
      for (const n of outcomes) if (!set.includes(n)) this.complain(`timer ${n} of ${path} rang and was never set`);
      for (const n of early) this.complain(`timer ${n} of ${path} rang early`);
    }
  }

  /** A5 */
  checkEffects(): void {
    const clerks = this.contexts<ClerkContext>('/clerk-');
    const applied = new Map<string, number>();
    for (const [path, clerk] of clerks) {
      this.result.effects += clerk.applied.length;
      const results = clerk.applied.map(({ n }) => n);
      for (const n of repeated(results)) this.double(`${path} applied the result of ${n} twice`);
      const ordered = numbers(clerk.heard[outside]);
      const missing = ordered.filter((n) => !results.includes(n));
      for (const n of missing) this.lose(`${path} never applied a result of ${n}`);
      for (const n of results) if (!ordered.includes(n)) this.complain(`${path} applied a result of ${n}, not ordered`);
      for (const { effectId, n } of clerk.applied) {
        if (applied.has(effectId)) this.double(`two results have the id ${effectId}`);
        applied.set(effectId, n);
      }
    }
    this.checkLedgers(applied, new Map(clerks));
  }

  /** A6 and A7 */
  checkActors(): void {
    const { actors, ended, waiting, deadLetters } = this.history.audit;
    for (const path of this.spawned) if (actors[path] === undefined) this.lose(`${path} was spawned and is not there`);
    for (const [path, { status }] of Object.entries(actors)) {
      if (status !== 'running') this.complain(`${path} is ${status}`);
    }
    for (const [branch, context] of this.contexts<BranchContext>('/branch')) {
      if (context.opened === undefined) continue;
      for (const n of repeated(context.opened)) this.double(`${branch} opened teller ${n} twice`);
      for (const path of repeated(context.ended)) this.double(`${branch} was told twice of the end of ${path}`);
      for (const n of context.opened) this.checkTeller(branch, n, context.ended);
    }
    if (waiting !== 0) this.complain(`${waiting} messages still wait`);
    for (const letter of deadLetters) this.complain(`dead letter: ${letter}`);
    for (const path of Object.keys(ended)) {
      if (actors[path] !== undefined) this.complain(`${path} has ended and lives`);
    }
  }

  /** A teller greeted with an odd number has ended and its branch knows; the others live. */
  private checkTeller(branch: string, n: number, told: readonly string[]): void {
    const path = `${branch}/teller-${n}`;
    const { actors, ended } = this.history.audit;
    const heard = (ended[path]?.output ?? (actors[path]?.context as { heard?: Heard } | undefined)?.heard) as Heard;
    if (heard === undefined) return this.lose(`${path} was spawned and is not there`);
    const greetings = numbers(heard[branch]);
    if (greetings.length > 1) this.double(`${path} was greeted ${greetings.length} times`);
    if (greetings[0] !== n) this.lose(`${path} was not greeted with ${n}`);
    if (n % 2 === 0) return;
    if (ended[path] === undefined) this.complain(`${path} should have ended`);
    if (!told.includes(path)) this.lose(`${branch} was never told of the end of ${path}`);
  }

  private checkLedgers(applied: ReadonlyMap<string, number>, clerks: ReadonlyMap<string, ClerkContext>): void {
    const ran = new Set<string>();
    const recorded = new Set<string>();
    for (const line of this.history.lives.flatMap(({ ledger }) => ledger)) {
      const [word, name = '', number] = line.split(' ');
      if (word === 'recorded') {
        for (const { effectId } of clerks.get(name)?.applied.slice(0, Number(number)) ?? []) recorded.add(effectId);
        continue;
      }
      if (recorded.has(name)) this.double(`${name} ran again after its result was recorded`);
      if (applied.get(name) !== Number(number)) this.complain(`${name} ran for ${number} and has no result`);
      ran.add(name);
    }
    for (const effectId of applied.keys()) if (!ran.has(effectId)) this.lose(`${effectId} has a result and never ran`);
  }

  /** No number twice, none behind a greater one. */
  private checkOrder(path: string, from: string, heard: readonly number[]): void {
    for (const n of repeated(heard)) this.double(`${path} handled ${n} of ${from} more than once`);
    heard.forEach((n, index) => {
      const before = heard[index - 1];
      if (before === undefined || before <= n) return;
      this.result.disordered += 1;
      this.complain(`${path} handled ${n} of ${from} after ${before}`);
    });
  }

  private readNote(line: string): void {
    const [word, path = '', number, ...rest] = line.split(' ');
    if (word === 'spawned') {
      this.spawned.add(path);
      return;
    }
    const told = this.told.get(path) ?? { sent: [], acked: new Set() };
    this.told.set(path, told);
    if (word === 'sent') told.sent.push(Number(number));
    else if (word === 'acked') told.acked.add(Number(number));
    else this.complain(`${path} refused ${number}: ${rest.join(' ')}`);
  }

  private heardOf(path: string): Heard {
    return (this.history.audit.actors[path]?.context as { heard?: Heard } | undefined)?.heard ?? {};
  }

  private contexts<Context>(prefix: string): [string, Context][] {
    const entries = Object.entries(this.history.audit.actors);
    return entries.filter(([path]) => path.startsWith(prefix)).map(([path, { context }]) => [path, context as Context]);
  }

  private lose(what: string): void {
    this.result.lost += 1;
    this.complain(what);
  }

  private double(what: string): void {
    this.result.doubled += 1;
    this.complain(what);
  }

  private complain(what: string): void {
    this.result.complaints.push(what);
  }
}

/** The numbers of a list of runs. */
function numbers(runs: Runs | undefined): number[] {
  return (runs ?? []).flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
}

/** Whatever occurs more than once. */
function repeated<T>(items: readonly T[]): T[] {
  const seen = new Set<T>();
  return items.filter((item) => seen.size === seen.add(item).size);
}
