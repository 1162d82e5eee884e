/** A contender's process: goes through one program in one way, and says what it measured as one line of JSON. */
import { writeSync } from 'node:fs';
import type { ActorDefinition } from '../../src/index.js';
import type { ContenderInput, Measures } from '../kernel/contender.js';
import { compileOtp, runOtp } from './otp.js';
import { entries, type Entry, type Family } from './programs.js';
import type { Sizes } from './sizes.js';
import { flushed, functions } from './troupe/all.js';
import { runTroupe } from './troupe.js';

/** The actors of a program that troupe runs, by the family. */
const leaders: Partial<Record<Family, Readonly<Record<string, ActorDefinition>>>> = { function: functions, flushed };

function run({ program, erlang }: Entry, family: Family, input: ContenderInput<Sizes>): Promise<Measures> {
  if (family === 'otp') return runOtp(program, erlang ?? program.name.replaceAll('-', '_'), input);
  const leader = leaders[family]?.[program.name];
  if (leader === undefined) throw new Error(`nobody wrote ${program.name} as ${family}`);
  return runTroupe(program, leader, input);
}

function contend(name: string, input: ContenderInput<Sizes>): Promise<Measures> {
  if (name === 'compile-otp') return compileOtp(input);
  const [programName, family] = name.split('/');
  const entry = entries.find(({ program }) => program.name === programName);
  if (entry === undefined || !entry.families.includes(family as Family))
    throw new Error(`there is no contender ${name}`);
  return run(entry, family as Family, input);
}

const [name = '', input = '{}'] = process.argv.slice(2);
const measures = await contend(name, JSON.parse(input) as ContenderInput<Sizes>);
writeSync(1, `${JSON.stringify(measures)}\n`);
