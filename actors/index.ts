/** Behaviours to pick up: each is made of actors, and usable alone. */
export * from './workflow/index.js';
