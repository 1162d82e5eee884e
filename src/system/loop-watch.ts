/**
 * Notices that the main thread is held up: whoever blocks it, a program's own code usually, keeps refs, supervision of
 * threads and everybody else on it waiting. It can only say so afterwards. (A clock that is set forward looks the same,
 * once.)
 */
import type { Clock, ClockTimer } from '../core/clock.js';
import { limits } from '../core/limits.js';

/** See the file's header. */
export class LoopWatch {
  /** By how much the last look came late, in milliseconds; 0: it came in time. */
  lateMs = 0;
  private lookedAt = 0;
  private timer: ClockTimer | undefined;

  /** @param onChange it is late, or in time again */
  constructor(
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {}

  /** Begin to look. */
  start(): void {
    this.lookedAt = this.clock.now();
    this.timer = this.clock.after(limits.loopLookMs, () => this.look());
  }

  /** Look no more. */
  stop(): void {
    this.timer?.cancel();
  }

  private look(): void {
    const lateMs = this.clock.now() - this.lookedAt - limits.loopLookMs;
    const before = this.lateMs;
    this.lateMs = lateMs > limits.loopLateMsMax ? lateMs : 0;
    this.start();
    if (before > 0 !== this.lateMs > 0) this.onChange();
  }
}
