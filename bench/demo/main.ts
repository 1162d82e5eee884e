/** `npm run demo`: see `--help`. I own the journal's folder, and leave none behind. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAgents } from './agents/main.js';
import { type DemoArguments, helpText, readArguments } from './arguments.js';
import { runAndKill } from './kill.js';
import { run } from './run.js';
import { shortened, Screen } from './screen.js';

const signals = [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

async function demo({ dir, hosts, kill }: DemoArguments): Promise<number> {
  const screen = new Screen();
  const journal = mkdtempSync(join(tmpdir(), 'troupe-demo-'));
  process.on('exit', () => rmSync(journal, { recursive: true, force: true, maxRetries: 3 }));
  // As a shell reports them: 128 and the signal's number.
  for (const [signal, code] of signals) process.once(signal, () => process.exit(code));
  screen.print(screen.paint('bold', 'An inventory by durable actors'));
  screen.print(`  ${screen.paint('dim', 'folder'.padEnd(9))}${shortened(dir, 69)}`);
  screen.print(`  ${screen.paint('dim', 'journal'.padEnd(9))}${shortened(journal, 45)} (removed at the end)`);
  screen.print(
    `  ${screen.paint('dim', 'actors'.padEnd(9))}a walker per folder, 256 for contents, 1 for licences, 1 for progress`,
  );
  screen.print();
  return kill ? runAndKill({ dir, hosts, journal }, screen) : run({ dir, hosts, journal }, screen);
}

function parseOrExit(): DemoArguments {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`demo: ${(error as Error).message}\n`);
    return process.exit(2);
  }
}

if (process.argv[2] === 'agents') {
  const [, , , other] = process.argv;
  if (other === '--help' || other === '-h') process.stdout.write(helpText);
  else if (other === undefined) process.exitCode = await runAgents(new Screen());
  else {
    process.stderr.write(`demo: agents takes no '${other}'; it is always killed halfway; try --help\n`);
    process.exitCode = 2;
  }
  process.exit();
}
const given = parseOrExit();
if (given.help) process.stdout.write(helpText);
else process.exitCode = await demo(given);
