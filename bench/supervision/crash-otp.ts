/** Erlang's figure, from a program in Erlang: `crash-otp.escript` beside this file's source. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Measures } from '../kernel/contender.js';
import type { SupervisionInput } from './contender.js';

const program = path.join(import.meta.dirname, '..', '..', '..', 'bench', 'supervision', 'crash-otp.escript');

/** One after the other, and many at the same time. @throws Error with what Erlang said when it failed */
export async function otpCrash({ sizes }: SupervisionInput): Promise<Measures> {
  const { bareCrashes, warmUpShare, many } = sizes;
  const warmUps = [bareCrashes, many.bareCrashesEach].map((count) => Math.ceil(count * warmUpShare));
  const args = [warmUps[0], bareCrashes, many.actors, warmUps[1], many.bareCrashesEach].map(String);
  const { stdout } = await promisify(execFile)('escript', [program, ...args]);
  return JSON.parse(stdout) as Measures;
}
