/**
 * Who lives how, and dies where: every choice of a run, from its seed.
 *
 *   F1  The same seed and settings give the same lives and deaths. What the machine decides is only the instant that
 *       "23 ms later" falls on, so a seed repeats the plan, and nearly always the failure.
 *   F2  Half of the lives are to end at a failpoint. Failpoints are dealt like cards: each comes once before any
 *       comes again.
 */
import { type FailpointName, failpointNames } from '../../src/core/failpoint.js';
import { type Random, seededRandom } from '../../src/core/random.js';
import type { Durability, Life } from './life.js';

/**
 * Where to kill. `failpoint`: when a thread reaches it for the count-th time, at once or when it has stalled there
 * while the others went on; if none has some time after the start, then and there. `starting`: at a part of the time
 * that a start usually takes. `working`: some time after the system was open.
 */
export type Death =
  | { how: 'failpoint'; at: FailpointName; count: number; stalls: boolean }
  | { how: 'starting'; part: number }
  | { how: 'working'; afterMs: number };

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
  kills: number;
}

/** The most lives one journal is given. */
const killsPerJournalMax = 250;

/** The most often a failpoint is passed before it kills. */
const countMax = 30;

/** Divide kills among journals: two at least, so that two processors have something to do. */
export function journalPlans(kills: number, seed: number): JournalPlan[] {
  const count = Math.min(kills, Math.max(2, Math.ceil(kills / killsPerJournalMax)));
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    seed: seed * 1_000_003 + (index + 1) * 10_007,
    kills: Math.floor(((index + 1) * kills) / count) - Math.floor((index * kills) / count),
  }));
}

/** Deals the lives of one journal. */
export class Fates {
  private readonly random: Random;
  private deck: FailpointName[] = [];
  private count = 0;
  private hosts = 1;

  /** @param hostsMax the most host threads a life has */
  constructor(
    private readonly seed: number,
    private readonly durability: Durability,
    private readonly hostsMax: number,
  ) {
    this.random = seededRandom(seed);
  }

  /** The next life and how it ends. */
  next(): Fate {
    const killsHosts = this.random() < 0.1;
    const inspects = this.random() < 0.1;
    const death = this.death(killsHosts);
    return {
      life: this.life({ killsHosts, inspects, audits: false }),
      death,
      failpoint: this.failpoint(death, killsHosts),
    };
  }

  /** The last life, which is to find out. */
  auditor(): Fate['life'] {
    return this.life({ killsHosts: false, inspects: true, audits: true });
  }

  private life(how: Pick<Life, 'killsHosts' | 'inspects' | 'audits'>): Fate['life'] {
    this.count += 1;
    // Now and then another number of hosts, of which one is the most frequent: each costs a start.
    if (this.random() < 0.3) this.hosts = this.random() < 0.5 ? 1 : this.upTo(this.hostsMax);
    return {
      ...how,
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
