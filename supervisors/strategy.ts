/** Whom a failure concerns, and when a child is restarted: OTP's rules as pure functions. */
import type { ChildDecision } from '../src/index.js';
import type { OnFailure, RestartType, Strategy } from './spec.js';

/** How a child came to be out of work: a failure it may go on from, or an exit. */
export type Ending = 'failed' | 'done' | 'stopped';

/** Is a child restarted after this? `stopped` is OTP's exit reason `shutdown`, `done` its `normal`. */
export function isRestarted(restart: RestartType, ending: Ending): boolean {
  return restart === 'permanent' || (restart === 'transient' && ending === 'failed');
}

/**
 * The children a restart of one concerns, itself among them, in start order.
 * @param ids all children in start order
 */
export function concerned(strategy: Strategy, ids: readonly string[], failed: string): readonly string[] {
  if (strategy === 'one-for-all') return ids;
  if (strategy === 'one-for-one' || strategy === 'escalate') return [failed];
  return ids.slice(Math.max(0, ids.indexOf(failed)));
}

/** Does a child that has exited begin with its initial state when it is started again? */
export function isBegunAnew(onFailure: OnFailure, isSupervisor: boolean): boolean {
  return onFailure === 'reset' || isSupervisor;
}

/**
 * How a child that is restarted goes on.
 * @param isSupervisor it is one itself: then it begins anew, with its budget
 * @param failure what it is to go on from: the message's number, 0 for a start, and whether it may be tried again
 */
export function decisionFor(
  onFailure: OnFailure,
  isSupervisor: boolean,
  failure: { seq: number; mayRetry: boolean } | undefined,
): ChildDecision {
  if (failure === undefined) return isBegunAnew(onFailure, isSupervisor) ? 'reset' : 'restore';
  if (onFailure === 'reset') return 'reset';
  if (failure.seq === 0) return 'restore';
  return onFailure === 'restore' && failure.mayRetry ? 'restore' : 'resume';
}
