/**
 * What a model says, piece by piece, on its way to the actor that listens, and no faster than that one hears it.
 *
 * A piece is told. Now and then one is asked instead, and a listener that answers it (with `heard`) has handled it and
 * all before it. While such a question is open, so many more pieces are told and no more; the rest waits here, and the
 * model's stream is read no further.
 *
 * PC1  Pieces come in order, and nothing is left out: what waits is joined to the next one.
 * PC2  One telling is under way at a time, and one question is open at a time.
 * PC3  A listener that answers has at most `aheadMax` pieces behind the question that is open, and as many before it.
 * PC4  The run goes on whatever the listener does. One that has never answered is waited for once, `graceMs` at most,
 *      and then told without waiting. One that has answered and is silent for `patienceMs`, or is not there, is told
 *      the rest as one piece at the end.
 *
 * What I own: the text that waits, and the question. What the run owns: what is known of its listener.
 */
import { type ActorRef, TroupeError } from '../../src/index.js';
import { answer } from '../run/waiting.js';
import type { AgentNews } from './agent.js';

/** What a run knows of its listener; undefined: nothing yet. */
export type Hearing = 'answers' | 'silent';

/** Of which call of which run they are. */
export interface PiecesOf {
  readonly run: string;
  readonly step: number;
  readonly hearing: Hearing | undefined;
}

/** Pieces told behind the one that is asked. */
const aheadMax = 64;
/** Characters told behind the one that is asked. */
const aheadCharsMax = 16_384;
/** Characters that may wait here before the stream is read on. */
const waitingCharsMax = 4_096;
/** How long a listener that has never answered is waited for, in milliseconds, from its first piece on. */
const graceMs = 1_000;
/** How long one that does answer is waited for, in milliseconds. */
const patienceMs = 30_000;

/**
 * In a turn of a listener: what it was told is handled, and more may come. Does nothing where nobody waits for it, so a
 * listener may say it of everything it hears. One that hands on what it hears keeps `actorContext().replyTo` instead,
 * and answers when that is done.
 */
export function heard(): void {
  answer(null);
}

/** See the file's header. */
export class Pieces {
  /** What is known of the listener by now. */
  hearing: Hearing | undefined;
  private number = 0;
  private waiting = '';
  private underWay: Promise<void> | undefined;
  private question: Promise<void> | undefined;
  /** Told since that question. */
  private ahead = { pieces: 0, chars: 0 };
  /** PC4 */
  private isLost = false;
  private readonly over = new AbortController();

  constructor(
    private readonly to: ActorRef<AgentNews>,
    private readonly of: PiecesOf,
    signal: AbortSignal,
  ) {
    this.hearing = of.hearing;
    if (signal.aborted) this.close();
    else signal.addEventListener('abort', this.close, { once: true, signal: this.over.signal });
  }

  /** Take a piece. Resolves when there is room for more: the model's stream is read no faster than it is taken. */
  async add(text: string): Promise<void> {
    this.waiting += text;
    this.send();
    while (this.waiting.length > waitingCharsMax && !this.isLost) await this.change();
  }

  /** All is said: resolves when it is told. */
  async end(): Promise<void> {
    while (!this.isLost && (this.underWay !== undefined || this.waiting !== '')) await this.change();
    if (this.waiting !== '' && !this.over.signal.aborted) await this.tell();
  }

  /** Nobody waits for an answer any more. */
  readonly close = (): void => {
    this.isLost = true;
    this.over.abort();
  };

  /** PC2 */
  private send(): void {
    if (this.waiting === '' || this.underWay !== undefined || this.isLost || this.isFar) return;
    if (this.question !== undefined) this.underWay = this.tell();
    else {
      const timeoutMs = this.hearing === undefined ? graceMs : patienceMs;
      const asked = (this.to as ActorRef).ask(this.next(), { timeoutMs, signal: this.over.signal });
      this.ahead = { pieces: 0, chars: 0 };
      this.question = asked.then(this.answered, this.unanswered);
    }
  }

  /** PC3 */
  private get isFar(): boolean {
    if (this.question === undefined || this.hearing === 'silent') return false;
    return this.ahead.pieces >= aheadMax || this.ahead.chars >= aheadCharsMax;
  }

  private tell(): Promise<void> {
    const news = this.next();
    this.ahead.pieces += 1;
    this.ahead.chars += news.text.length;
    // Who is gone hears nothing more, and the answer does not depend on it.
    return this.to.tell(news).then(this.told, this.told);
  }

  private next(): AgentNews & { type: 'agentText' } {
    const { run, step } = this.of;
    const news = { type: 'agentText', run, step, number: this.number, text: this.waiting } as const;
    this.waiting = '';
    this.number += 1;
    return news;
  }

  private readonly told = (): void => {
    this.underWay = undefined;
    this.send();
  };

  private readonly answered = (): void => {
    this.hearing = 'answers';
    this.question = undefined;
    this.send();
  };

  /** PC4. One that could not handle a piece has done with it all the same. */
  private readonly unanswered = (error: unknown): void => {
    this.question = undefined;
    if (!TroupeError.is(error, 'ASK_TIMEOUT')) this.isLost ||= !TroupeError.is(error, 'MESSAGE_REFUSED');
    else if (this.hearing === undefined) this.hearing = 'silent';
    else if (this.hearing === 'answers') this.isLost = true;
    this.send();
  };

  /** Something is told, or answered, or given up. */
  private change(): Promise<unknown> {
    return Promise.race([this.underWay, this.question].filter((each) => each !== undefined));
  }
}
