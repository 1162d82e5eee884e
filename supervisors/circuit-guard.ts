/**
 * Calls through a circuit breaker, from effects, jobs and programs: asks whether it may, calls, and says how it went.
 *
 * CG1  A call that was let in is always followed by its outcome, unless its thread or the circuit is gone.
 * CG2  What the call comes to is what `guarded` comes to: word to the circuit is not waited for.
 */
import { ActorRef, TroupeError } from '../src/index.js';
import type { CircuitEvents } from './circuit-breaker.js';

/** How a call is guarded. */
export interface GuardOptions {
  /** When it is aborted the call counts neither as a success nor as a failure. Hand it to the call as well. */
  signal?: AbortSignal;
  /** Is this error a failure of what is guarded? Default: every error is. Others count as successes. */
  isFailure?: (error: unknown) => boolean;
}

/**
 * Make a call unless the circuit is open.
 *
 *   fromPromise(({ input, signal }) => guarded('/payments', () => charge(input.card, { signal }), { signal }))
 *   guarded('/stock', () => stock.ask({ type: 'reserve', item }))
 *
 * Not inside a turn: a turn cannot wait for an answer.
 * @param circuit the breaker, or its path
 * @param call a promise of an effect, an ask, anything that may fail
 * @returns what the call returns
 * @throws TroupeError CIRCUIT_OPEN, without a call; what the call throws; what asking the circuit throws:
 *   ACTOR_UNKNOWN when it was not spawned, ASK_TIMEOUT; the signal's reason when it was aborted before the call
 */
export async function guarded<Result>(
  circuit: ActorRef<CircuitEvents> | string,
  call: () => Promise<Result>,
  { signal, isFailure = () => true }: GuardOptions = {},
): Promise<Result> {
  const ref = typeof circuit === 'string' ? new ActorRef<CircuitEvents>(circuit) : circuit;
  signal?.throwIfAborted();
  // Not given up with the call: whoever was let in must say so when it leaves (CG1).
  const answer = await ref.ask({ type: 'enter' });
  if (!answer.ok) {
    const message = `${ref.path} is open, for ${answer.retryAfterMs} ms or until its probes have succeeded`;
    throw new TroupeError('CIRCUIT_OPEN', message, { field: 'circuit', value: ref.path });
  }
  const { period } = answer;
  // CG2: a circuit that has ended meanwhile counts nothing any more.
  const tell = (event: CircuitEvents): void => void ref.tell(event).catch(() => {});
  try {
    signal?.throwIfAborted();
    const result = await call();
    tell({ type: 'succeeded', period });
    return result;
  } catch (error) {
    if (signal?.aborted === true) tell({ type: 'left', period });
    else if (isFailure(error)) tell({ type: 'failed', period, why: String((error as Error)?.message ?? error) });
    else tell({ type: 'succeeded', period });
    throw error;
  }
}
