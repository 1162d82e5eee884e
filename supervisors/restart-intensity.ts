/**
 * How many restarts are too many: OTP's sliding window as a pure function. Each restart is added to the list of
 * those within the window; when the list is then longer than `restarts`, the supervisor gives up. So `restarts: N`
 * grants N restarts within the window and the N+1st ends it. The window is inclusive: a restart exactly
 * `periodMs` ago still counts. (The rule is that of `add_restart` in OTP's supervisor.)
 */
import { describeBriefly, TroupeError } from '../src/index.js';

/** A budget of restarts. */
export interface RestartIntensity {
  /** Restarts granted within the window; a whole number, 0 grants none. */
  restarts: number;
  /** The window, in milliseconds; above 0. */
  periodMs: number;
}

/** Where nothing is said. OTP's is 1 in 5 s. */
export const intensityDefault: RestartIntensity = { restarts: 3, periodMs: 60_000 };

/** What is to be done, and the list to pass the next time. */
export interface IntensityVerdict {
  granted: boolean;
  /** Times of the restarts that still count, newest first, this one included. */
  recent: readonly number[];
}

/** Refuse a budget that makes no sense. @throws TroupeError OPTION_RANGE naming the field */
export function checkIntensity(intensity: RestartIntensity): void {
  if (typeof intensity !== 'object' || intensity === null) {
    const message = `intensity must be { restarts, periodMs }, and is ${describeBriefly(intensity)}`;
    throw new TroupeError('OPTION_RANGE', message, { field: 'intensity', value: intensity });
  }
  const { restarts, periodMs } = intensity;
  if (!Number.isInteger(restarts) || restarts < 0) {
    const message = `intensity.restarts must be a whole number from 0, and is ${describeBriefly(restarts)}`;
    throw new TroupeError('OPTION_RANGE', message, { field: 'intensity.restarts', value: restarts });
  }
  if (!(periodMs > 0) || !Number.isFinite(periodMs)) {
    const message = `intensity.periodMs must be above 0, and is ${describeBriefly(periodMs)}`;
    throw new TroupeError('OPTION_RANGE', message, { field: 'intensity.periodMs', value: periodMs });
  }
}

/**
 * May there be one more restart now?
 * @param recent what the last verdict returned; empty at first
 * @param now a time that never goes back, in milliseconds
 */
export function restartIntensity(recent: readonly number[], now: number, budget: RestartIntensity): IntensityVerdict {
  const kept = [now, ...recent].filter((time) => now <= time + budget.periodMs);
  return { granted: kept.length <= budget.restarts, recent: kept };
}
