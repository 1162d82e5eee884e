/**
 * `npm run bench`: runs suites and prints what they measured.
 *
 * Exit codes: 0 it ran (targets missed or met, contenders absent), 1 a contender failed or its result did not add up,
 * 2 bad arguments, 130 interrupted: what was measured until then is printed and written.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { againstSuite, buildOther } from './runner/against.js';
import { type BenchArguments, readArguments, UsageError } from './runner/arguments.js';
import { hashOf, type ResultsFile } from './runner/hash.js';
import { describeMachine } from './runner/machine.js';
import { jsonText } from './runner/json.js';
import { profileText, readProfiles } from './runner/profile.js';
import { machineText, resultText } from './runner/report.js';
import { runSuite, type SuiteResult } from './runner/run-suite.js';
import type { Suite } from './runner/suite.js';
import { suites } from './suites.js';

const help = `Usage: npm run bench -- [suite ...] [options]

Suites (default: all)
${suites.map(({ name, says }) => `  ${name.padEnd(12)}${says}`).join('\n')}

Options
  --quick         small sizes, one round, a contender on each processor at the
                  same time: shows that it runs, not how fast; large packages of
                  others are used only when they are installed already
  --rounds N      rounds; default 5, endurance and profiles 1. The table shows the
                  median, and the extremes
  --only TEXT     only contenders whose name contains TEXT; may be repeated
  --json FILE     write everything as JSON too
  --against REF   measure another commit beside this one: our contenders, by turns
  --profile       where a message's time goes, by thread and part; figures suffer
  --profile-dir D the same, and leave V8's CPU profiles there
  --dir FOLDER    put the journals there: its disk is measured; default ${tmpdir()}
  --help          this text

Every contender runs in a process of its own, once in each round, and proves by
its sums that all work was done. A ratio is taken within a round. Packages of
others are installed in .peers when a suite wants them, and are absent when they
cannot be had. Ctrl-C ends a run and keeps what it has.
Exit codes: 0 it ran, 1 a contender failed or did not add up, 2 bad arguments,
130 interrupted.
`;

async function main(args: BenchArguments): Promise<void> {
  const dir = path.resolve(args.dir ?? tmpdir());
  mkdirSync(dir, { recursive: true });
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => interrupt.abort());
  const machine = describeMachine(dir);
  process.stdout.write(`${machineText(machine)}\n\n`);
  const chosen = suites.filter(({ name }) => args.suites.includes(name));
  const results: SuiteResult[] = [];
  const other = args.against === undefined ? undefined : buildOther(args.against);
  try {
    if (other !== undefined) process.stdout.write(`other: commit ${other.name}\n\n`);
    for (const suite of chosen) {
      if (interrupt.signal.aborted) break;
      const run = other === undefined ? suite : againstSuite(suite, path.join(import.meta.dirname, '..'), other.dist);
      results.push(await measure(run, args, dir, interrupt.signal));
    }
  } finally {
    other?.remove();
  }
  const left = chosen.slice(results.length).map(({ name }) => name);
  if (left.length > 0) process.stdout.write(`\nInterrupted; not run: ${left.join(', ')}\n`);
  const sha256 = hashOf(machine, results);
  process.stdout.write(`\nsha256 of machine, versions, sizes and rows:\n${sha256}\n`);
  const file: ResultsFile = { machine, date: new Date().toISOString(), sha256, results };
  if (args.json !== undefined) writeFileSync(args.json, jsonText(file));
  const rows = results.flatMap(({ sections }) => sections.flatMap((section) => section.rows));
  if (rows.some(({ wrong, failed }) => (wrong ?? failed) !== undefined)) process.exitCode = 1;
  if (interrupt.signal.aborted) process.exitCode = 130;
}

/** Run one suite and print its tables. */
async function measure(suite: Suite, args: BenchArguments, dir: string, signal: AbortSignal): Promise<SuiteResult> {
  const profile = args.profile ? profileFolder(args, suite.name) : undefined;
  try {
    const result = await runSuite(suite, {
      ...args,
      rounds: args.rounds ?? (args.profile ? 1 : undefined),
      // A profile is read, also that of small sizes.
      atATime: args.quick && !args.profile ? availableParallelism() : 1,
      dir,
      profile,
      signal,
      onStart: progress,
      onFailing: (name, { kind, what, complaint }) => {
        progress(0, 0, undefined);
        if (kind !== 'absent') process.stderr.write(`${name}: ${kind}: ${what}\n${complaint.trim()}\n`);
      },
    });
    progress(0, 0, undefined);
    process.stdout.write(`${resultText(result)}\n`);
    if (args.quick) process.stdout.write('\nQuick sizes: the targets are about the full ones.\n');
    if (profile !== undefined) printProfiles(result, profile);
    return result;
  } finally {
    if (profile !== undefined && args.profileDir === undefined) rmSync(profile, { recursive: true, force: true });
  }
}

function profileFolder({ profileDir }: BenchArguments, suite: string): string {
  return profileDir === undefined
    ? mkdtempSync(path.join(tmpdir(), 'troupe-profile-'))
    : path.resolve(profileDir, suite);
}

function printProfiles({ measures }: SuiteResult, folder: string): void {
  for (const [name, rounds] of Object.entries(measures)) {
    const threads = readProfiles(path.join(folder, name));
    const messages = rounds.reduce((sum, { handled = 0 }) => sum + handled, 0);
    if (threads.size > 0) process.stdout.write(`\n${profileText(name, threads, messages)}\n`);
  }
}

/** One line on a terminal, written over; nothing elsewhere. @param entrant undefined: wipe it */
function progress(round: number, rounds: number, entrant: string | undefined): void {
  if (!process.stderr.isTTY) return;
  const text = entrant === undefined ? '' : `${round === 0 ? 'preparing' : `round ${round} of ${rounds}`}: ${entrant}`;
  process.stderr.write(`\r\u001b[K${text}`);
}

try {
  const args = readArguments(process.argv.slice(2), suites);
  if (args.help) process.stdout.write(help);
  else await main(args);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  if (error instanceof UsageError) process.stderr.write('See npm run bench -- --help\n');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
