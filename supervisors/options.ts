/** The options of policies, checked at the door. */
import { TroupeError } from '../src/index.js';
import type { OneForOneOptions } from './one-for-one.js';
import type { OnFailure } from './spec.js';
import { checkIntensity, intensityDefault, type RestartIntensity } from './restart-intensity.js';

const known: readonly string[] = ['intensity', 'onFailure'];
const onFailures: readonly string[] = ['restore', 'resume', 'reset'];

/** Check and complete. @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE */
export function checkIntensityOf(options: OneForOneOptions): { intensity: RestartIntensity; onFailure: OnFailure } {
  for (const [field, value] of Object.entries(options)) {
    if (known.includes(field)) continue;
    const message = `oneForOne: ${field} is not an option; known are ${known.join(', ')}`;
    throw new TroupeError('OPTION_UNKNOWN', message, { field, value });
  }
  const { intensity = intensityDefault, onFailure = 'restore' } = options;
  checkIntensity(intensity);
  if (!onFailures.includes(onFailure)) {
    const message = `oneForOne: onFailure must be one of ${onFailures.join(', ')}, and is ${String(onFailure)}`;
    throw new TroupeError('OPTION_RANGE', message, { field: 'onFailure', value: onFailure });
  }
  return { intensity, onFailure };
}
