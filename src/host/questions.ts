/**
 * Questions of one thread that wait for their reply.
 *
 * What I own: who waits for which reply, until when, and the one timer that watches over all of them. What the client
 * owns: how a question gets to its actor.
 *
 * K1  A question is answered exactly once: by its reply, a refusal, its time, its signal, or the end of the system.
 * K2  A deadline is never early. One timer is set, to the first of them: thousands of questions that are answered in
 *     time cost no timers.
 * K3  A clock that is set back moves the deadlines with it: nobody waits more than twice as long as was said.
 */
import type { Clock, ClockTimer } from '../core/clock.js';
import { decode } from '../core/codec.js';
import { fromPlain, type PlainError, TroupeError } from '../core/errors.js';
import type { Receipt } from './client.js';

/** What is asked, by whom. */
export class Asked {
  /**
   * @param timeoutMs how long to wait, in milliseconds
   * @param signal gives up early
   */
  constructor(
    readonly path: string,
    readonly type: string,
    readonly timeoutMs: number,
    readonly signal: AbortSignal | undefined,
    readonly resolve: (reply: unknown) => void,
    readonly reject: (error: unknown) => void,
  ) {}
}

/** One question. As a receipt it hears when it was refused; that it was accepted is no answer yet. */
export class Question implements Receipt {
  late = false;

  /** @param deadline when it is given up, in milliseconds since the epoch */
  constructor(
    private readonly questions: Questions,
    readonly askId: number,
    readonly asked: Asked,
    public deadline: number,
  ) {}

  resolve(): void {}

  reject(error: unknown): void {
    if (this.questions.take(this.askId) !== undefined) this.asked.reject(error);
  }

  /** For the signal, which calls it as a listener. */
  handleEvent(): void {
    this.reject(abortError(this.asked.path, this.asked.signal as AbortSignal));
  }
}

/** See the file's header. */
export class Questions {
  private readonly open = new Map<number, Question>();
  private count = 0;
  private timer: ClockTimer | undefined;
  private timerAt = Number.POSITIVE_INFINITY;
  private seenAt = 0;
  /** Replies that came after their question was given up. */
  lateReplies = 0;

  constructor(private readonly clock: Clock) {}

  /** Somebody waits from now on. */
  begin(asked: Asked): Question {
    this.count += 1;
    const question = new Question(this, this.count, asked, this.now() + asked.timeoutMs);
    this.open.set(question.askId, question);
    asked.signal?.addEventListener('abort', question, { once: true });
    if (question.deadline < this.timerAt) this.watch(question.deadline, asked.timeoutMs);
    return question;
  }

  /** It waits no more. Returns it, or undefined when it did not wait. */
  take(askId: number): Question | undefined {
    const question = this.open.get(askId);
    if (question === undefined) return undefined;
    this.open.delete(askId);
    question.asked.signal?.removeEventListener('abort', question);
    return question;
  }

  /** A reply has come. */
  replied(askId: number, ok: boolean, value: Buffer): void {
    const asked = this.take(askId)?.asked;
    if (asked === undefined) this.lateReplies += 1;
    else if (ok) asked.resolve(decode(value));
    else asked.reject(fromPlain(decode(value) as PlainError));
  }

  /** Everybody who waits is refused. */
  close(error: TroupeError): void {
    this.timer?.cancel();
    for (const question of [...this.open.values()]) question.reject(error);
  }

  private watch(at: number, inMs: number): void {
    this.timer?.cancel();
    this.timerAt = at;
    this.timer = this.clock.after(inMs, () => this.look());
  }

  /** K2: the first deadline may have come. */
  private look(): void {
    this.timerAt = Number.POSITIVE_INFINITY;
    const now = this.now();
    for (const question of [...this.open.values()]) {
      if (question.deadline <= now) question.reject(timeoutError(question.asked));
    }
    this.watchFirst(now);
  }

  private watchFirst(now: number): void {
    let firstAt = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.open.values()) firstAt = Math.min(firstAt, deadline);
    if (firstAt < this.timerAt) this.watch(firstAt, firstAt - now);
  }

  /** K3 */
  private now(): number {
    const now = this.clock.now();
    const backMs = this.seenAt - now;
    this.seenAt = now;
    if (backMs <= 0) return now;
    for (const question of this.open.values()) question.deadline -= backMs;
    this.timerAt = Number.POSITIVE_INFINITY;
    this.watchFirst(now);
    return now;
  }
}

function timeoutError({ path, type, timeoutMs }: Asked): TroupeError {
  return new TroupeError('ASK_TIMEOUT', `${path} gave no reply to ${type} within ${timeoutMs} ms`);
}

/** The caller has given the question up. */
export function abortError(path: string, signal: AbortSignal): TroupeError {
  return new TroupeError('ASK_ABORTED', `the question to ${path} was given up`, { cause: signal.reason });
}
