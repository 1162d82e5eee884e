/**
 * Who waits for the end of a run, from both sides: the run remembers whom to answer, over restarts, and whoever asks
 * asks until there is an answer. Workflows and agents share it.
 *
 * W1  Nobody is remembered longer than a question may last, and there are at most `waitingMax` of them.
 */
import { actorContext, type ActorRef, type ErrorCode, type ReplyTo, TroupeError } from '../../src/index.js';

/** Somebody who waits. */
export interface Waiting {
  to: ReplyTo;
  /** In milliseconds since 1970. */
  since: number;
}

/** How long to wait. */
export interface WaitOptions {
  /** At most a day; default: until it is over. */
  timeoutMs?: number;
  /** To give up early. */
  signal?: AbortSignal;
}

const waitingMax = 1_000;
/** As long as an `ask` may take, in milliseconds. */
const askMs = 86_400_000;

/** In a turn: answer the current message. Whoever told it waits for no answer. */
export function answer(value: unknown): void {
  if (actorContext().replyTo !== undefined) actorContext().reply(value);
}

/**
 * In a turn: whoever asked the current question is to be answered later; refused when too many wait.
 * @param waiting those who wait already
 * @param code what one more than `waitingMax` is refused with
 * @returns those who wait now
 */
export function remember(waiting: readonly Waiting[], code: ErrorCode): Waiting[] {
  const { replyTo: to, now, refuse } = actorContext();
  const since = now();
  const still = waiting.filter((each) => since - each.since <= askMs);
  if (to === undefined) return still;
  if (still.length < waitingMax) return [...still, { to, since }];
  refuse(new TroupeError(code, `${waitingMax} wait already for this result`));
  return still;
}

/** In a turn: answer all who wait. */
export function answerAll(waiting: readonly Waiting[], value: unknown): void {
  for (const { to } of waiting) actorContext().reply(value, to);
}

/** From outside: ask a run for its result, again and again where nobody says how long. Rejects as `ask` does. */
export async function askForResult(ref: ActorRef, options: WaitOptions): Promise<unknown> {
  for (;;) {
    try {
      return await ref.ask({ type: 'result' }, { timeoutMs: askMs, ...options });
    } catch (error) {
      if (options.timeoutMs !== undefined || !TroupeError.is(error, 'ASK_TIMEOUT')) throw error;
    }
  }
}
