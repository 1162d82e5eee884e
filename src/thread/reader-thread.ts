/**
 * The way to the thread that reads the journal's past. It is started with the first question and ends when there has
 * been none for a while.
 *
 * Q1  Every question settles once, also when the thread dies or the system stops.
 */
import type { Clock, ClockTimer } from '../core/clock.js';
import { fromPlain, TroupeError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import type { JournalAnswers, JournalQuestion } from '../journal/questions.js';
import type { ReaderAnswer, ReaderQuestion, ReaderThreadData } from './reader-entry.js';
import { readerStop } from './reader-stop.js';
import { threadLost, WorkerHost } from './worker-host.js';

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** See the file's header. */
export class ReaderThread {
  private thread: WorkerHost | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;
  private idle: ClockTimer | undefined;
  private isClosed = false;

  constructor(
    private readonly folder: string,
    private readonly clock: Clock,
  ) {}

  /**
   * Ask.
   * @throws TroupeError what `answerQuestion` and `openJournalReader` throw; THREAD_LOST, SYSTEM_STOPPED
   */
  ask<Q extends JournalQuestion>(question: Q): Promise<JournalAnswers[Q['kind']]> {
    if (this.isClosed) return Promise.reject(new TroupeError('SYSTEM_STOPPED', 'the system has stopped'));
    this.idle?.cancel();
    this.thread ??= this.start();
    this.asked += 1;
    const message: ReaderQuestion = { number: this.asked, question };
    this.thread.worker.postMessage(message);
    return new Promise((resolve, reject) => {
      this.waiting.set(message.number, { resolve: resolve as Waiting['resolve'], reject });
    });
  }

  /** End the thread; open questions are refused. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.idle?.cancel();
    this.giveUp(new TroupeError('SYSTEM_STOPPED', 'the system has stopped'));
    await this.stop();
  }

  private start(): WorkerHost {
    const workerData: ReaderThreadData = { folder: this.folder };
    const entry = new URL('./reader-entry.js', import.meta.url);
    const thread = new WorkerHost({ entry, name: 'troupe reader', workerData, clock: this.clock });
    thread.worker.unref();
    thread.worker.on('message', (message: Partial<ReaderAnswer>) => {
      if (message.number !== undefined) this.answered(message as ReaderAnswer);
    });
    void thread.ended.then((death) => {
      // One that was told to end had nothing left to answer; what is asked since is another one's.
      if (this.thread !== thread) return;
      this.thread = undefined;
      this.giveUp(threadLost(thread.name, death));
    });
    return thread;
  }

  private answered(message: ReaderAnswer): void {
    const asker = this.waiting.get(message.number);
    this.waiting.delete(message.number);
    if ('error' in message) asker?.reject(fromPlain(message.error));
    else asker?.resolve(message.answer);
    if (this.waiting.size === 0) this.idle = this.clock.after(limits.readerIdleMsMax, () => this.endIdle());
  }

  private endIdle(): void {
    if (this.waiting.size === 0) void this.stop();
  }

  private async stop(): Promise<void> {
    const { thread } = this;
    if (thread === undefined) return;
    this.thread = undefined;
    thread.worker.postMessage(readerStop);
    const timer = this.clock.after(limits.shutdownMsDefault, () => void thread.terminate());
    await thread.ended;
    timer.cancel();
  }

  private giveUp(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
