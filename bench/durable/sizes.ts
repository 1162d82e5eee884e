/** How much each contender of the durable suite does. The quick sizes show that everything runs. */
import { type Sizes as KernelSizes, fullSizes as kernelFull, quickSizes as kernelQuick } from '../kernel/sizes.js';

/** See the fields. */
export interface Sizes extends KernelSizes {
  /** Increments and questions of peers: they are some hundred times slower than ours, and are not given longer. */
  peerIncrements: number;
  peerAsks: number;
  /** Counters of a peer, each added to one increment after the other; so many are on their way at a time. */
  peerCounters: number;
  /** Records put into lmdb alone. */
  lmdbPuts: number;
  /** Actors that wait for something at the same time, and how long each does, in milliseconds. */
  tasks: number;
  taskMs: number;
  /** Jobs that compute, the threads they have, and how long each computes, in milliseconds. */
  jobs: number;
  jobThreads: number;
  jobMs: number;
}

/** The sizes the targets are about. */
export const fullSizes: Sizes = {
  ...kernelFull,
  functionTells: 1_000_000,
  peerIncrements: 3_000,
  peerAsks: 300,
  peerCounters: 100,
  lmdbPuts: 300_000,
  tasks: 1_000,
  taskMs: 1_000,
  jobs: 1_000,
  jobThreads: 2,
  jobMs: 10,
};

/** For a look in half a minute. */
export const quickSizes: Sizes = {
  ...fullSizes,
  ...kernelQuick,
  machines: 100,
  tells: 20_000,
  functionTells: 40_000,
  tellsAhead: 4_000,
  peerIncrements: 200,
  peerAsks: 20,
  peerCounters: 20,
  lmdbPuts: 10_000,
  tasks: 100,
  taskMs: 200,
  jobs: 50,
};
