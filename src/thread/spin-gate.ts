/**
 * Whether a thread that has nothing to do looks at its bell for a moment before it sleeps. To be woken takes 50 to
 * 120 us, and whoever wakes it 30; a look that finds something takes one. But who looks holds a core.
 *
 * S1  Nobody looks unless waits follow each other closely.
 * S2  Looking is paid for. A look costs its length, and one that is answered earns what a wake-up would have taken.
 *     What is lost that way is made up by a tenth of the time that passes, so looks that nobody answers take a tenth
 *     of a core at most, whatever the traffic is.
 * S3  Two threads that sleep both would find for ever that the other one has to be woken first. So who has saved up
 *     enough looks for longer than a wake-up takes. The other one, too, does that now and then; when both do, each
 *     answers at once, and from then on short looks suffice.
 * S4  A few looks in vain, when one of the two was held up, do not end it.
 */
import { availableParallelism } from 'node:os';
import { limits } from '../core/limits.js';

/** Settings of a gate. Times in microseconds. */
export interface SpinOptions {
  /** How long a look takes at least before it gives up. */
  lookUs: number;
  /** How long it takes at most: longer than it takes to wake a thread and to be answered by it. */
  lookUsMax: number;
  /** What a look earns that is answered: the time to wake a thread. */
  wakeUs: number;
  /** Waits that begin less than this apart on average follow closely. */
  denseGapUs: number;
}

/** Weight of the newest wait in the averages. */
const weight = 1 / 8;

/** Of the time that passes, so much may be looked in vain. */
const vainShare = 1 / 10;

/** So many of the longest looks can be saved up. */
const savedLooks = 2;

/** One thread's gate. It knows no clock: times are handed in, in milliseconds. */
export class SpinGate {
  readonly #lookMs: number;
  readonly #lookMsMax: number;
  readonly #wakeMs: number;
  readonly #denseGapMs: number;
  #lastWaitMs = Number.NEGATIVE_INFINITY;
  #gapMs: number;
  #answerMs: number;
  #savedMs: number;

  constructor({ lookUs, lookUsMax, wakeUs, denseGapUs }: SpinOptions) {
    this.#lookMs = lookUs / 1_000;
    this.#lookMsMax = lookUsMax / 1_000;
    this.#wakeMs = wakeUs / 1_000;
    this.#denseGapMs = denseGapUs / 1_000;
    this.#gapMs = 2 * this.#denseGapMs;
    this.#answerMs = this.#lookMsMax;
    this.#savedMs = 0;
  }

  /**
   * A wait begins.
   * @returns how long to look before sleeping, in milliseconds; 0: sleep at once
   */
  begins(nowMs: number): number {
    // One pause counts as twice the limit at most, so that it does not hide a burst for long.
    const gapMs = Math.min(nowMs - this.#lastWaitMs, 2 * this.#denseGapMs);
    this.#lastWaitMs = nowMs;
    this.#gapMs += (gapMs - this.#gapMs) * weight;
    this.#save(gapMs * vainShare);
    if (this.#gapMs >= this.#denseGapMs) return 0;
    const lookMs = Math.max(this.#lookMs, Math.min(2 * this.#answerMs, this.#lookMsMax));
    return this.#savedMs >= lookMs ? lookMs : 0;
  }

  /** The look is over. @param lookedMs how long it took @param isAnswered the bell rang meanwhile */
  looked(lookedMs: number, isAnswered: boolean): void {
    this.#save((isAnswered ? this.#wakeMs : 0) - lookedMs);
    // In vain: that long a look was too short.
    const answerMs = isAnswered ? lookedMs : 2 * lookedMs;
    this.#answerMs += (answerMs - this.#answerMs) * weight;
  }

  #save(ms: number): void {
    this.#savedMs = Math.min(this.#savedMs + ms, savedLooks * this.#lookMsMax);
  }
}

/** A thread's gate. @returns undefined with one core, where a look only keeps the other thread from running */
export function newSpinGate(): SpinGate | undefined {
  return availableParallelism() < 2 ? undefined : new SpinGate(limits.spin);
}
