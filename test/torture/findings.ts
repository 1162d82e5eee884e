/** What the checks count and complain about. */

/** How much was checked, and what is wrong. */
export interface Account {
  /** Orders from outside: acknowledged, not acknowledged, and of these handled all the same. */
  acked: number;
  unacked: number;
  unackedHandled: number;
  /** Messages from actor to actor, and fan-ins that are complete. */
  passed: number;
  gathered: number;
  /** Timers that were set. */
  timers: number;
  /** Effects with a result, and how often they ran. */
  effects: number;
  effectRuns: number;
  /** Actors that live, and actors that were spawned and have ended. */
  living: number;
  ended: number;
  /** Host threads that were killed in living processes, as far as they were noted. */
  hostsKilled: number;
  /** Messages of saboteurs that took their thread along as often as they might, and what that came to. */
  givenUp: number;
  attempts: number;
  /** Threads that died of what a saboteur had begun. */
  words: number;
  /** Complaints: something missing, something twice, something out of order, an actor that should not be. */
  lost: number;
  doubled: number;
  disordered: number;
  orphans: number;
  /** Somebody was charged who is innocent, or the guilty one was not. */
  misjudged: number;
  complaints: string[];
}

/** Collects them. */
export class Findings {
  readonly account: Account = {
    acked: 0,
    unacked: 0,
    unackedHandled: 0,
    passed: 0,
    gathered: 0,
    timers: 0,
    effects: 0,
    effectRuns: 0,
    living: 0,
    ended: 0,
    hostsKilled: 0,
    givenUp: 0,
    attempts: 0,
    words: 0,
    lost: 0,
    doubled: 0,
    disordered: 0,
    orphans: 0,
    misjudged: 0,
    complaints: [],
  };

  /** Something is wrong. */
  complain(what: string): void {
    this.account.complaints.push(what);
  }

  /** Something is missing. */
  lose(what: string): void {
    this.account.lost += 1;
    this.complain(what);
  }

  /** Something is there twice. */
  double(what: string): void {
    this.account.doubled += 1;
    this.complain(what);
  }

  /** An actor is there that nobody planned, or whose parent has ended. */
  orphan(what: string): void {
    this.account.orphans += 1;
    this.complain(what);
  }

  /** Somebody was charged who is innocent, or somebody guilty was not. */
  misjudge(what: string): void {
    this.account.misjudged += 1;
    this.complain(what);
  }

  /** No number twice, none behind a greater one. */
  order(path: string, from: string, heard: readonly number[]): void {
    for (const n of repeated(heard)) this.double(`${path} handled ${n} of ${from} more than once`);
    heard.forEach((n, index) => {
      const before = heard[index - 1];
      if (before === undefined || before <= n) return;
      this.account.disordered += 1;
      this.complain(`${path} handled ${n} of ${from} after ${before}`);
    });
  }
}

/** Whatever occurs more than once, as often as it does too much. */
export function repeated<T>(items: readonly T[]): T[] {
  const seen = new Set<T>();
  return items.filter((item) => seen.size === seen.add(item).size);
}
