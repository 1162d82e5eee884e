/** `--kill`: the demo in a process of its own, which is killed halfway and started again on the same journal. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ChildOptions } from './child.js';
import type { RunOptions } from './run.js';
import type { Screen } from './screen.js';

/** Run twice. Resolves with the second process's exit code, or 1 when the first could not be killed. */
export async function runAndKill(options: RunOptions, screen: Screen): Promise<number> {
  const { startedAt } = screen;
  const first = start({ ...options, startedAt, isVictim: true });
  const ended = once(first, 'exit');
  const isHalfDone = await Promise.race([once(first, 'message').then(() => true), ended.then(() => false)]);
  if (!isHalfDone) {
    screen.print('\nThe process ended before half was done.');
    return 1;
  }
  first.kill('SIGKILL');
  await ended;
  screen.endLine();
  screen.event('cyan', '*', `process ${first.pid} gets SIGKILL: nothing is flushed, nothing closed`);
  const second = start({ ...options, startedAt, isVictim: false });
  screen.event('cyan', '*', `process ${second.pid} starts on the same journal`);
  screen.print();
  const [code] = (await once(second, 'exit')) as [number | null];
  return code ?? 1;
}

function start(options: ChildOptions): ChildProcess {
  const child = fork(new URL('./child.js', import.meta.url), [JSON.stringify(options)]);
  // Before the journal's folder is removed.
  process.prependListener('exit', () => child.kill('SIGKILL'));
  return child;
}
