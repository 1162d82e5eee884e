/** What the demo was asked for on the command line. */
import { realpathSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The checked arguments. */
export interface DemoArguments {
  help: boolean;
  /** Kill the whole process halfway and go on from the journal. */
  kill: boolean;
  /** The tree to take stock of: an absolute path without links. */
  dir: string;
  /** Host threads. */
  hosts: number;
}

const hostsMax = 64;

/** Printed by `--help`. */
export const helpText = `An inventory of a folder by durable actors, with accidents on the way.

  npm run demo            this project's node_modules; an actor throws, a
                          message is poisoned, a thread is killed
  npm run demo -- --kill  the same, and the process is killed halfway (SIGKILL)
                          and started again on the same journal
  npm run demo -- agents  a team of agents answers a question; it is killed
                          while it waits for an approval, and goes on

  --dir PATH    the folder to take stock of; it is only read
  --hosts N     threads for actors, 1 to ${hostsMax} (default: at least 2)
  --help        this text

Exits with 0 when the result equals that of a plain walk of the same folder,
with 1 when it does not, with 2 for bad arguments. NO_COLOR is honoured.
`;

/**
 * Read the arguments.
 * @throws Error whose message is one line for the user
 */
export function readArguments(args: string[]): DemoArguments {
  const { help = false, kill = false, dir, hosts } = parse(args);
  return { help, kill, dir: help ? '' : checkFolder(dir), hosts: checkHosts(hosts) };
}

function parse(args: string[]) {
  try {
    const options = {
      help: { type: 'boolean', short: 'h' },
      kill: { type: 'boolean' },
      dir: { type: 'string' },
      hosts: { type: 'string' },
    } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    // Node adds advice about dashes in further sentences and lines.
    const [sentence] = (error as Error).message.split(/\.\s|\.?\n/);
    throw new Error(`${sentence}; try --help`);
  }
}

function checkFolder(given: string | undefined): string {
  // Two levels up from here, and one more out of the compiled output.
  const dir = given ?? fileURLToPath(new URL('../../../node_modules', import.meta.url));
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`--dir: ${dir} is no folder`);
  return realpathSync(dir);
}

function checkHosts(given: string | undefined): number {
  // So that a host that is killed has company.
  if (given === undefined) return Math.min(hostsMax, Math.max(2, availableParallelism() - 1));
  const hosts = Number(given);
  if (/^\d+$/.test(given) && hosts >= 1 && hosts <= hostsMax) return hosts;
  throw new Error(`--hosts must be a whole number from 1 to ${hostsMax}, not ${JSON.stringify(given)}`);
}
