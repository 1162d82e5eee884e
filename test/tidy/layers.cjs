/**
 * The arrows of the architecture, as data: which room may import which. Read by `.dependency-cruiser.cjs`
 * (npm run arrows) and by tidy.test.ts (npm test), so the two cannot disagree.
 */
'use strict';

/**
 * Rooms from left to right. A file may import its own room and every room in a row above it; rooms that share a
 * row do not know each other. Types count as well: a type that points right is an arrow that turned.
 */
const rows = [
  ['src/core'],
  ['src/observe'],
  ['src/mailbox', 'src/journal'],
  ['src/cell'],
  ['src/host'],
  ['src/thread'],
  ['src/system'],
  ['src/index.ts'],
  ['src/cli'],
  ['src/testing', 'supervisors'],
  ['actors'],
  ['bench'],
  ['test'],
];

/** Rooms that are for tests: whatever row they stand in, only these rooms import them. */
const importedOnlyBy = { 'src/testing': ['test'] };

/** Packages that hide behind one room or file of the product; `test` and `bench` may use them to compare. */
const packageOnlyIn = {
  lmdb: ['src/journal/lmdb-tables.ts'],
  piscina: ['src/thread'],
  comlink: ['src/thread'],
  commander: ['src/cli'],
  pino: ['src/observe'],
  '@opentelemetry/api': ['src/observe'],
};

/** Packages whose values (not types) are used only here: logic is data to the rest of the kernel. */
const packageValuesOnlyIn = { xstate: ['src/cell', 'supervisors', 'actors'] };

/** What a room may not use of Node: the core holds values and contracts, so it runs on any thread and in any test. */
const nodeModulesForbidden = {
  'src/core': ['fs', 'fs/promises', 'worker_threads', 'child_process', 'cluster', 'net', 'http', 'https', 'dgram'],
};

/** The rooms of the product: what is published. */
const productRooms = ['src', 'supervisors', 'actors'];

const layers = { rows, importedOnlyBy, packageOnlyIn, packageValuesOnlyIn, nodeModulesForbidden, productRooms };

module.exports = layers;
