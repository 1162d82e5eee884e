/**
 * The double of `core/clock.ts`: time that stands still until a test moves it.
 *
 * What I own: the time, and who is to be woken when. What you own: when it moves.
 *
 * T1  Wake-ups come in the order of their due times; those due at the same time, in the order they were asked for.
 * T2  While a wake-up runs, `now` is its due time, never later.
 * T3  Nobody is woken by `after` itself, not even with a delay of 0.
 */
import type { Clock, ClockTimer } from '../core/clock.js';

interface WakeUp {
  dueAt: number;
  wake: () => void;
}

/** Where a test's time begins, unless it says otherwise: 2030-01-01T00:00:00Z. */
export const testTimeStart = 1_893_456_000_000;

/** See the file's header. */
export class TestClock implements Clock {
  private time: number;
  /** In the order of T1. */
  private readonly waiting: WakeUp[] = [];

  /** @param startAt milliseconds since 1970; default `testTimeStart` */
  constructor(startAt: number = testTimeStart) {
    this.time = startAt;
  }

  now(): number {
    return this.time;
  }

  after(delayMs: number, wake: () => void): ClockTimer {
    const wakeUp: WakeUp = { dueAt: this.time + Math.max(0, delayMs), wake };
    let at = this.waiting.length;
    while (at > 0 && (this.waiting[at - 1] as WakeUp).dueAt > wakeUp.dueAt) at -= 1;
    this.waiting.splice(at, 0, wakeUp);
    return {
      cancel: () => {
        const found = this.waiting.indexOf(wakeUp);
        if (found >= 0) this.waiting.splice(found, 1);
      },
    };
  }

  /** When the next wake-up is due, in milliseconds since 1970; undefined when none is asked for. */
  get nextWakeAt(): number | undefined {
    return this.waiting[0]?.dueAt;
  }

  /** How many wake-ups are asked for. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  /**
   * Let time pass, waking everybody who becomes due, also those who ask while it passes.
   * @param ms milliseconds, 0 or more
   */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`time goes forward: ${ms} ms`);
    this.advanceTo(this.time + ms);
  }

  /** The same, up to a moment in milliseconds since 1970. */
  advanceTo(end: number): void {
    for (let next = this.waiting[0]; next !== undefined && next.dueAt <= end; next = this.waiting[0]) {
      this.waiting.shift();
      this.time = Math.max(this.time, next.dueAt);
      next.wake();
    }
    this.time = Math.max(this.time, end);
  }

  /** Set the clock as a machine's clock is set: also backwards, waking nobody. */
  set(now: number): void {
    this.time = now;
  }
}
