/**
 * The journal's own time: the machine's clock, except that it never goes back. A machine's clock does, when it is set,
 * or when the machine starts with a wrong one.
 *
 * T1  Times of log records never go back, in one journal, over all its processes.
 * T2  Timers do not ask here: they are due when the machine's clock says so, and so never early by it. One that was
 *     set before the clock went back is late by as much.
 */
import type { Clock } from '../core/clock.js';
import { limits } from '../core/limits.js';

/** See the file's header. */
export class JournalTime {
  private isBehind = false;

  /** @param last the time of the journal's last record, in milliseconds since 1970; 0 for a new journal */
  constructor(
    private readonly clock: Clock,
    private last: number,
  ) {}

  /** T1, in milliseconds since 1970. */
  now(): number {
    this.last = Math.max(this.last, this.clock.now());
    return this.last;
  }

  /**
   * How far the clock stands behind the journal, in milliseconds: told once each time it has gone back by more than
   * clocks are usually corrected by; else undefined.
   */
  newlyBehindMs(): number | undefined {
    const behindMs = this.last - this.clock.now();
    const wasBehind = this.isBehind;
    this.isBehind = behindMs > (wasBehind ? 0 : limits.clockBackMsTolerated);
    return this.isBehind && !wasBehind ? behindMs : undefined;
  }
}
