/** How much each contender does. The quick sizes show that everything runs, and too little to judge by. */

/** See the fields. */
export interface Sizes {
  /** Machines that are told by turns. */
  machines: number;
  /** Messages measured, for machines and for functions. */
  tells: number;
  functionTells: number;
  /** Part of that number sent first and not measured. */
  warmUpShare: number;
  /** Messages that may be on their way, not handled, at a time. */
  tellsAhead: number;
  /** Questions asked one after the other. */
  asks: number;
  /** Actors that exist and do nothing. */
  idleActors: number;
  /** Spawns on their way at a time. */
  spawnsAhead: number;
  /** Writes to probe the disk with. */
  diskWrites: number;
}

/** The sizes the targets are about. */
export const fullSizes: Sizes = {
  machines: 1_000,
  tells: 300_000,
  functionTells: 500_000,
  warmUpShare: 0.2,
  tellsAhead: 20_000,
  asks: 2_000,
  idleActors: 100_000,
  spawnsAhead: 10_000,
  diskWrites: 500,
};

/** For a look in a minute. */
export const quickSizes: Sizes = {
  ...fullSizes,
  tells: 40_000,
  functionTells: 60_000,
  asks: 300,
  idleActors: 5_000,
  spawnsAhead: 1_000,
  diskWrites: 100,
};
