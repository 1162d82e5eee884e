/** A contender's process: goes through one program in one way, and says what it measured as one line of JSON. */
import type { ActorDefinition } from '../../src/index.js';
import type { ContenderInput, Measures } from '../kernel/contender.js';
import { idle } from './idle.js';
import { runNact } from './nact/all.js';
import { contend } from '../runner/contend.js';
import { compileOtp, runOtp } from './otp.js';
import { entries, type Entry, type Family } from './programs.js';
import type { Sizes } from './sizes.js';
import { flushed, functions, machines } from './troupe/all.js';
import { runTroupe } from './troupe.js';
import { runXstate } from './xstate.js';

/** The actors of a program that troupe runs, by the family. */
const leaders: Partial<Record<Family, Readonly<Record<string, ActorDefinition>>>> = {
  function: functions,
  machine: machines,
  flushed,
};

function run({ program, erlang }: Entry, family: Family, input: ContenderInput<Sizes>): Promise<Measures> {
  if (family === 'otp') return runOtp(program, erlang ?? program.name.replaceAll('-', '_'), input);
  if (family === 'xstate') return runXstate(program, input);
  if (family === 'nact') return runNact(program, input);
  const leader = leaders[family]?.[program.name];
  if (leader === undefined) throw new Error(`nobody wrote ${program.name} as ${family}`);
  return runTroupe(program, leader, input);
}

/** By the names the suite gives them. */
const contenders: Record<string, (input: ContenderInput<Sizes>) => Promise<Measures>> = { 'compile-otp': compileOtp };
for (const entry of entries) {
  for (const family of entry.families) {
    contenders[`${entry.program.name}/${family}`] = (input) => run(entry, family, input);
  }
}
for (const [family, weigh] of Object.entries(idle)) contenders[`idle/${family}`] = weigh;

await contend(contenders);
