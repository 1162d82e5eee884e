/** How much each contender of the durable suite does. The quick sizes show that everything runs. */
import { type Sizes as KernelSizes, fullSizes as kernelFull, quickSizes as kernelQuick } from '../kernel/sizes.js';

/** Increments by peer. */
export interface PeerIncrements {
  bullMq: number;
  dbos: number;
  restate: number;
  langGraph: number;
}

/** See the fields. */
export interface Sizes extends KernelSizes {
  /** Increments of each peer, as many as take it some seconds; and questions to it. */
  peerIncrements: PeerIncrements;
  peerAsks: number;
  /** Increments of a peer on their way at a time: each of these is tried, and the best counts. */
  peerAhead: readonly number[];
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
  peerIncrements: { bullMq: 60_000, dbos: 6_000, restate: 20_000, langGraph: 6_000 },
  peerAsks: 1_000,
  peerAhead: [100, 1_000],
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
  peerIncrements: { bullMq: 2_000, dbos: 200, restate: 400, langGraph: 200 },
  peerAsks: 20,
  peerAhead: [20, 200],
  lmdbPuts: 10_000,
  tasks: 100,
  taskMs: 200,
  jobs: 50,
};
