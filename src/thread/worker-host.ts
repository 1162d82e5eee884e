/**
 * Starts one worker thread and minds it: waits for it to say it is ready, and says once, with a reason, that it
 * has ended. Everybody who depends on the thread (links, control calls, supervisors) hangs on `ended`.
 *
 * W1  `ready` settles exactly once: with what the thread announced, or with THREAD_START when it died or stayed
 *     silent until the time was up (it is then terminated).
 * W2  `ended` never rejects and resolves exactly once, when the thread is gone for good and runs no code any more.
 * W3  Nothing the thread does can raise an unhandled 'error' event in this process.
 * W4  `leaving` resolves when the thread says that it ends (`announceExit`), else with `ended`: taking a large heap
 *     down takes longer than bringing its actors back, and nothing the thread does after its word counts.
 */
import { parentPort, type ResourceLimits, type Transferable, Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '../core/clock.js';
import { TroupeError } from '../core/errors.js';
import { limits } from '../core/limits.js';

/**
 * Why a thread ended. `exit`: it ran out of work or called `process.exit`. `error`: nobody caught what it threw.
 * `heap-limit`: its JavaScript heap met `resourceLimits`. `terminated`: we ended it.
 */
export interface ThreadDeath {
  kind: 'exit' | 'error' | 'heap-limit' | 'terminated';
  /** The thread's exit code. */
  code: number;
  /** What it threw, for `error` and `heap-limit`. */
  error?: unknown;
}

/** What a worker host starts, and how. */
export interface WorkerHostOptions {
  /** The thread's module: `new URL('./host-entry.js', import.meta.url)`. It must call `announceReady`. */
  entry: URL;
  /** Shown by debuggers and in error messages. */
  name: string;
  /** Data for the thread, by structured clone; it reads it as `workerData`. */
  workerData?: unknown;
  /** What of `workerData` moves there: message ports, buffers. */
  transferList?: Transferable[];
  /** Limits of its JavaScript heap, in MB. They do not bound ArrayBuffers. */
  resourceLimits?: ResourceLimits;
  /** How long it may take to become ready, in milliseconds. Default 30,000. */
  startTimeoutMs?: number;
  /** Told of a message from the thread that could not be read. Default: it is dropped. */
  onMessageError?: (error: Error) => void;
  /** Default: the machine's clock. */
  clock?: Clock;
}

/** What an entry posts when it is ready. The name tells it from an entry's other messages. */
interface ReadyMessage {
  troupeReady: true;
  value: unknown;
}

/**
 * For entries: tell the worker host that this thread is ready.
 * @param value goes to whoever awaits `ready`, by structured clone
 */
export function announceReady(value?: unknown): void {
  const message: ReadyMessage = { troupeReady: true, value };
  parentPort?.postMessage(message);
}

/** What an entry posts when it exits. */
interface ExitMessage {
  troupeExit: number;
}

/**
 * For entries, in a handler of `exit`: this thread has done all that counts, and ends.
 * @param code its exit code
 */
export function announceExit(code: number): void {
  const message: ExitMessage = { troupeExit: code };
  parentPort?.postMessage(message);
}

/** A worker thread and its lifecycle. */
export class WorkerHost {
  /** The thread itself, for what this class does not cover. */
  readonly worker: Worker;
  readonly name: string;
  /** Resolves with what the entry announced; rejects with THREAD_START (W1). */
  readonly ready: Promise<unknown>;
  /** Resolves when the thread is gone (W2). */
  readonly ended: Promise<ThreadDeath>;
  /** Resolves when what is left of the thread does nothing that counts any more (W4). */
  readonly leaving: Promise<ThreadDeath>;
  #isTerminating = false;
  #error: { value: unknown } | undefined;
  #death: ThreadDeath | undefined;
  #exit: ThreadDeath | undefined;

  /** Start the thread. @throws what `new Worker` throws for data that cannot be cloned */
  constructor(options: WorkerHostOptions) {
    this.name = options.name;
    this.worker = new Worker(options.entry, {
      name: options.name,
      workerData: options.workerData,
      transferList: options.transferList,
      resourceLimits: options.resourceLimits,
    });
    this.worker.on('error', (error) => {
      this.#error ??= { value: error };
    });
    this.worker.on('messageerror', (error) => options.onMessageError?.(error));
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.#death = this.#deathOf(code);
        resolve(this.#death);
      });
    });
    const clock = options.clock ?? systemClock;
    this.leaving = Promise.race([this.ended, this.#awaitExit(clock)]);
    this.ready = this.#awaitReady(options.startTimeoutMs ?? limits.threadStartMsMax, clock);
    // Whoever only watches `ended` must not be hit by an unhandled rejection of `ready`.
    this.ready.catch(() => {});
  }

  /** Has the thread ended, or said that it ends, and why? */
  get death(): ThreadDeath | undefined {
    return this.#death ?? this.#exit;
  }

  /** Send the thread something. @param transferList what of it moves there */
  post(message: unknown, transferList: readonly Transferable[] = []): void {
    this.worker.postMessage(message, transferList);
  }

  /** End the thread now, whatever it is doing. Resolves as `ended` does. May be called again. */
  terminate(): Promise<ThreadDeath> {
    this.#isTerminating = true;
    void this.worker.terminate();
    return this.ended;
  }

  #awaitReady(timeoutMs: number, clock: Clock): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = clock.after(timeoutMs, () => {
        settle();
        void this.terminate();
        reject(new TroupeError('THREAD_START', `thread ${this.name} was not ready after ${timeoutMs} ms`));
      });
      const onMessage = (message: unknown) => {
        if (!isReadyMessage(message)) return;
        settle();
        resolve(message.value);
      };
      const settle = () => {
        timer.cancel();
        this.worker.off('message', onMessage);
      };
      this.worker.on('message', onMessage);
      void this.ended.then((death) => {
        settle();
        const why = describeDeath(death);
        reject(
          new TroupeError('THREAD_START', `thread ${this.name} ended before it was ready: ${why}`, {
            cause: death.error,
          }),
        );
      });
    });
  }

  #awaitExit(clock: Clock): Promise<ThreadDeath> {
    return new Promise((resolve) => {
      this.worker.on('message', (message: unknown) => {
        if (!isExitMessage(message)) return;
        const death: ThreadDeath = { kind: 'exit', code: message.troupeExit };
        this.#exit = death;
        // Handlers of others still run, and may hang.
        const timer = clock.after(limits.shutdownMsDefault, () => void this.terminate());
        void this.ended.then(() => timer.cancel());
        resolve(death);
      });
    });
  }

  #deathOf(code: number): ThreadDeath {
    if (this.#exit !== undefined) return this.#exit;
    if (this.#error !== undefined) {
      const error = this.#error.value;
      const isHeapLimit = (error as { code?: unknown } | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
      return { kind: isHeapLimit ? 'heap-limit' : 'error', code, error };
    }
    return { kind: this.#isTerminating ? 'terminated' : 'exit', code };
  }
}

function isReadyMessage(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && (message as ReadyMessage).troupeReady === true;
}

function isExitMessage(message: unknown): message is ExitMessage {
  return typeof message === 'object' && message !== null && 'troupeExit' in message;
}

/** A death in a few words, for messages: `exit with code 3`. */
export function describeDeath(death: ThreadDeath): string {
  switch (death.kind) {
    case 'exit':
      return `exit with code ${death.code}`;
    case 'terminated':
      return 'terminated';
    case 'heap-limit':
      return 'its heap limit was reached';
    case 'error':
      return `uncaught ${death.error instanceof Error ? `${death.error.name}: ${death.error.message}` : 'value'}`;
  }
}

/** A death as the error its dependents get: THREAD_LOST with the thread's own error as cause. */
export function threadLost(name: string, death: ThreadDeath): TroupeError {
  return new TroupeError('THREAD_LOST', `thread ${name} ended: ${describeDeath(death)}`, { cause: death.error });
}
