/**
 * Who lives how, and dies where: every choice of a run, from its seed.
 *
 *   F1  The same seed and settings give the same lives and deaths. What the machine decides is only the instant that
 *       "23 ms later" falls on, so a seed repeats the plan, and nearly always the failure.
 *   F2  Half of the lives are to end at a failpoint. Failpoints are dealt like cards: each comes once before any
 *       comes again.
 *
 * Where threads are to die and not the process, `faults.ts` deals.
 */
import { type FailpointName, failpointNames } from '../../src/core/failpoint.js';
import { type Random, seededRandom } from '../../src/core/random.js';
import { FaultDeck } from './faults.js';
import type { Durability, Life } from './life.js';

/** What is to die: the process, or host threads in a process that lives. */
export type Victims = 'kills' | 'faults';

/**
 * Where to kill. `failpoint`: when a thread reaches it for the count-th time, at once or when it has stalled there
 * while the others went on; if none has some time after the start, then and there. `starting`: at a part of the time
 * that a start usually takes. `working`: some time after the system was open.
 */
export type Death =
  | { how: 'failpoint'; at: FailpointName; count: number; stalls: boolean }
  | { how: 'starting'; part: number }
  | { how: 'working'; afterMs: number }
  /** By its own hand, if at all: it ends when its faults are done. */
  | { how: 'itself'; isKilled: boolean };

/** A life with its death. */
export interface Fate {
  life: Omit<Life, 'folder' | 'isOpened'>;
  death: Death;
  /** What the child finds in `TROUPE_FAILPOINT`. */
  failpoint: string | undefined;
}

/** One journal of a torture. */
export interface JournalPlan {
  /** From 1. */
  number: number;
  seed: number;
  /** Of processes, or of host threads. */
  deaths: number;
}

/** The most deaths one journal is given. */
const deathsPerJournalMax = 250;

/** The most often a failpoint is passed before it kills. */
const countMax = 30;

/** Divide deaths among journals: two at least, so that two processors have something to do. */
export function journalPlans(deaths: number, seed: number): JournalPlan[] {
  const count = Math.min(deaths, Math.max(2, Math.ceil(deaths / deathsPerJournalMax)));
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    seed: seed * 1_000_003 + (index + 1) * 10_007,
    deaths: Math.floor(((index + 1) * deaths) / count) - Math.floor((index * deaths) / count),
  }));
}

/** Deals the lives of one journal. */
export class Fates {
  private readonly random: Random;
  private readonly faults: FaultDeck;
  private deck: FailpointName[] = [];
  private count = 0;
  private hosts = 1;

  /**
   * @param hostsMax the most host threads a life has
   * @param deaths how many threads are to die in this journal, where threads are to die
   */
  constructor(
    private readonly seed: number,
    private readonly durability: Durability,
    private readonly hostsMax: number,
    private readonly victims: Victims = 'kills',
    deaths = 0,
  ) {
    this.random = seededRandom(seed);
    this.faults = new FaultDeck(this.random, deaths);
  }

  /** The next life and how it ends. */
  next(): Fate {
    if (this.victims === 'faults') return this.faulty();
    const killsHosts = this.random() < 0.1;
    const inspects = this.random() < 0.1;
    const death = this.death(killsHosts);
    return {
      life: this.life({ killsHosts, inspects, audits: false }),
      death,
      failpoint: this.failpoint(death, killsHosts),
    };
  }

  /** A life in which threads die. */
  private faulty(): Fate {
    const life = this.life({ killsHosts: false, inspects: this.random() < 0.2, audits: false });
    const faults = this.faults.plan(life.hosts);
    return {
      life: { ...life, faults },
      death: { how: 'itself', isKilled: faults.dies !== undefined },
      failpoint: undefined,
    };
  }

  /** The last life, which is to find out. */
  auditor(): Fate['life'] {
    return this.life({ killsHosts: false, inspects: true, audits: true });
  }

  private life(how: Pick<Life, 'killsHosts' | 'inspects' | 'audits'>): Fate['life'] {
    this.count += 1;
    // Now and then another number of hosts, of which one is the most frequent: each costs a start.
    const changes = this.victims === 'faults' ? 0.7 : 0.3;
    if (this.random() < changes) this.hosts = this.random() < 0.5 ? 1 : this.upTo(this.hostsMax);
    return {
      ...how,
      faults: undefined,
      hasSaboteurs: this.victims === 'faults',
      number: this.count,
      seed: this.seed + this.count,
      durability: this.durability,
      hosts: this.hosts,
      checkpointBytes: this.random() < 0.5 ? 65_536 : 2 ** 22,
    };
  }

  private death(killsHosts: boolean): Death {
    const dice = this.random();
    if (dice < 0.5) {
      const at = this.draw();
      const isOnce = at.startsWith('recovery') || this.random() < 0.3;
      return { how: 'failpoint', at, count: isOnce ? 1 : this.upTo(countMax), stalls: this.random() < 0.7 };
    }
    if (dice < 0.65) return { how: 'starting', part: 0.4 + this.random() * 0.7 };
    return { how: 'working', afterMs: this.random() * (killsHosts || dice > 0.95 ? 400 : 100) };
  }

  /** The failpoint the process is to die at; or one at which a host thread is to. */
  private failpoint(death: Death, killsHosts: boolean): string | undefined {
    if (death.how === 'failpoint') return `${death.at}:${death.stalls ? 'stall' : 'kill'}:${death.count}`;
    if (!killsHosts || this.random() < 0.5) return undefined;
    const names = failpointNames.filter((name) => /^(host|turn)\./.test(name));
    return `${this.pick(names)}:exit:${this.upTo(20)}`;
  }

  private draw(): FailpointName {
    if (this.deck.length === 0) this.deck = [...failpointNames];
    const at = Math.floor(this.random() * this.deck.length);
    return this.deck.splice(at, 1)[0] as FailpointName;
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }

  private upTo(max: number): number {
    return 1 + Math.floor(this.random() * max);
  }
}
