/** How much the journals hold that the recovery suite reads. */

/** See the fields. */
export interface Sizes {
  /** Actors with a timer: recovery reads all of them, and so it does no more than `lmdb` read raw. */
  sleepers: number;
  /** Machines that are told by turns, and the messages they are told. */
  machines: number;
  tells: number;
  /** Spawns on their way at a time. */
  spawnsAhead: number;
  /** Messages on their way, not handled, at a time. */
  tellsAhead: number;
}

/** The sizes the targets are about. */
export const fullSizes: Sizes = {
  sleepers: 100_000,
  machines: 1_000,
  tells: 300_000,
  spawnsAhead: 10_000,
  tellsAhead: 20_000,
};

/** For a look. */
export const quickSizes: Sizes = {
  sleepers: 5_000,
  machines: 200,
  tells: 20_000,
  spawnsAhead: 1_000,
  tellsAhead: 4_000,
};
