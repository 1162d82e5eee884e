/** How much each contender does; how large its work is says its name. The quick sizes show that everything runs. */
import type { ContenderInput, Measures } from '../kernel/contender.js';

/** See the fields. */
export interface Sizes {
  /** Messages measured, and the part of that number sent first and not measured. */
  tells: number;
  warmUpShare: number;
  /** Messages that may be on their way, not handled, at a time; and their bytes. */
  tellsAhead: number;
  bytesAhead: number;
  /** Of more actors than these only so many are told, spread over all. */
  toldMax: number;
  /** Spawns on their way at a time. */
  spawnsAhead: number;
  /** Bytes of all messages of a size together; of large ones at least so many are sent. */
  volumeBytes: number;
  lettersMin: number;
  /** Actors on several hosts, and messages to those that work. */
  spread: number;
  workTells: number;
  /** A mailbox is filled again and again until so many have waited. */
  backlogTells: number;
  /** Messages to a mailbox that are not accepted yet, at a time. */
  backlogAhead: number;
  /** Messages an actor is told after its long life. */
  turns: number;
  /** How often a passive one is asked, and its history read; the middle one counts. */
  repeats: number;
}

/** One point of a line, in a process of its own. */
export type CurvesContender = (input: ContenderInput<Sizes>) => Promise<Measures>;

const MiB = 2 ** 20;

/** The sizes the page is about. */
export const fullSizes: Sizes = {
  tells: 200_000,
  warmUpShare: 0.2,
  tellsAhead: 20_000,
  bytesAhead: 16 * MiB,
  toldMax: 100_000,
  spawnsAhead: 10_000,
  volumeBytes: 128 * MiB,
  lettersMin: 128,
  spread: 1_000,
  workTells: 40_000,
  backlogTells: 20_000,
  backlogAhead: 4_000,
  turns: 20_000,
  repeats: 5,
};

/** To see that it runs. */
export const quickSizes: Sizes = {
  ...fullSizes,
  tells: 4_000,
  tellsAhead: 1_000,
  volumeBytes: MiB,
  lettersMin: 16,
  spread: 20,
  workTells: 1_000,
  backlogTells: 200,
  turns: 400,
  repeats: 1,
};
