/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';

/** What was asked for. */
export interface BenchArguments {
  readonly suites: readonly string[];
  readonly quick: boolean;
  /** Undefined: as many as each suite has by itself. */
  readonly rounds: number | undefined;
  readonly help: boolean;
  /** Where to write the results as JSON. */
  readonly json: string | undefined;
  /** Where journals are put; its disk is what is measured. */
  readonly dir: string | undefined;
  /** Run only entrants whose name contains one of these. */
  readonly only: readonly string[];
  /** A folder for V8 CPU profiles, one for each thread. */
  readonly profile: string | undefined;
}

const roundsMax = 1_000;

/** A mistake of the caller's, to be told in one line. */
export class UsageError extends Error {}

/**
 * Read the arguments.
 * @param known the suites there are
 * @throws UsageError naming what is wrong
 */
export function readArguments(args: readonly string[], known: readonly string[]): BenchArguments {
  const { values, positionals } = parse(args);
  for (const name of positionals) {
    if (!known.includes(name)) throw new UsageError(`there is no suite '${name}'; there is ${known.join(', ')}`);
  }
  const quick = values.quick ?? false;
  return {
    suites: positionals.length === 0 ? known : [...new Set(positionals)],
    quick,
    rounds: values.rounds === undefined ? undefined : readRounds(values.rounds),
    help: values.help ?? false,
    json: values.json,
    dir: values.dir,
    only: values.only ?? [],
    profile: values.profile,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        quick: { type: 'boolean' },
        rounds: { type: 'string' },
        json: { type: 'string' },
        dir: { type: 'string' },
        only: { type: 'string', multiple: true },
        profile: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= roundsMax) return rounds;
  throw new UsageError(`--rounds takes a whole number from 1 to ${roundsMax}, not '${text}'`);
}
