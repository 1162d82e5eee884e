/** What a suite of benchmarks is: contenders, each run in a process of its own, and rows that read their measures. */

/** Something to run. */
export interface Entrant {
  /** The name its process is given. */
  readonly name: string;
  /** Run once before the rounds, in a folder the others are told as `prepared`; its process may die of it. */
  readonly once?: boolean;
  /** It works on what the entrants that run once have prepared. */
  readonly isPrepared?: boolean;
  /** A program that must be on the PATH; without it the entrant is absent, and its rows say so. */
  readonly needs?: string;
  /** A package of `bench/package.json`; where it cannot be installed the entrant is absent. @see loadPeer */
  readonly peer?: string;
  /** It is no work of ours, so a comparison of two commits leaves it out. Implied by `needs` and `peer`. */
  readonly isForeign?: boolean;
  /** Its work does not shrink with the sizes: a run with small ones leaves it out. */
  readonly isLarge?: boolean;
  /** It is another suite's entrant under another name: only a comparison of two commits has such. */
  readonly variant?: { readonly id: string; readonly entry: URL; readonly entrant: string };
}

/** What must be true of a row at the full sizes. */
export type Target = { readonly ratioMin: number } | { readonly ratioMax: number } | { readonly valueMax: number };

/** One line of the table: a measure of an entrant, beside a base of the same run. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly entrant: string;
  /** Which of its measures. */
  readonly measure: string;
  readonly unit: '/s' | 'us' | 'ms' | 's' | 'B' | 'MB' | 'MB/s' | '';
  /** The row to divide by. A row without one is a base, or stands for itself. */
  readonly base?: string;
  /** Instead of a base: the best of these rows, by its median, of those that were measured. */
  readonly bestOf?: readonly string[];
  readonly target?: Target;
  /** What keeps it from being better, in one sentence. */
  readonly limitedBy: string;
  /** It is a point of a line that shows how cost grows. @see growthOf */
  readonly point?: CurvePoint;
}

/** Where a row stands on a line. Points of one line stand in the order of their x. */
export interface CurvePoint {
  readonly curve: string;
  readonly line: string;
  /** How much work it was: actors, bytes, hosts ... */
  readonly x: number;
  /**
   * What the cost is of. Of a rate: one of what is done in a second, or one byte of it when `x` is its bytes. `whole`:
   * the figure is a cost itself.
   */
  readonly each: 'one' | 'byte' | 'whole';
}

/** Rows that belong together, under a heading. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** A suite. */
export interface Suite {
  readonly name: string;
  /** One sentence for the help. */
  readonly says: string;
  /**
   * The module that runs one entrant: `node entry NAME INPUT`, where the last line printed is its measures as JSON,
   * and `samples` among them what it sampled meanwhile.
   */
  readonly entry: URL;
  readonly entrants: readonly Entrant[];
  readonly sections: readonly Section[];
  /** Sizes handed to every entrant. */
  sizes(quick: boolean): object;
  readonly notMeasured: readonly string[];
  /** Rounds at the full sizes, when nobody says. Default 5. */
  readonly rounds?: number;
  /** How long one entrant may take, in milliseconds. Default 300,000: what takes longer hangs. */
  readonly entrantMsMax?: number;
}
