/** Behaviours to pick up: what stands on the kernel and the supervisors. Each part is usable alone. */
export * from './agent/index.js';
export * from './managers/index.js';
export * from './memory/index.js';
export * from './model/index.js';
export * from './schema/index.js';
export * from './tools/index.js';
export * from './workflow/index.js';
