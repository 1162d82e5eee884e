/**
 * Recovery hints: what a child's error asks for, by its code, where the declaration says so. Each code of the kernel
 * has a hint in `errorTable`; a supervisor obeys those it was told to, and no others, so that OTP's numbers hold
 * wherever nothing is said.
 *
 * | hint | what the supervisor does |
 * |---|---|
 * | `restart` | what it would have done anyway |
 * | `retry`, `failover` | restarts it with its last committed state, and the message is tried again |
 * | `ignore` | the message becomes a dead letter, the child goes on, no restart is counted |
 * | `breaker` | restarts it after a pause: the backoff's longest, without a backoff a minute |
 * | `reload` | does not restart it; it can be restarted by name when what fits has been deployed |
 * | `escalate` | gives up at once, with the child's error as the cause |
 */
import type { ErrorRecovery } from '../src/index.js';
import type { Backoff } from './backoff.js';
import { refuse } from './refuse.js';
import type { OnFailure } from './spec.js';

/** What errors ask for, by code: codes of the kernel's table, or a program's own. */
export type RecoveryByCode = Readonly<Record<string, ErrorRecovery>>;

const known: readonly ErrorRecovery[] = ['retry', 'restart', 'escalate', 'reload', 'breaker', 'failover', 'ignore'];

/** How many causes deep a code is looked for: the kernel wraps an error once or twice. */
const causeDepthMax = 8;

/** How long a child rests whose error asks for a breaker, when there is no backoff to say it, in milliseconds. */
const pauseMsDefault = 60_000;

/** Check a declaration's table. @throws TroupeError SUPERVISOR_SPEC */
export function checkRecovery(recovery: RecoveryByCode, field: string): void {
  if (typeof recovery !== 'object' || recovery === null) refuse(field, recovery, 'must be hints by error code');
  for (const [code, hint] of Object.entries(recovery)) {
    if (!known.includes(hint)) refuse(`${field}.${code}`, hint, `must be one of ${known.join(', ')}`);
  }
}

/** What an error asks for: its own code decides, else that of the nearest cause that has one in the table. */
export function hintOf(error: unknown, recovery: RecoveryByCode): { hint: ErrorRecovery; code: string } | undefined {
  let at = error;
  for (let depth = 0; depth < causeDepthMax && typeof at === 'object' && at !== null; depth += 1) {
    const { code, cause } = at as { code?: unknown; cause?: unknown };
    const hint = typeof code === 'string' && Object.hasOwn(recovery, code) ? recovery[code] : undefined;
    if (hint !== undefined) return { hint, code: code as string };
    at = cause;
  }
  return undefined;
}

/** What a restarted child begins with. */
export function onFailureBy(hint: ErrorRecovery | undefined, declared: OnFailure): OnFailure {
  return hint === 'retry' || hint === 'failover' ? 'restore' : declared;
}

/** How long a child rests whose error asks for a breaker, in milliseconds. */
export function pauseMs(backoff: Backoff | undefined): number {
  return backoff?.maxMs ?? pauseMsDefault;
}
