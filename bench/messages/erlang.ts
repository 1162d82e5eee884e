/** Erlang, from a program in Erlang: `messages-otp.escript` beside this file's source. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Findings } from '../runner/entrant.js';
import { prove } from '../kernel/contender.js';
import type { MessagesInput } from './load.js';
import type { Sizes } from './sizes.js';

const program = path.join(import.meta.dirname, '..', '..', '..', 'bench', 'messages', 'messages-otp.escript');

/**
 * One of its programs.
 * @param schedulers threads of Erlang's; undefined: one for each core, as it has by itself
 * @param argumentsOf numbers it is given
 * @throws Error with what Erlang said when it failed
 */
export function erlang(what: string, argumentsOf: (sizes: Sizes) => readonly number[], schedulers?: number) {
  return async ({ sizes }: MessagesInput): Promise<Record<string, unknown>> => {
    const env = { ...process.env, ...(schedulers === undefined ? {} : { ERL_FLAGS: `+S ${schedulers}` }) };
    const { stdout } = await promisify(execFile)('escript', [program, what, ...argumentsOf(sizes).map(String)], {
      env,
    });
    const { otpRelease, done, expected, ...measures } = JSON.parse(stdout) as Findings['measures'];
    prove(`result of ${what}`, done ?? Number.NaN, expected ?? 0);
    return { ...measures, versions: { 'Erlang/OTP': String(otpRelease) } };
  };
}
