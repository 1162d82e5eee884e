/** Behaviours to pick up: what stands on the kernel and the supervisors. Each part is usable alone. */
export * from './schema/index.js';
export * from './model/index.js';
export * from './tools/index.js';
