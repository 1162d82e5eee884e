/**
 * `npm run bench`: runs suites and prints what they measured.
 *
 * Exit codes: 0 it ran (targets missed or met), 1 a contender failed or its result did not add up, 2 bad arguments.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endurance } from './endurance.js';
import { kernel } from './kernel.js';
import { recovery } from './recovery.js';
import { type BenchArguments, readArguments, UsageError } from './runner/arguments.js';
import { describeMachine } from './runner/machine.js';
import { jsonText } from './runner/json.js';
import { machineText, resultText } from './runner/report.js';
import { runSuite, type SuiteResult } from './runner/run-suite.js';
import type { Suite } from './runner/suite.js';
import { savina } from './savina.js';
import { supervision } from './supervision.js';

const suites: readonly Suite[] = [kernel, endurance, recovery, supervision, savina];

const help = `Usage: npm run bench -- [suite ...] [options]

Suites (default: all)
${suites.map(({ name, says }) => `  ${name.padEnd(12)}${says}`).join('\n')}

Options
  --quick         small sizes, one round: shows that it runs, not how fast
  --rounds N      rounds; default 5, endurance 1. The table shows the median, and
                  the extremes
  --only TEXT     only contenders whose name contains TEXT; may be repeated
  --json FILE     write everything as JSON too
  --dir FOLDER    put the journals there: its disk is measured; default ${tmpdir()}
  --profile DIR   write V8 CPU profiles of every thread there; figures suffer
  --help          this text

Every contender runs in a process of its own, once in each round, and proves by
its sums that all work was done. A ratio is taken within a round.
Exit codes: 0 it ran, 1 a contender failed or did not add up, 2 bad arguments.
`;

async function main(args: BenchArguments): Promise<void> {
  const dir = path.resolve(args.dir ?? tmpdir());
  mkdirSync(dir, { recursive: true });
  const machine = describeMachine(dir);
  process.stdout.write(`${machineText(machine)}\n\n`);
  const results: SuiteResult[] = [];
  for (const suite of suites.filter(({ name }) => args.suites.includes(name))) {
    const result = await runSuite(suite, { ...args, dir, onStart: progress });
    progress(0, 0, undefined);
    process.stdout.write(`${resultText(result)}\n`);
    if (args.quick) process.stdout.write('\nQuick sizes: the targets are about the full ones.\n');
    results.push(result);
  }
  if (args.json !== undefined) writeFileSync(args.json, jsonText({ machine, date: new Date().toISOString(), results }));
}

/** One line on a terminal, written over; nothing elsewhere. @param entrant undefined: wipe it */
function progress(round: number, rounds: number, entrant: string | undefined): void {
  if (!process.stderr.isTTY) return;
  const text = entrant === undefined ? '' : `${round === 0 ? 'preparing' : `round ${round} of ${rounds}`}: ${entrant}`;
  process.stderr.write(`\r\u001b[K${text}`);
}

try {
  const args = readArguments(
    process.argv.slice(2),
    suites.map(({ name }) => name),
  );
  if (args.help) process.stdout.write(help);
  else await main(args);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  if (error instanceof UsageError) process.stderr.write('See npm run bench -- --help\n');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
