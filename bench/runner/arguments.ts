/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import { isAsked } from './run-suite.js';
import type { Suite } from './suite.js';

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
  /** Take V8's CPU profiles, one for each thread. */
  readonly profile: boolean;
  /** Where to leave them; undefined: nowhere, the tables are all. */
  readonly profileDir: string | undefined;
  /** Another commit to measure beside this one. */
  readonly against: string | undefined;
}

const roundsMax = 1_000;

/** A mistake of the caller's, to be told in one line. */
export class UsageError extends Error {}

/**
 * Read the arguments.
 * @param known the suites there are
 * @throws UsageError naming what is wrong, and what would be right
 */
export function readArguments(
  args: readonly string[],
  known: readonly Pick<Suite, 'name' | 'entrants'>[],
): BenchArguments {
  const { values, positionals } = parse(args);
  const names = known.map(({ name }) => name);
  for (const name of positionals) {
    if (!names.includes(name)) throw new UsageError(`there is no suite '${name}'; there is ${names.join(', ')}`);
  }
  const suites = positionals.length === 0 ? names : [...new Set(positionals)];
  const only = values.only ?? [];
  checkOnly(
    only,
    known.filter(({ name }) => suites.includes(name)),
  );
  return {
    suites,
    quick: values.quick ?? false,
    rounds: values.rounds === undefined ? undefined : readRounds(values.rounds),
    help: values.help ?? false,
    json: values.json,
    dir: values.dir,
    only,
    profile: values.profile ?? values['profile-dir'] !== undefined,
    profileDir: values['profile-dir'],
    against: values.against,
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
        profile: { type: 'boolean' },
        'profile-dir': { type: 'string' },
        against: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

/** A part of a name that no contender has would measure nothing, and look like success. */
function checkOnly(only: readonly string[], suites: readonly Pick<Suite, 'entrants'>[]): void {
  const entrants = suites.flatMap((suite) => suite.entrants.filter(({ once }) => once !== true));
  const stray = only.find((part) => !entrants.some((entrant) => isAsked(entrant, [part])));
  if (stray === undefined) return;
  const names = [...new Set(entrants.map(({ name }) => name))].join(', ');
  throw new UsageError(`--only ${stray}: no contender has that in its name; there is ${names}`);
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= roundsMax) return rounds;
  throw new UsageError(`--rounds takes a whole number from 1 to ${roundsMax}, not '${text}'`);
}
