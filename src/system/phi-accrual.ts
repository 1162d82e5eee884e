/**
 * How sure one can be that somebody has died who used to give signs of life: the accrual failure detector of
 * Hayashibara et al. (2004). `phi` is the negative logarithm of the chance that a sign is still to come, given how
 * regular they were: 1 means one suspicion in ten is wrong, 8 one in a hundred million. It knows no clock.
 *
 * PA1  Before any sign there is a guess, so that phi has a meaning from the beginning.
 * PA2  However regular the signs were, their spread counts as `spreadMsMin` at least.
 */

/** What is taken for granted about the signs. */
export interface PhiOptions {
  /** The time between two signs, as long as none has come, in milliseconds. */
  intervalMsGuess: number;
  /** The least standard deviation, in milliseconds. */
  spreadMsMin: number;
  /** How many of the last intervals count. */
  windowSize: number;
}

/** See the file's header. */
export class PhiAccrual {
  private readonly intervals: number[] = [];
  private next = 0;
  private sum = 0;
  private sumOfSquares = 0;

  constructor(private readonly options: PhiOptions) {
    // PA1: two intervals that lie around the guess.
    this.sign(options.intervalMsGuess - options.spreadMsMin);
    this.sign(options.intervalMsGuess + options.spreadMsMin);
  }

  /** There was a sign. @param intervalMs the time since the one before, in milliseconds */
  sign(intervalMs: number): void {
    const old = this.intervals[this.next];
    if (old !== undefined) {
      this.sum -= old;
      this.sumOfSquares -= old * old;
    }
    this.intervals[this.next] = intervalMs;
    this.sum += intervalMs;
    this.sumOfSquares += intervalMs * intervalMs;
    this.next = (this.next + 1) % this.options.windowSize;
  }

  /** How suspicious it is that nothing came for so long. @param silentMs since the last sign, in milliseconds */
  phi(silentMs: number): number {
    const count = this.intervals.length;
    const mean = this.sum / count;
    const variance = Math.max(0, this.sumOfSquares / count - mean * mean);
    const spread = Math.max(this.options.spreadMsMin, Math.sqrt(variance));
    return -Math.log10(chanceBeyond((silentMs - mean) / spread));
  }
}

/** The chance that a normal variable is more than `z` deviations above its mean; never 0. */
function chanceBeyond(z: number): number {
  // The logistic curve follows the normal one closely (Bowling et al., 2009) and, unlike it, has a closed form.
  return Math.max(Number.MIN_VALUE, 1 / (1 + Math.exp(z * (1.5976 + 0.070566 * z * z))));
}
