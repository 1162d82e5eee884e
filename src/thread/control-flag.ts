/**
 * Lets a thread that sleeps in `Bell.waitSync` be called through a message port, which needs its event loop.
 * The flag counts calls that were posted and not yet answered; while it is up the thread's loop sleeps with its
 * event loop free.
 *
 *   for (;;) {
 *     const waitMs = work(); // 0 when there is more to do
 *     if (flag.isUp) await flag.turn(waitMs);
 *     else bell.waitSync(waitMs);
 *   }
 *
 * F1  A caller raises the flag and rings the bell before it posts, so the loop, once awake, finds it up.
 * F2  It goes down only after the answer was posted, so the loop does not fall asleep on a call.
 * F3  A caller that dies between raising and posting leaves the flag up. The loop still works, a little slower.
 */
import type { Bell } from './bell.js';

/** Shared memory for a flag, handed to each thread by structured clone. */
export function createControlFlagMemory(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(64));
}

/** One thread's handle on a control flag. */
export class ControlFlag {
  readonly #count: Int32Array;
  readonly #bell: Bell;

  /**
   * @param memory from `createControlFlagMemory`, the same on every thread
   * @param bell the bell of the thread that is called
   */
  constructor(memory: Int32Array, bell: Bell) {
    this.#count = memory;
    this.#bell = bell;
  }

  /** Is a call waiting or running? */
  get isUp(): boolean {
    return Atomics.load(this.#count, 0) > 0;
  }

  /** For the caller: a call is about to be posted (F1). */
  raise(): void {
    Atomics.add(this.#count, 0, 1);
    this.#bell.ring();
  }

  /** The call was answered, or never posted. Rings, so that the loop looks at the flag again. */
  settle(): void {
    Atomics.sub(this.#count, 0, 1);
    this.#bell.ring();
  }

  /**
   * For the called thread's loop, while the flag is up: give the event loop a full turn, then sleep until the
   * bell rings (new work, a new call, or an answer given).
   * @param waitMs how long to sleep at most, in milliseconds: until the loop's next timer, or 0 when it has work
   * left for which no bell will ring. Default for ever
   */
  async turn(waitMs: number = Number.POSITIVE_INFINITY): Promise<void> {
    // A bell that has rung resolves its wait at once: without this turn, dense traffic would starve the calls.
    await new Promise((resolve) => setImmediate(resolve));
    if (waitMs > 0 && this.isUp) await this.#bell.wait(waitMs);
  }
}
