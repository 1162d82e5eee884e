/**
 * How a thread that works in its event loop, but not by its events, lets others run: after each piece of work those
 * who waited for it, and every `loopTurnMs` the event loop itself, which promises alone would starve.
 */
import { limits } from '../core/limits.js';

/** One thread's turns. */
export class LoopTurns {
  #turnedMs = performance.now();

  /**
   * Call it when a promise has woken you. Resolved when whoever waits for what is settled now has run, and whom they
   * woke; every `loopTurnMs` not before the event loop had a turn.
   */
  letRun(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#turnedMs < limits.loopTurnMs) return new Promise<void>(process.nextTick);
    this.#turnedMs = nowMs;
    return new Promise((resolve) => setImmediate(resolve));
  }
}
