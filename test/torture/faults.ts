/**
 * What takes a host thread along while the process lives, and who gets to do it: every choice from the seed.
 *
 *   F3  Kinds are dealt like cards: each comes once before any comes again.
 */
import { failpointNames } from '../../src/core/failpoint.js';
import type { Random } from '../../src/core/random.js';

/** What ends the thread while the message is handled: each attempt costs a thread, then the message is given up. */
export const fatalKinds = ['exit', 'hoard', 'loop', 'block'] as const;
/** What ends the thread after the message was handled. The message is not tried again. */
export const lateKinds = ['reject', 'throwLater', 'exitLater'] as const;
/** Failpoints of hosts. */
const hostPlaces = failpointNames.filter((name) => /^(host|turn)\./.test(name));

/** What the message of a saboteur does. */
export type ActKind = (typeof fatalKinds)[number] | (typeof lateKinds)[number];
/** How a host thread was seen to die. `other`: in no way that was planned. */
export type FaultKind = ActKind | 'hung' | 'killed' | 'failpoint' | 'other';

/** A fault to come. */
export type FaultCard =
  | { kind: ActKind; saboteur: number; copies: number; delayMs: number }
  | { kind: 'killed'; host: number }
  | { kind: 'failpoint'; host: number; failpoint: string };

/** The faults of one life of the process. */
export interface FaultPlan {
  /** Each lane does one after the other; they do so at the same time, with different saboteurs. */
  lanes: FaultCard[][];
  /** The process is killed so long after the first lane has begun this card; undefined: it is stopped orderly. */
  dies: { card: number; afterMs: number } | undefined;
}

/** How many saboteurs there are in each lane. */
export const saboteursPerLane = 6;
/** Lanes of a life, at most. */
export const lanesMax = 2;
/** Attempts of a saboteur's message, by its index: 1 to 3. */
export function attemptsOf(saboteur: number): number {
  return 1 + (saboteur % 3);
}

/** What a thread says that was left by a saboteur, and how long an attempt blocks, in milliseconds. */
export const exitCodes = { exit: 70, exitLater: 71, failpoint: 1 } as const;
/** What a saboteur's promise is rejected with, and what its timer throws. */
export const lastWords = { reject: 'rejected, and nobody listens', throwLater: 'thrown, and nobody catches' } as const;

/** The most deaths of threads planned for one life, and the least; least of all where those planned did not happen. */
const deathsMax = 50;
const deathsMin = 20;
const deathsMore = 5;

/** Deals the faults of one journal's lives. */
export class FaultDeck {
  private deck: string[] = [];

  /** @param left how many threads are still to die */
  constructor(
    private readonly random: Random,
    private left: number,
  ) {}

  /** The faults of a life. */
  plan(hosts: number): FaultPlan {
    const goal = Math.min(Math.max(this.left, deathsMore), deathsMin + this.below(deathsMax - deathsMin + 1));
    const lanes: FaultCard[][] = Array.from({ length: 1 + this.below(lanesMax) }, () => []);
    for (let deaths = 0, dealt = 0; deaths < goal; dealt += 1) {
      const lane = dealt % lanes.length;
      const card = this.card(lane, hosts, goal - deaths);
      lanes[lane]?.push(card);
      deaths += deathsOf(card);
    }
    const { length } = lanes[0] as FaultCard[];
    // Not before half of it is done: each life costs a start.
    const last = Math.floor(length / 2) + this.below(Math.ceil(length / 2));
    const dies = this.random() < 0.5 ? { card: last, afterMs: this.below(400) } : undefined;
    const isDone = (index: number) => dies === undefined || index < dies.card;
    for (const card of lanes.flatMap((cards) => cards.filter((_, index) => isDone(index)))) this.left -= deathsOf(card);
    return { lanes, dies };
  }

  private card(lane: number, hosts: number, left: number): FaultCard {
    if (this.deck.length === 0) this.deck = [...fatalKinds, ...lateKinds, 'killed', ...hostPlaces];
    const drawn = this.deck.splice(this.below(this.deck.length), 1)[0] as string;
    if (drawn === 'killed') return { kind: 'killed', host: this.below(hosts) };
    if (drawn.includes('.')) {
      return { kind: 'failpoint', host: this.below(hosts), failpoint: `${drawn}:exit:${1 + this.below(20)}` };
    }
    const isFatal = fatalKinds.some((kind) => kind === drawn);
    const saboteur = lane * saboteursPerLane + this.below(saboteursPerLane);
    // Several at a time: which of them it was that killed the thread must still be told.
    const most = Math.max(1, Math.floor(left / attemptsOf(saboteur)));
    const copies = isFatal && this.random() < 0.25 ? Math.min(most, 2 + this.below(2)) : 1;
    return { kind: drawn as ActKind, saboteur, copies, delayMs: this.below(10) };
  }

  private below(max: number): number {
    return Math.floor(this.random() * max);
  }
}

/** How many threads a card costs. */
function deathsOf(card: FaultCard): number {
  if (card.kind === 'killed') return 1;
  // The one that is killed, and the one that takes its place and comes to the failpoint.
  if (card.kind === 'failpoint') return 2;
  return isFatal(card.kind) ? card.copies * attemptsOf(card.saboteur) : 1;
}

/** Does it end the thread while its message is handled? */
export function isFatal(kind: string): boolean {
  return fatalKinds.some((each) => each === kind);
}

/** Does it end the thread when its message has been handled? */
export function isLate(kind: string): boolean {
  return lateKinds.some((each) => each === kind);
}

/**
 * How a thread died.
 * @param why what the system said of it
 * @param act what the actor that was running was told to do last, if it is a saboteur
 */
export function faultOf(why: string, act: string | undefined): FaultKind {
  if (why === `exit with code ${exitCodes.exit}`) return 'exit';
  if (why === `exit with code ${exitCodes.exitLater}`) return 'exitLater';
  if (why === `exit with code ${exitCodes.failpoint}`) return 'failpoint';
  if (why === 'terminated') return 'killed';
  if (why.includes('heap limit')) return 'hoard';
  if (why.includes(lastWords.reject)) return 'reject';
  if (why.includes(lastWords.throwLater)) return 'throwLater';
  if (why.startsWith('it was at one message')) return act !== undefined && isFatal(act) ? (act as ActKind) : 'hung';
  return 'other';
}
