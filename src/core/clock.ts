/**
 * Time as the kernel sees it. Everything that needs the time takes a `Clock`; nothing
 * calls `Date.now()` or `setTimeout` itself, so a test can own time (`testing/test-clock.ts`).
 */

/** A handle for a wake-up that has not happened yet. */
export interface ClockTimer {
  /** Forget the wake-up. Harmless when it has already happened. */
  cancel(): void;
}

/** Wall time in milliseconds since 1970, and wake-ups. */
export interface Clock {
  /** Milliseconds since the epoch. May jump when the machine's clock is set. */
  now(): number;
  /**
   * Call `wake` once, no earlier than `delayMs` from now. The handle does not keep the
   * process alive. Any delay is allowed: delays beyond Node's timer limit are cut in pieces.
   */
  after(delayMs: number, wake: () => void): ClockTimer;
}

/** Node's timers hold 31 bits of milliseconds; a longer delay fires at once. */
const nodeTimerMsMax = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, wake) {
    const due = Date.now() + delayMs;
    let handle: NodeJS.Timeout;
    const arm = () => {
      const left = due - Date.now();
      handle = left > nodeTimerMsMax ? setTimeout(arm, nodeTimerMsMax) : setTimeout(wake, Math.max(0, left));
      handle.unref();
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  },
};
