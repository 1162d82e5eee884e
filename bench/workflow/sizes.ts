/** How much each contender of the workflow suite does. The quick sizes show that everything runs. */

/** See the fields. */
export interface Sizes {
  /** Part of the work done first and not measured. */
  warmUpShare: number;
  /** Writes to probe the disk with. */
  diskWrites: number;
  /**
   * Runs of a workflow, and those of a peer: so many that each takes some seconds, and has been at work for more than
   * one before it is measured. What comes sooner is the engine compiling.
   */
  runs: number;
  peerRuns: number;
  /** Runs on their way at a time, everybody's. */
  runsAhead: number;
  /** Runs one after the other, and those of a peer. */
  singles: number;
  peerSingles: number;
  /** So many runs are looked up again in the end, where they are kept. */
  lookedUp: number;
  stream: {
    /** How often a text is read, by turns directly and from an agent; the first of each is not counted. */
    texts: number;
    /** Pieces of a text, and how long its server waits before each, in milliseconds. */
    pieces: number;
    pieceDelayMs: number;
    /** Pieces of a text that comes as fast as it can. */
    fastPieces: number;
  };
  agents: {
    /** Runs at the same time, each with two calls of the model and one of a tool; so many before, not counted. */
    runs: number;
    warmUp: number;
    /** How long the model thinks at least and at most, in milliseconds. */
    thinksMsMin: number;
    thinksMsMax: number;
  };
}

/** The sizes the targets are about. */
export const fullSizes: Sizes = {
  warmUpShare: 0.2,
  diskWrites: 500,
  runs: 24_000,
  peerRuns: 2_000,
  runsAhead: 100,
  singles: 200,
  peerSingles: 200,
  lookedUp: 200,
  stream: { texts: 4, pieces: 400, pieceDelayMs: 5, fastPieces: 5_000 },
  agents: { runs: 1_000, warmUp: 50, thinksMsMin: 50, thinksMsMax: 200 },
};

/** For a look in ten seconds. */
export const quickSizes: Sizes = {
  ...fullSizes,
  diskWrites: 50,
  runs: 200,
  peerRuns: 40,
  runsAhead: 20,
  singles: 20,
  peerSingles: 10,
  lookedUp: 20,
  stream: { texts: 2, pieces: 40, pieceDelayMs: 2, fastPieces: 200 },
  agents: { runs: 50, warmUp: 5, thinksMsMin: 20, thinksMsMax: 50 },
};
