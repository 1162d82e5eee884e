/**
 * One-for-one with a budget, as a policy for `createSystem`: a failing actor is restored, its siblings are not
 * touched. Every actor has a budget of its own; one that spends it ends as failed, so a crash loop does not go on
 * for ever. The decision is pure but for the memory of recent failures, which this object owns.
 */
import { checkIntensityOf } from './options.js';
import type { OnFailure } from './spec.js';
import { type RestartIntensity, restartIntensity } from './restart-intensity.js';
import type { Failure, SupervisionPolicy } from '../src/index.js';

/** How failures are met. */
export interface OneForOneOptions {
  /** Restarts granted to one actor. Default: 3 in 60 s. */
  intensity?: RestartIntensity;
  /**
   * `restore` (default): last committed state, the message is tried again up to the definition's `maxAttempts`;
   * `resume`: last committed state, the message becomes a dead letter at once; `reset`: initial state, likewise.
   */
  onFailure?: OnFailure;
}

/**
 * A policy for `createSystem({ supervision })`.
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function oneForOne(options: OneForOneOptions = {}): SupervisionPolicy {
  const { intensity, onFailure } = checkIntensityOf(options);
  const recentByPath = new Map<string, readonly number[]>();
  return (failure) => {
    const { path, at, during } = failure;
    const verdict = restartIntensity(recentByPath.get(path) ?? [], at, intensity);
    if (!verdict.granted) {
      recentByPath.delete(path);
      return { decision: 'stop', why: `more than ${intensity.restarts} failures in ${intensity.periodMs} ms` };
    }
    recentByPath.set(path, verdict.recent);
    const count = `failure ${verdict.recent.length} of ${intensity.restarts} in ${intensity.periodMs} ms`;
    if (onFailure === 'restore' && mayTryAgain(failure)) return { decision: 'restore', why: count };
    if (during === 'start') return { decision: 'stop', why: `${count}; its start cannot succeed` };
    return { decision: onFailure === 'reset' ? 'reset' : 'resume', why: `${count}; the message is given up` };
  };
}

function mayTryAgain({ retry, attempts, attemptsMax }: Failure): boolean {
  return retry && attempts < attemptsMax;
}
