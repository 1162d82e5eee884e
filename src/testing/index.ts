/** For tests of actors: a system under a virtual clock and a seed, crashes on demand, failpoints. */
export { armFailpoint, disarmFailpoint, type FailpointName, failpointNames } from '../core/failpoint.js';
export { type Crash, MemoryStore } from '../journal/memory-store.js';
export { waitFor } from './wait-for.js';
export { TestClock, testTimeStart } from './test-clock.js';
export { createTestSystem, eventually, TestSystem, type TestSystemOptions } from './test-system.js';
