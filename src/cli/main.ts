#!/usr/bin/env node
/** The door of the `troupe` command: the process it runs in, and how that ends. */
import { readFileSync } from 'node:fs';
import { ExitCode } from './output.js';
import { runProgram } from './program.js';

const manifest = new URL('../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

const { stdout: out, stderr: err } = process;
let lost: string | undefined;
out.on('error', ({ code }: NodeJS.ErrnoException) => {
  // Whoever reads us may have seen enough: `troupe journal ls | head`.
  if (code === 'EPIPE') process.exit(ExitCode.ok);
  lost = code ?? 'unknown error';
});

const code = await runProgram(process.argv.slice(2), { out, err, version });
// Definitions may have started what would keep the process; what has been written is written first.
out.write('', () => setImmediate(finish));

function finish(): void {
  if (lost === undefined) err.write('', () => process.exit(code));
  else err.write(`troupe: what was found could not be written: ${lost}\n`, () => process.exit(ExitCode.failed));
}
