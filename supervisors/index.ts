/** Restart policy: what to do about failing actors. The mechanism is the kernel's; the decisions are here, and pure. */
export { type Backoff, backoffMs } from './backoff.js';
export { type OnFailure, type OneForOneOptions, oneForOne } from './one-for-one.js';
export { checkIntensity, type IntensityVerdict, type RestartIntensity, restartIntensity } from './restart-intensity.js';
