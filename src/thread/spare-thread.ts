/**
 * One thread that has loaded everything of ours and waits to be given work, so that a thread that dies is replaced at
 * once: what takes a new one a tenth of a second of a core is then already done, and takes nothing from those who
 * bring the dead one's actors back.
 *
 * What I own: the waiting thread. Whoever takes it owns it from then on.
 *
 * P1  It is made when there is time: some while after the system has started, or after the last one was taken.
 * P2  It has run no code of a user, so it cannot have been harmed by any. One that ends all the same is let go.
 * P3  It keeps no process alive.
 */
import type { Clock, ClockTimer } from '../core/clock.js';
import type { WorkerHost } from './worker-host.js';

/** See the file's header. */
export class SpareThread {
  private thread: WorkerHost | undefined;
  private timer: ClockTimer | undefined;
  private isClosed = false;

  /**
   * @param make starts such a thread
   * @param clock whose time `afterMs` is
   * @param afterMs how long to wait before one is made, in milliseconds
   */
  constructor(
    private readonly make: () => WorkerHost,
    private readonly clock: Clock,
    private readonly afterMs: number,
  ) {}

  /** P1: let there be one in a while. */
  prepare(): void {
    if (this.isClosed || this.thread !== undefined) return;
    this.timer?.cancel();
    this.timer = this.clock.after(this.afterMs, () => this.begin());
  }

  /** The thread, if there is one, also while it is loading: that is nearer to its end than a new one. */
  take(): WorkerHost | undefined {
    const { thread } = this;
    this.thread = undefined;
    this.prepare();
    thread?.worker.ref();
    return thread;
  }

  /** End it; there will be none any more. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.timer?.cancel();
    await this.thread?.terminate();
  }

  private begin(): void {
    const thread = this.make();
    this.thread = thread;
    thread.worker.unref();
    // P2: one that cannot even load is not tried again before one is needed; that one will say why.
    void thread.ended.then(() => {
      if (this.thread === thread) this.thread = undefined;
    });
  }
}
