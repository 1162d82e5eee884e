/** Behaviours to pick up: each stands on the kernel alone, and is used alone or with the others. */
export * from './managers/index.js';
export * from './memory/index.js';
