/** A contender's process: goes through one program in one way, and says what it measured as one line of JSON. */
import type { ActorDefinition } from '../../src/index.js';
import type { ContenderInput, Measures } from '../kernel/contender.js';
import { idle } from './idle.js';
import { runNact } from './nact/all.js';
import { contend } from '../runner/contend.js';
import { compileOtp, runOtp, runOtpOnAll } from './otp.js';
import { entries, type Entry, type Family, parallelEntries } from './programs.js';
import type { Sizes } from './sizes.js';
import { flushed, functions, machines, spread } from './troupe/all.js';
import { runTroupe } from './troupe.js';
import { runXstate } from './xstate.js';

/** The actors of a program that troupe runs, by the family. */
const leaders: Partial<Record<Family, Readonly<Record<string, ActorDefinition>>>> = {
  function: functions,
  machine: machines,
  flushed,
};

function run({ program, erlang }: Entry, family: Family, input: ContenderInput<Sizes>): Promise<Measures> {
  if (family === 'otp') return runOtp(program, erlang ?? moduleOf(program.name), input);
  if (family === 'xstate') return runXstate(program, input);
  if (family === 'nact') return runNact(program, input);
  const leader = leaders[family]?.[program.name];
  if (leader === undefined) throw new Error(`nobody wrote ${program.name} as ${family}`);
  return runTroupe(program, leader, input);
}

/** Of a program in Erlang. */
function moduleOf(name: string): string {
  return name.replaceAll('-', '_');
}

/** As many as a machine of two cores can run at a time. */
const spreadHosts = 2;

/** By the names the suite gives them. */
const contenders: Record<string, (input: ContenderInput<Sizes>) => Promise<Measures>> = { 'compile-otp': compileOtp };
for (const entry of entries) {
  for (const family of entry.families) {
    contenders[`${entry.program.name}/${family}`] = (input) => run(entry, family, input);
  }
}
for (const { program } of parallelEntries) {
  const leader = spread[program.name];
  if (leader === undefined) throw new Error(`nobody wrote ${program.name} for several hosts`);
  contenders[`${program.name}/otp-all`] = (input) => runOtpOnAll(program, moduleOf(program.name), input);
  contenders[`${program.name}/spread`] = (input) => runTroupe(program, leader, input, spreadHosts);
}
for (const [family, weigh] of Object.entries(idle)) contenders[`idle/${family}`] = weigh;

await contend(contenders);
