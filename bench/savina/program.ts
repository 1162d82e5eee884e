/**
 * What a program of the Savina suite is: its parameters, and what must have come out at the end. The programs and the
 * parameters are those of S. Imam and V. Sarkar, "Savina: an actor benchmark suite", AGERE 2014; what is written here
 * is ours. Every contender gets the same parameters and must come to the same result.
 */

/** Parameters by name, in the order in which a program in Erlang gets them. */
export type Parameters = Readonly<Record<string, number>>;

/** What came out, by name, in the order in which a program in Erlang gives it. */
export type Outcome = Readonly<Record<string, number>>;

/** How often a contender goes through a program. */
export interface Repetition {
  /** It begins no further run when it has measured for so long, in milliseconds. */
  readonly budgetMs: number;
  /** Nor when it has measured so many. The first one is never counted. */
  readonly runsMax: number;
}

/** One program. @typeParam P its parameters */
export interface Program<P extends Parameters = Parameters> {
  readonly name: string;
  /** A heading, with what it does at the full size. */
  readonly title: string;
  /** Savina's own. */
  readonly full: P;
  readonly quick: P;
  /** What is counted. `per: 'run'` gives milliseconds for each run, else so many of them a second. */
  readonly per: 'run' | ((parameters: P) => number);
  /** What must come out. */
  expected(parameters: P): Outcome;
  /** A run is over when its actors have ended. Default: when the result is there. */
  readonly includesEnd?: boolean;
  /** What limits whom, for the foot of the table. */
  readonly limitedBy: string;
}
