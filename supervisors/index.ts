/** Restart policy: what to do about failing actors. The mechanism is the kernel's; the decisions are here, and pure. */
export { type Backoff, backoffMs, checkBackoff, scattered } from './backoff.js';
export {
  type CircuitAnswer,
  circuitBreaker,
  type CircuitEvents,
  type CircuitOptions,
  type CircuitView,
} from './circuit-breaker.js';
export { type GuardOptions, guarded } from './circuit-guard.js';
export { type DynamicEvents, type DynamicSpec, dynamicSupervisor } from './dynamic.js';
export type { ManagementAnswer } from './deeds.js';
export type { ChildCounts, ChildView, SupervisorEvents } from './machine.js';
export { type OneForOneOptions, oneForOne } from './one-for-one.js';
export { checkIntensity, type IntensityVerdict, type RestartIntensity, restartIntensity } from './restart-intensity.js';
export {
  type AutoShutdown,
  type ChildData,
  type ChildSpec,
  childOf,
  type OnFailure,
  type RestartType,
  type Shutdown,
  type Strategy,
  type SupervisorSpec,
} from './spec.js';
export type { RecoveryByCode } from './recovery.js';
export { supervisor } from './supervisor.js';
