/**
 * `npm run torture`: kills a system, or its threads, again and again and accounts for everything it was told.
 *
 * Exit codes: 0 nothing was lost, doubled or out of order; 1 something was, or a child failed; 2 bad arguments;
 * 130 interrupted.
 */
import { accessSync, appendFileSync, constants, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defaults, readArguments, type TortureArguments, UsageError } from './arguments.js';
import { mutants, plant } from './mutants.js';
import { recordLine } from './record.js';
import { failureText, headText, progressText, summaryText } from './report.js';
import { Torture, type TortureReport } from './torture.js';

const help = `Usage: npm run torture -- [options]

  --kills N           how often to kill the process; default ${defaults.deaths}
  --faults N          instead: how many host threads are to die or hang
  --seed S            another plan; default ${defaults.seed}
  --durability LEVEL  of the actors: flushed (default), committed, or mixed
  --hosts H           the most host threads of a life; default ${defaults.hosts}
  --journal K         only the K-th journal of the plan, to repeat a failure
  --lanes N           journals at the same time; default ${defaults.lanes}
  --dir FOLDER        put the journals there; default the system's temporary one
  --record FILE       append the outcome as one line of JSON
  --mutant NAME       plant a fault, to see it found; a wrong NAME lists them
  --help              this text

A child process runs a system under load: transfers between 1,000 accounts,
questions, fan-outs, timers, spawns and stops, effects. It is killed by SIGKILL,
half of the time at a named place in the kernel, and goes on with another number
of threads. With --faults its actors take host threads down instead: they exit,
loop, block, fill the heap, leave rejections behind. A journal takes 250 deaths
at most; then every message, timer, effect, failure and actor is accounted for
from outside. docs/torture.md has what is checked.

Example: npm run torture -- --kills 1000 --seed 7 --durability committed
Exit codes: 0 all is accounted for, 1 it is not, 2 bad arguments.
`;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What would otherwise fail late. @throws UsageError */
function checkFiles({ dir, record }: TortureArguments): void {
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
  } catch {
    throw new UsageError(`--dir: ${dir} is no folder one may write to`);
  }
  try {
    if (record !== undefined) appendFileSync(record, '');
  } catch {
    throw new UsageError(`--record: ${record} cannot be written`);
  }
}

/** Remove the copy with the planted fault. */
function forget(mutated: string | undefined): void {
  if (mutated !== undefined) rmSync(mutated, { recursive: true, force: true });
}

async function main(args: TortureArguments): Promise<void> {
  checkFiles(args);
  print(headText(args));
  let hundreds = 0;
  const onProgress = (report: TortureReport) => {
    if (Math.floor(report.deaths / 100) === hundreds) return;
    hundreds = Math.floor(report.deaths / 100);
    print(progressText(report, args));
  };
  const mutant = args.mutant === undefined ? undefined : mutants[args.mutant];
  const mutated = mutant && plant(mutant, args.dir);
  if (mutant !== undefined) print(`planted: ${mutant.fault}`);
  if (mutant?.isBeyondKill) print('SIGKILL cannot show that: the page cache outlives the process');
  if (mutant?.needsFaults && args.victims === 'kills') print('that shows where threads die: --faults');
  const childFile = mutated && join(mutated, 'dist/test/torture/fixtures/child-entry.js');
  const torture = new Torture({ ...args, childFile }, onProgress);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(
      signal,
      () =>
        void torture.abandon().then(() => {
          forget(mutated);
          process.exit(130);
        }),
    );
  }
  const report = await torture.run();
  forget(mutated);
  if (report.deaths % 100 !== 0) print(progressText(report, args));
  print(summaryText(report, args));
  for (const failure of report.failures) print(failureText(failure, args));
  if (args.record !== undefined) appendFileSync(args.record, recordLine(args, report));
  process.exitCode = report.failures.length === 0 ? 0 : 1;
}

try {
  const args = readArguments(process.argv.slice(2));
  if (args.help) process.stdout.write(help);
  else await main(args);
} catch (error) {
  process.stderr.write(`torture: ${(error as Error).message}\n`);
  if (error instanceof UsageError) process.stderr.write('See npm run torture -- --help\n');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
