/**
 * The guardian: hears of every failure, asks the policy, and sends the decision through the journal, so that
 * what was decided is part of the record. It runs on the main thread, so no host's death takes it along.
 */
import { lookupDefinition } from '../cell/define.js';
import type { Clock } from '../core/clock.js';
import { decode } from '../core/codec.js';
import { fromPlain, type PlainError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import type { Client } from '../host/client.js';
import { endOf } from '../host/failure.js';
import type { Notice } from '../journal/model.js';
import { Decision, type FailureReport } from '../journal/ops.js';
import type { Tell } from '../observe/channels.js';
import { type Failure, type SupervisionPolicy, restorePolicy } from './supervision.js';

/** What the guardian works with. */
export interface GuardianOptions {
  client: Client;
  clock: Clock;
  policy: SupervisionPolicy;
  tell: Tell;
  /** An actor is to be killed: end the thread that is at a message of it, if one is. */
  dislodge: (aid: number) => void;
  /** An actor has ended. */
  onEnd: (path: string, end: ReturnType<typeof endOf>) => void;
}

/** A dead thread cannot say what its actor's definition allows; this thread's registry can, if the program has it. */
function attemptsOf(name: string): number {
  return lookupDefinition(name)?.options.maxAttempts ?? limits.attemptsDefault;
}

type FailedNotice = Notice & { kind: 'failed' };

function failureOf({ report, name }: FailedNotice): { error: Error; attemptsMax: number; retry: boolean } {
  const { error, attemptsMax, retry } = decode(report) as FailureReport;
  return { error: fromPlain(error as PlainError), attemptsMax: attemptsMax || attemptsOf(name), retry };
}

/** Turns notices of the journal into decisions and into news for the channels. */
export class Guardian {
  constructor(private readonly options: GuardianOptions) {}

  /** The journal says that something happened. */
  hear(notice: Notice): void {
    const { tell, onEnd } = this.options;
    switch (notice.kind) {
      case 'failed':
        if (notice.supervisor === undefined) this.decide(notice);
        else this.sayFailed(notice, `left to ${notice.supervisor}`, failureOf(notice).error);
        break;
      case 'kill': {
        const message = `${notice.path} had not stopped after ${notice.shutdownMs} ms and was killed`;
        if (notice.shutdownMs > 0) tell('journalWarned', { code: 'SHUTDOWN_TIMEOUT', message });
        this.options.dislodge(notice.aid);
        break;
      }
      case 'quarantined': {
        const { error } = decode(notice.report) as FailureReport;
        tell('actorQuarantined', { path: notice.path, definition: notice.name, error: fromPlain(error) });
        break;
      }
      case 'ended': {
        const end = endOf(notice.how, notice.value);
        tell('actorEnded', { path: notice.path, definition: notice.name, how: end.how, error: end.error });
        onEnd(notice.path, end);
        break;
      }
      case 'deadLetter':
        tell('deadLetter', { seq: notice.seq, path: notice.path, code: notice.code });
        break;
      case 'refused':
        tell('refused', { path: notice.path, code: notice.code, message: notice.message });
        break;
      case 'unquarantined':
      case 'writable':
        // The system's health has heard of it.
        break;
      case 'warning':
        tell('journalWarned', { code: notice.code, message: notice.message });
        break;
    }
  }

  private decide(notice: FailedNotice): void {
    const { client, clock } = this.options;
    const { error, attemptsMax, retry } = failureOf(notice);
    const failure: Failure = {
      path: notice.path,
      definition: notice.name,
      during: notice.seq === 0 ? 'start' : 'message',
      attempts: notice.attempts,
      attemptsMax,
      retry,
      error,
      at: clock.now(),
    };
    const { decision, why } = this.ask(failure);
    this.sayFailed(notice, `${decision}: ${why}`, error);
    // What follows from it is flushed behind it where that is asked for: the log is one.
    client.write('committed', (frame) => frame.decide(notice.aid, notice.seq, Decision[decision], why));
  }

  private sayFailed({ path, name, seq, attempts }: FailedNotice, decision: string, error: Error): void {
    this.options.tell('actorFailed', { path, definition: name, seq, attempts, decision, error });
  }

  /** A policy that throws must not leave an actor without a decision: the kernel's own then counts. */
  private ask(failure: Failure): ReturnType<SupervisionPolicy> {
    try {
      return this.options.policy(failure);
    } catch (error) {
      const { decision, why } = restorePolicy(failure);
      return { decision, why: `${why} (the policy threw: ${String(error)})` };
    }
  }
}
