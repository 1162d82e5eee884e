/**
 * Behaviours to pick up. None has been published yet: the first ones (workflow, agent, manager) stand on this
 * kernel next.
 */
export {};
