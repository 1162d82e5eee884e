/** How much each contender of the supervision suite does. The quick sizes show that everything runs. */

/** See the fields. */
export interface Sizes {
  /** Part of the work done first and not measured. */
  warmUpShare: number;
  /** Crashes of one actor, one after the other. */
  crashes: number;
  /** The same of one process of OTP, and of one actor of XState alone: they take microseconds. */
  bareCrashes: number;
  many: {
    /** Actors that crash at the same time, below one dynamic supervisor or below nobody. */
    actors: number;
    /** Below one supervisor that has them in a list: as many as `crew-of-100` declares. */
    listed: number;
    /** How often each of them does, each of the listed ones, and each of XState's and of OTP's. */
    crashesEach: number;
    listedCrashesEach: number;
    bareCrashesEach: number;
  };
  death: {
    /** Actors on the thread that dies, and how often one dies; the first time is not counted. */
    actors: number;
    deaths: number;
    /** How long the system goes on between two deaths, in milliseconds: they are single faults, not a storm of them. */
    apartMs: number;
    /** So many more than two threads need: the one that dies has enough, also if it has less than half. */
    neighbours: number;
  };
  steady: {
    machines: number;
    tells: number;
    /** Messages that may be on their way, not handled, at a time. */
    tellsAhead: number;
  };
  children: {
    /** As many in the first, second, third and fourth row. */
    few: number;
    some: number;
    many: number;
    twice: number;
    /** Starts on their way at a time. */
    startsAhead: number;
  };
}

/** The sizes the targets are about. */
export const fullSizes: Sizes = {
  warmUpShare: 0.2,
  crashes: 10_000,
  bareCrashes: 10_000,
  many: { actors: 1_000, listed: 100, crashesEach: 10, listedCrashesEach: 10, bareCrashesEach: 20 },
  death: { actors: 10_000, deaths: 6, apartMs: 1_000, neighbours: 1_000 },
  steady: { machines: 1_000, tells: 300_000, tellsAhead: 20_000 },
  children: { few: 1_000, some: 10_000, many: 100_000, twice: 200_000, startsAhead: 10_000 },
};

/** For a look in twenty seconds. */
export const quickSizes: Sizes = {
  ...fullSizes,
  crashes: 100,
  bareCrashes: 1_000,
  many: { actors: 100, listed: 100, crashesEach: 2, listedCrashesEach: 1, bareCrashesEach: 5 },
  death: { actors: 500, deaths: 2, apartMs: 0, neighbours: 50 },
  steady: { machines: 100, tells: 10_000, tellsAhead: 4_000 },
  children: { few: 50, some: 200, many: 500, twice: 1_000, startsAhead: 1_000 },
};
