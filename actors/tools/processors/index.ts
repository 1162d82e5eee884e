/** Processors that are there already. */
export { audit, type AuditOptions, type AuditRecord } from './audit.js';
export { permit } from './permit.js';
export { redact, type RedactOptions } from './redact.js';
