/**
 * Whose doing it is when a thread ends although no message is being handled: a promise that nobody listens to is
 * rejected, a timer's callback throws or calls `process.exit`, long after the message that began it.
 *
 * What I own: which actor began what. What Node.js owns: that the thread ends. What the host owns: the record.
 *
 * A1  What an actor's code begins (promises, timers, listeners, and what these begin) goes on in its name.
 * A2  The thread ends as it would without me; before, whoever is guilty is written down, once.
 * A3  While a message is handled I am silent: the heartbeat says whose it is.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { TroupeError } from '../core/errors.js';
import type { ActorRef } from '../core/ref.js';

/** Who writes it down: the host of this thread. */
export interface Recorder {
  /** A message is being handled. */
  readonly isHandling: boolean;
  /** This actor has ended the thread, in this way. */
  uncaught(actor: ActorRef, error: TroupeError): void;
}

/** See the file's header. One for each thread. */
export class Aftermath {
  private readonly names = new AsyncLocalStorage<ActorRef>();
  private isRecorded = false;
  private hasThrown = false;

  /** A1 */
  readonly inNameOf = <T>(actor: ActorRef, run: () => T): T => this.names.run(actor, run);

  /**
   * From now on this thread's end is watched.
   * @param onExit called when the thread ends of `process.exit`, after everything is written down
   */
  watch(recorder: Recorder, onExit: (code: number) => void): void {
    process.on('uncaughtExceptionMonitor', (error) => {
      // Whoever listens keeps the thread alive.
      if (process.listenerCount('uncaughtException') > 0) return;
      this.hasThrown = true;
      this.record(recorder, `nobody caught ${String(error)}`, error);
    });
    process.on('exit', (code) => {
      this.record(recorder, `process.exit(${code}) was called`);
      if (!this.hasThrown) onExit(code);
    });
  }

  /** A2 */
  private record(recorder: Recorder, what: string, cause?: Error): void {
    const actor = this.names.getStore();
    if (actor === undefined || recorder.isHandling || this.isRecorded) return;
    this.isRecorded = true;
    const message = `${what} in what ${actor.path} had begun, and its thread ended`;
    recorder.uncaught(actor, new TroupeError('EFFECT_UNCAUGHT', message, { cause }));
  }
}
