/** What the figures were measured on. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const require = createRequire(import.meta.url);
const root = path.join(import.meta.dirname, '..', '..', '..');

/** See the file's header. */
export interface MachineReport {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly versions: Readonly<Record<string, string>>;
  /** troupe's, as the build was made from it; undefined: it is not a clone. */
  readonly commit?: string | undefined;
  /** Work waiting for a core when the run began, averaged over a minute. Above the cores: somebody else works too. */
  readonly load: number;
  /** The folder is in memory: fsync costs nothing there, and flushed figures say little. */
  readonly isDiskInMemory: boolean;
}

const tmpfs = 0x01021994;

/** @param dir the folder of the journals */
export function describeMachine(dir: string): MachineReport {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release().split('-')[0]} ${os.arch()}`,
    node: process.version,
    versions: Object.fromEntries(['xstate', 'lmdb', 'msgpackr'].map((name) => [name, versionOf(name)])),
    commit: commitOf(root),
    load: os.loadavg()[0] ?? 0,
    isDiskInMemory: statfsSync(dir).type === tmpfs,
  };
}

/** The commit of a clone, and whether its files differ from it. @returns undefined where there is no clone */
function commitOf(folder: string): string | undefined {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
  const head = git('rev-parse', '--short=10', 'HEAD');
  if (head.status !== 0) return undefined;
  const changed = git('status', '--porcelain', '--untracked-files=no').stdout.trim() !== '';
  return `${head.stdout.trim()}${changed ? ' with changes' : ''}`;
}

/** A dependency's version, from its manifest: not every package lets it be imported. */
function versionOf(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return (JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')) as { version: string }).version;
    } catch {
      // Not in this folder; it is in one further up.
    }
  }
  return 'unknown';
}
