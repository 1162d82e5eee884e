/**
 * A doorbell: one thread sleeps on it, any number of threads ring it. A bell carries no data; it says
 * "look again". One bell serves all the links a thread reads from.
 *
 * The bell owns one shared word with three values. Only the sleeper writes `quiet` and `asleep`; ringers
 * write `rung`:
 *
 *   quiet ──wait──> asleep ──ring (notify)──> rung ──wait returns──> quiet
 *     └────────ring (no notify)───────────────^
 *
 * B1  A wait returns only after it has set the word back to `quiet`. The sleeper looks for work *after* that.
 * B2  A ringer publishes its work *before* it rings.
 * B3  No wake-up is lost. Atomics are sequentially consistent, so all accesses to the word have one order:
 *     - `ring` finds `rung`: the sleeper has not reset the word since (B1), so it will still look after B2.
 *     - `ring` finds `quiet`: it leaves `rung`; the next wait finds it and does not sleep, because falling
 *       asleep is a compare-exchange from `quiet`.
 *     - `ring` finds `asleep`: it leaves `rung`, then notifies. `Atomics.wait` compares the word with `asleep`
 *       and queues itself in one step that excludes `notify`: either it sees `rung` and does not sleep, or it
 *       was queued before the notify and is woken by it.
 * B4  Ringing an already rung bell is one load: under traffic nobody pays for a system call.
 *
 * A ring may be for work that the sleeper has already seen; a wake-up is a hint, never a count.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { SpinGate } from './spin-gate.js';

const quiet = 0;
const asleep = 1;
const rung = 2;

/** The word has a cache line of its own, so ringing does not slow its neighbours. */
const bellBytes = 64;

/** How many looks at the word between two looks at the time. */
const looksPerTick = 32;

/** What a wait returns that need not sleep. */
const hasRung = Promise.resolve(true);

/** Settings of the sleeping side. */
export interface BellOptions {
  /** Decides when to look for a moment before sleeping. Default: never look. */
  gate?: SpinGate | undefined;
}

/** Shared memory for a bell, made by whoever starts the threads and handed to each by structured clone. */
export function createBellMemory(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(bellBytes));
}

/** One thread's handle on a bell. Ringers call `ring`; the one sleeper calls the rest. */
export class Bell {
  readonly #word: Int32Array;
  readonly #gate: SpinGate | undefined;
  #sleep: Promise<boolean> | undefined;
  #holder: { own: MessagePort; far: MessagePort } | undefined;

  /** @param memory from `createBellMemory`, the same on every thread */
  constructor(memory: Int32Array, options: BellOptions = {}) {
    this.#word = memory;
    this.#gate = options.gate;
  }

  /** The shared memory, to hand to another thread. */
  get memory(): Int32Array {
    return this.#word;
  }

  /** Wake the sleeper, or keep it from falling asleep. Publish the work first (B2). Any thread may call it. */
  ring(): void {
    if (Atomics.load(this.#word, 0) === rung) return;
    if (Atomics.exchange(this.#word, 0, rung) === asleep) Atomics.notify(this.#word, 0);
  }

  /**
   * Sleep until the bell rings, blocking the thread and its event loop.
   * @param timeoutMs how long at most; default for ever
   * @returns true when it rang, false when the time was up
   */
  waitSync(timeoutMs: number = Number.POSITIVE_INFINITY): boolean {
    if (this.#rangAlready() || !this.#fallAsleep()) return true;
    const untilMs = performance.now() + timeoutMs;
    let leftMs = timeoutMs;
    do {
      Atomics.wait(this.#word, 0, asleep, leftMs);
      // Still asleep: a notify meant for an earlier sleep came late. That is no ring, so sleep on.
      if (this.#takeRing()) return true;
      leftMs = untilMs - performance.now();
    } while (leftMs > 0);
    return Atomics.exchange(this.#word, 0, quiet) === rung;
  }

  /**
   * Sleep until the bell rings, leaving the event loop free. A second call while one sleeps shares its promise.
   * It does not keep the event loop alive: see `hold`. When the bell has rung already the promise is resolved at
   * once, so a loop that is never idle must give the event loop its turns itself.
   * @param timeoutMs how long at most; default for ever
   * @returns true when it rang, false when the time was up
   */
  wait(timeoutMs: number = Number.POSITIVE_INFINITY): Promise<boolean> {
    if (this.#sleep !== undefined) return this.#sleep;
    if (this.#rangAlready()) return hasRung;
    const sleep = this.#waitAsync(timeoutMs);
    this.#sleep = sleep;
    // Not in a `finally` of the sleep itself: one that ends at once would run it before the line above.
    void sleep.then(() => {
      this.#sleep = undefined;
    });
    return sleep;
  }

  async #waitAsync(timeoutMs: number): Promise<boolean> {
    if (!this.#fallAsleep()) return true;
    const untilMs = performance.now() + timeoutMs;
    let leftMs = timeoutMs;
    do {
      const waiting = Atomics.waitAsync(this.#word, 0, asleep, leftMs);
      if (waiting.async) await waiting.value;
      if (this.#takeRing()) return true; // Otherwise the time is up, or a late notify came as in waitSync.
      leftMs = untilMs - performance.now();
    } while (leftMs > 0);
    return Atomics.exchange(this.#word, 0, quiet) === rung;
  }

  /** Keep this thread's event loop alive until `release`. `Atomics.waitAsync` alone does not. */
  hold(): void {
    if (this.#holder === undefined) {
      const { port1, port2 } = new MessageChannel();
      this.#holder = { own: port1, far: port2 };
    }
    this.#holder.own.ref();
  }

  /** Let the event loop end when nothing else keeps it alive. Harmless without `hold`. */
  release(): void {
    this.#holder?.own.close();
    this.#holder = undefined;
  }

  /** Take a ring that came before the wait, or while the gate lets us look for one. */
  #rangAlready(): boolean {
    const gate = this.#gate;
    if (gate === undefined) return this.#takeRing();
    const beganMs = performance.now();
    const lookMs = gate.begins(beganMs);
    if (lookMs === 0) return this.#takeRing();
    const isRung = this.#takeRing() || this.#look(beganMs + lookMs);
    gate.looked(performance.now() - beganMs, isRung);
    return isRung;
  }

  #takeRing(): boolean {
    return Atomics.compareExchange(this.#word, 0, rung, quiet) === rung;
  }

  #look(untilMs: number): boolean {
    do {
      for (let look = 0; look < looksPerTick; look += 1) {
        if (Atomics.load(this.#word, 0) === rung) return this.#takeRing();
      }
    } while (performance.now() < untilMs);
    return false;
  }

  /** @returns false when a ring came first; it is then taken */
  #fallAsleep(): boolean {
    const before = Atomics.compareExchange(this.#word, 0, quiet, asleep);
    if (before === rung) Atomics.store(this.#word, 0, quiet);
    return before !== rung;
  }
}
