/** How long a new process takes from its start to its first message handled, for each of them a program. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Measures } from '../kernel/contender.js';
import { spreadOf } from '../runner/series.js';
import { prove } from '../runner/verdict.js';
import type { FootprintInput } from './install.js';

const entry = new URL('./first-entry.js', import.meta.url);

/** Start it so often; the middle one counts. */
export function firstMessage(name: string) {
  return async ({ folder, sizes }: FootprintInput): Promise<Measures> => {
    const timesMs: number[] = [];
    for (let at = 0; at < sizes.starts; at += 1) timesMs.push(await start(name, `${folder}/${at}`));
    return { ms: spreadOf(timesMs).median };
  };
}

/** Until it says that its first message has been handled. */
async function start(name: string, folder: string): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, [entry.pathname, name, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let ms = Number.NaN;
  let said = '';
  // Others may write lines of their own before.
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('handled')) return;
    ms = performance.now() - begin;
    said = line;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  prove(`exit code of ${name}`, code ?? -1, 0);
  prove('first message', said, 'handled 1');
  return ms;
}
