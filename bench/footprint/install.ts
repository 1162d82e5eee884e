/** What npm puts into an empty folder for one package: bytes and packages, as a user gets them. */
import { execFile } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ContenderInput, Measures } from '../kernel/contender.js';
import { peerVersion } from '../runner/peers.js';
import { Absent } from '../runner/verdict.js';
import type { Sizes } from './sizes.js';

/** What the runner gives a contender. */
export type FootprintInput = ContenderInput<Sizes>;

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '..', '..', '..');

/** troupe, packed from this build, and the XState it stands on. */
export async function installTroupe({ folder }: FootprintInput): Promise<Measures> {
  const { name, version, dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    dependencies: Record<string, string>;
  };
  await npm(root, 'pack', '--ignore-scripts', '--pack-destination', folder);
  return weigh(folder, path.join(folder, `${name}-${version}.tgz`), `xstate@${dependencies.xstate}`);
}

/** A peer, in the version the other suites measure. */
export function installPeer(name: string) {
  return async ({ folder, sizes }: FootprintInput): Promise<Measures> => {
    if (!sizes.arePeersWeighed) throw new Absent('Not weighed with small sizes: npm takes its time');
    return weigh(folder, `${name}@${peerVersion(name)}`);
  };
}

async function weigh(folder: string, ...packages: readonly string[]): Promise<Measures> {
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  await npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--omit=dev', ...packages);
  const modules = path.join(folder, 'node_modules');
  const lock = JSON.parse(readFileSync(path.join(modules, '.package-lock.json'), 'utf8')) as { packages: object };
  return { mb: bytesBelow(modules) / 1e6, packages: Object.keys(lock.packages).length };
}

/** @throws Absent when npm fails: without a network there is nothing to weigh */
async function npm(folder: string, ...args: readonly string[]): Promise<void> {
  try {
    await run('npm', [...args, '--loglevel=error', '--fetch-retries=1'], { cwd: folder });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    const line = stderr.split('\n').find((each) => /^npm error (?!code)/.test(each)) ?? String(error);
    throw new Absent(`npm ${args[0]} failed: ${line.replace(/\.$/, '')}`);
  }
}

/** All bytes of all files in a folder. */
export function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const stat = lstatSync(file);
    bytes += stat.isDirectory() ? bytesBelow(file) : stat.size;
  }
  return bytes;
}
