/**
 * A system for tests: on the caller's thread, in memory, under the test's clock and a seed. Everything else is the
 * real thing: journal loop, hosts, cells, guardian. What it does depends only on the test and the seed.
 *
 *   const system = await createTestSystem({ seed: 7 });
 *   const ref = await system.spawn(counter, { id: 'a' });
 *   await ref.tell({ type: 'add', by: 2 });
 *   await system.settle();                       // everything that follows from it has happened
 *   await system.advance(40 * 86_400_000);       // forty days pass, timer by timer
 *   const store = system.crash('powerCut');      // what a power cut at this instant leaves
 *   const later = await createTestSystem({ store, clock: system.clock });
 *
 * Refs belong to the thread, so one test system runs at a time in a process.
 */
import { systemClock } from '../core/clock.js';
import { limits } from '../core/limits.js';
import { seededRandom } from '../core/random.js';

import { type Crash, MemoryStore } from '../journal/memory-store.js';
import { OneThreadMachine } from '../system/one-thread.js';
import { resolveOptions, type ResolvedOptions, type SystemOptions } from '../system/options.js';
import { System } from '../system/system.js';
import { TestClock } from './test-clock.js';

/** What a test may choose. */
export interface TestSystemOptions
  extends Pick<
    SystemOptions,
    'supervision' | 'logger' | 'checkpointBytes' | 'retentionBytes' | 'residentActorsMax' | 'actorsMax'
  > {
  /** Decides who takes the next step. Default 1. */
  seed?: number;
  /** Hosts. Default 2. */
  hosts?: number;
  /**
   * Rounds of steps (everybody takes one) before the event loop has its turn. Default 64: a test acts when the system
   * has come to rest. With 1 it can act between any two commits.
   */
  roundsPerTurn?: number;
  /** Default: a new one. Hand on the old one to continue in its time. */
  clock?: TestClock;
  /** Default: an empty one. Hand on what `crash` returned, or the store of a system that was stopped. */
  store?: MemoryStore;
}

/** A system whose time and disk are the test's. Made by `createTestSystem`. */
export class TestSystem extends System {
  private hasCrashed = false;
  private running!: OneThreadMachine;

  /** @internal */
  constructor(
    private readonly resolved: ResolvedOptions,
    readonly seed: number,
    override readonly clock: TestClock,
    readonly store: MemoryStore,
    private readonly roundsPerTurn: number | undefined,
  ) {
    super(resolved, clock);
  }

  /** @internal */
  async begin(): Promise<this> {
    const { clock, store, seed, roundsPerTurn } = this;
    const { hosts, checkpointBytes, retentionBytes, residentActorsMax } = this.resolved;
    await this.start(async (_, events) => {
      const random = seededRandom(seed);
      const sizes = { hosts, checkpointBytes, retentionBytes, residentActorsMax };
      this.running = new OneThreadMachine({ store, clock, random, roundsPerTurn, ...sizes }, events);
      return this.running;
    });
    await this.settle();
    return this;
  }

  /**
   * Wait until nobody has anything left to do: messages are handled, frames committed, acknowledgements given.
   * Timers that are not due, and promises of effects that wait for something outside, are not waited for.
   * @param roundsMax rounds of steps after which a system that still works is given up; default 1,000,000
   * @throws Error when it is given up
   */
  settle(roundsMax?: number): Promise<void> {
    return this.running.settle(roundsMax);
  }

  /**
   * Let time pass: from one wake-up to the next, settling after each.
   * @param ms milliseconds, 0 or more
   */
  async advance(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    await this.settle();
    for (let next = this.clock.nextWakeAt; next !== undefined && next <= end; next = this.clock.nextWakeAt) {
      this.clock.advanceTo(next);
      await this.settle();
    }
    this.clock.advanceTo(end);
    await this.settle();
  }

  /**
   * Let the process die here. Nothing is flushed, nobody is told, no call of this system settles any more.
   * @param crash `kill` leaves all that is committed, `powerCut` what is flushed
   * @returns the store to start the next system with
   */
  crash(crash: Crash): MemoryStore {
    const left = this.store.fork(crash);
    this.hasCrashed = true;
    this.abandon();
    return left;
  }

  /** Stop in order; time stands still meanwhile, so only what can be done at once is. Harmless after a crash. */
  override async stop(): Promise<void> {
    if (this.hasCrashed) return;
    await this.settle();
    await super.stop({ drainMs: 0 });
  }
}

/**
 * Start a system on one thread with a memory store and a clock of the test's.
 * @throws what `createSystem` throws
 */
export async function createTestSystem(options: TestSystemOptions = {}): Promise<TestSystem> {
  const { seed = 1, clock = new TestClock(), store = new MemoryStore(), roundsPerTurn, ...rest } = options;
  const resolved = resolveOptions({ journal: 'memory', signals: false, hosts: 2, logger: false, ...rest });
  return new TestSystem(resolved, seed, clock, store, roundsPerTurn).begin();
}

/**
 * Wait for a condition, in real time: for systems on threads, where nothing can be settled.
 * @param what shown when the time is up
 * @param timeoutMs milliseconds; default 10,000
 * @returns what the condition returned, as soon as it is truthy
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  what: string,
  timeoutMs = 2 * limits.shutdownMsDefault,
): Promise<T> {
  const end = systemClock.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (systemClock.now() > end) throw new Error(`not so after ${timeoutMs} ms: ${what}`);
    await new Promise<void>((resolve) => systemClock.after(2, resolve));
  }
}
