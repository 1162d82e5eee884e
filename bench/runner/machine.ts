/** What the figures were measured on. */
import { readFileSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';

const require = createRequire(import.meta.url);

/** See the file's header. */
export interface MachineReport {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly versions: Readonly<Record<string, string>>;
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
    load: os.loadavg()[0] ?? 0,
    isDiskInMemory: statfsSync(dir).type === tmpfs,
  };
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
