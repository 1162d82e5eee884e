/** How much each contender of the endurance suite does. The quick sizes show that everything runs. */

/** See the fields. */
export interface Sizes {
  /** Time between two samples, in milliseconds. */
  sampleMs: number;
  /** Messages that may be on their way, not handled, at a time. */
  tellsAhead: number;
  /** Spawns on their way at a time. */
  spawnsAhead: number;
  churn: {
    machines: number;
    tells: number;
    /** The system's options of these names, in bytes. */
    retentionBytes: number;
    checkpointBytes: number;
  };
  backlog: {
    /** Messages told to the one actor that is held back. */
    tells: number;
    /** Of them not accepted yet, at a time: what waits for its promise is the program's memory, not the journal's. */
    tellsAhead: number;
  };
  million: {
    actors: number;
    /** The system's option of this name. */
    residentActorsMax: number;
    /** Messages to one actor in a hundred, by turns, when all are spawned. */
    tells: number;
    /** Passive actors asked at the end, all at once. */
    asks: number;
    /** Actors more that set a timer, and its delay in milliseconds: they are passive when it is due. */
    sleepers: number;
    sleepMs: number;
  };
  startUp: {
    actors: number;
    /** Messages all of them together handled before the process was killed. */
    tells: number;
  };
}

const MiB = 2 ** 20;

/** The sizes the claims are about. */
export const fullSizes: Sizes = {
  sampleMs: 1_000,
  tellsAhead: 20_000,
  spawnsAhead: 10_000,
  churn: { machines: 1_000, tells: 5_000_000, retentionBytes: 32 * MiB, checkpointBytes: 16 * MiB },
  backlog: { tells: 1_000_000, tellsAhead: 4_000 },
  million: {
    actors: 1_000_000,
    residentActorsMax: 10_000,
    tells: 1_000_000,
    asks: 1_000,
    sleepers: 1_000,
    sleepMs: 60_000,
  },
  startUp: { actors: 100_000, tells: 1_000_000 },
};

/** For a look in less than a minute. */
export const quickSizes: Sizes = {
  sampleMs: 50,
  tellsAhead: 4_000,
  spawnsAhead: 1_000,
  churn: { machines: 200, tells: 200_000, retentionBytes: 4 * MiB, checkpointBytes: 2 * MiB },
  backlog: { tells: 60_000, tellsAhead: 1_000 },
  million: { actors: 20_000, residentActorsMax: 500, tells: 40_000, asks: 100, sleepers: 100, sleepMs: 4_000 },
  startUp: { actors: 5_000, tells: 50_000 },
};
