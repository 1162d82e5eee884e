/**
 * What the kernel asks of supervision, and the least it does by itself. The kernel has the mechanism: it keeps
 * the failing actor's mail and last state and carries out a decision. Which decision is policy, and is given to
 * the system as a function; richer ones live in `supervisors`.
 */
import type { ActorPath } from '../core/ids.js';

/** A failure as the policy sees it. */
export interface Failure {
  path: ActorPath;
  /** The definition's name. */
  definition: string;
  /** What failed: a message, or the actor's start. */
  during: 'message' | 'start';
  /** How often this message has been tried, this time included. */
  attempts: number;
  /** How often it may be tried, from the definition's `maxAttempts`. */
  attemptsMax: number;
  /** False when trying again cannot help: the error is of a kind that comes back every time. */
  retry: boolean;
  error: Error;
  /** Milliseconds since the epoch. */
  at: number;
}

/**
 * What to do about a failed actor. `restore`: last committed state, the message is tried again. `resume`: last
 * committed state, the message becomes a dead letter. `reset`: initial state, the message becomes a dead letter.
 * `stop`: the actor ends as failed.
 */
export type SupervisionDecision = 'restore' | 'resume' | 'reset' | 'stop';

/** Decides about a failure. Must be pure: the same failure history gives the same decision. */
export type SupervisionPolicy = (failure: Failure) => { decision: SupervisionDecision; why: string };

/**
 * The kernel's own policy, one-for-one without a budget: a failing message is tried until `maxAttempts`, then
 * dead-lettered, so poison cannot stop a queue; a start that keeps failing ends the actor.
 */
export const restorePolicy: SupervisionPolicy = ({ attempts, attemptsMax, retry, during }) => {
  const isLast = !retry || attempts >= attemptsMax;
  const count = `attempt ${attempts} of ${attemptsMax}`;
  if (!isLast) return { decision: 'restore', why: count };
  const why = retry ? `${count} was the last` : 'trying again cannot help';
  return { decision: during === 'start' ? 'stop' : 'resume', why };
};
