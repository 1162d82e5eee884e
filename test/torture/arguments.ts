/** The command line of `npm run torture`. */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { journalPlans } from './fate.js';
import type { Durability } from './life.js';
import { mutants } from './mutants.js';
import type { TortureSettings } from './torture.js';

/** What was asked for. */
export interface TortureArguments extends TortureSettings {
  help: boolean;
  /** A file to append the outcome to, as a line of JSON. */
  record: string | undefined;
}

/** A mistake of the caller's, to be told in one line. */
export class UsageError extends Error {}

/** What is done when the caller does not say. */
export const defaults = { deaths: 300, seed: 1, durability: 'flushed', hosts: 3, lanes: 2 } as const;

const durabilities: readonly Durability[] = ['flushed', 'committed', 'mixed'];

/**
 * Read the arguments.
 * @throws UsageError naming what is wrong
 */
export function readArguments(args: readonly string[]): TortureArguments {
  const values = parse(args);
  const whole = (name: 'seed' | 'hosts' | 'lanes', max: number, min = 1) =>
    readWhole(`--${name}`, values[name], min, max) ?? defaults[name];
  const { kills, faults } = values;
  if (kills !== undefined && faults !== undefined)
    throw new UsageError('--kills and --faults are alternatives: give one of them');
  const victims = faults === undefined ? 'kills' : 'faults';
  const deaths = readWhole(`--${victims}`, faults ?? kills, 1, 1_000_000) ?? defaults.deaths;
  const seed = whole('seed', 1_000_000_000, 0);
  return {
    help: values.help ?? false,
    victims,
    deaths,
    seed,
    durability: readDurability(values.durability),
    hosts: whole('hosts', 64),
    lanes: whole('lanes', 64),
    journal: readWhole('--journal', values.journal, 1, journalPlans(deaths, seed).length),
    dir: values.dir ?? tmpdir(),
    record: values.record,
    mutant: readMutant(values.mutant),
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        kills: { type: 'string' },
        faults: { type: 'string' },
        seed: { type: 'string' },
        durability: { type: 'string' },
        hosts: { type: 'string' },
        lanes: { type: 'string' },
        journal: { type: 'string' },
        dir: { type: 'string' },
        record: { type: 'string' },
        mutant: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s/)[0]);
  }
}

function readWhole(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`${name} takes a whole number from ${min} to ${max}, not '${text}'`);
}

function readDurability(text: string | undefined): Durability {
  const found = durabilities.find((each) => each === (text ?? defaults.durability));
  if (found !== undefined) return found;
  throw new UsageError(
    `--durability is ${durabilities.slice(0, -1).join(', ')} or ${durabilities.at(-1)}, not '${text}'`,
  );
}

function readMutant(name: string | undefined): string | undefined {
  const names = Object.keys(mutants);
  if (name === undefined || names.includes(name)) return name;
  throw new UsageError(`--mutant is one of ${names.join(', ')}, not '${name}'`);
}
