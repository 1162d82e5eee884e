#!/usr/bin/env node
/** The door of the `troupe` command: the process it runs in, and how that ends. */
import { readFileSync } from 'node:fs';
import { runProgram } from './program.js';

const manifest = new URL('../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

// Whoever reads us may have seen enough: `troupe journal ls | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const { stdout: out, stderr: err } = process;
const code = await runProgram(process.argv.slice(2), { out, err, version });
// Definitions may have started what would keep the process; what has been written is written first.
out.write('', () => err.write('', () => process.exit(code)));
