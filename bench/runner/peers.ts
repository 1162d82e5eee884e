/**
 * Peers: packages of others that contenders are written with. I own the folder `.peers` at the project's root, and
 * nobody else writes it. `bench/package.json` says what belongs there; `npm ci` puts it there, when a chosen suite
 * wants it and it is not there yet. troupe's own manifest and `node_modules` know nothing of it.
 *
 * P1  What fails to be installed is absent, with a reason: never an error of the run.
 * P2  An installation takes the place of the one before only when it is whole.
 * P3  What is installed is not asked for again, also where some of its packages cannot be had: no registry is asked.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * A peer's manifest. Packages of `dependencies` are small, and are installed together; those of
 * `optionalDependencies` are large or have native parts, some of which may fail, and come when one is wanted.
 */
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** Where peers come from and go to, and who installs them. */
export interface PeersPlace {
  /** The folder with package.json and package-lock.json. */
  readonly from: string;
  /** The folder that gets `node_modules`. */
  readonly to: string;
  /** Runs `npm` with these arguments in a folder. @returns why it failed, in a line; undefined when it did not */
  readonly npm: (args: readonly string[], folder: string) => string | undefined;
  /** Told, in a line, before something is installed. */
  readonly tell: (line: string) => void;
}

const root = path.join(import.meta.dirname, '..', '..', '..');
const files = ['package.json', 'package-lock.json'];
const stampName = 'installed.json';
const loaderName = 'load.mjs';

/** The project's own. */
export const ownPlace: PeersPlace = {
  from: path.join(root, 'bench'),
  to: path.join(root, '.peers'),
  npm: runNpm,
  tell: (line) => void process.stderr.write(`${line}\n`),
};

/**
 * Have these peers installed.
 * @param names of packages; an unknown one is absent too
 * @param smallOnly large ones are absent unless they are installed already: a quick run does not wait for them
 * @returns why a peer is absent, for each one that is
 */
export function installPeers(
  names: readonly string[],
  place: PeersPlace = ownPlace,
  smallOnly = false,
): Map<string, string> {
  const manifest = readManifest(place.from);
  const listed = names.filter((name) => versionWanted(manifest, name) !== undefined);
  const left = smallOnly ? listed.filter((name) => isLargeAndMissing(name, manifest, place)) : [];
  const known = listed.filter((name) => !left.includes(name));
  const failure = known.length === 0 ? undefined : install(known, manifest, place);
  const missing = names.filter((name) => !known.includes(name) || peerVersion(name, place) === undefined);
  return new Map(
    missing.map((name) => {
      if (left.includes(name)) return [name, `${name} is large: only a run without --quick installs it.`];
      if (!known.includes(name)) return [name, `${name} is not in bench/package.json.`];
      return [name, `${name} could not be installed${failure === undefined ? ' here' : `: ${failure}`}.`];
    }),
  );
}

function isLargeAndMissing(name: string, { dependencies }: Manifest, place: PeersPlace): boolean {
  const isInstalled = readStamp(place.to)?.fingerprint === fingerprintOf(place.from);
  return dependencies[name] === undefined && !(isInstalled && peerVersion(name, place) !== undefined);
}

/** The version of an installed peer; undefined: it is not installed. */
export function peerVersion(name: string, { to }: Pick<PeersPlace, 'to'> = ownPlace): string | undefined {
  try {
    const file = path.join(to, 'node_modules', name, 'package.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/**
 * Import an installed peer, as `import` in its own project would.
 * @typeParam T what of it the contender uses
 */
export async function loadPeer<T>(name: string, { to }: Pick<PeersPlace, 'to'> = ownPlace): Promise<T> {
  const loader = (await import(pathToFileURL(path.join(to, loaderName)).href)) as { load(name: string): Promise<T> };
  return loader.load(name);
}

/** @returns why it failed */
function install(known: readonly string[], manifest: Manifest, place: PeersPlace): string | undefined {
  const wantsAll = known.some((name) => name in manifest.optionalDependencies);
  const { from, to } = place;
  const fingerprint = fingerprintOf(from);
  const stamp = readStamp(to);
  if (stamp?.fingerprint === fingerprint && (stamp.isAll || !wantsAll)) return undefined;
  place.tell(`Installing ${known.join(', ')} (npm ci in ${path.basename(to)}${wantsAll ? ', some minutes' : ''}) ...`);
  const next = `${to}.next-${process.pid}`;
  try {
    mkdirSync(next, { recursive: true });
    for (const file of files) cpSync(path.join(from, file), path.join(next, file));
    const failure = place.npm(['ci', ...(wantsAll ? [] : ['--omit=optional'])], next);
    if (failure !== undefined) return failure;
    // Modules are looked for from where the one lies that asks: this one lies beside them.
    writeFileSync(path.join(next, loaderName), 'export const load = (name) => import(name);\n');
    writeFileSync(path.join(next, stampName), JSON.stringify({ fingerprint, isAll: wantsAll }));
    rmSync(to, { recursive: true, force: true });
    renameSync(next, to);
    return undefined;
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

/** Of what is to be installed. */
function fingerprintOf(from: string): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(path.join(from, file)));
  return hash.digest('hex');
}

function readManifest(from: string): Manifest {
  const text = readFileSync(path.join(from, 'package.json'), 'utf8');
  return { dependencies: {}, optionalDependencies: {}, ...(JSON.parse(text) as Partial<Manifest>) };
}

function versionWanted(manifest: Manifest, name: string): string | undefined {
  return manifest.dependencies[name] ?? manifest.optionalDependencies[name];
}

function readStamp(to: string): { fingerprint: string; isAll: boolean } | undefined {
  const file = path.join(to, stampName);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** The npm that started us, else the one on the path. */
function runNpm(args: readonly string[], folder: string): string | undefined {
  const script = process.env.npm_execpath;
  const quiet = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error', '--fetch-retries=1'];
  const isScript = script !== undefined && /npm-cli\.c?js$/.test(script);
  const [program, first] = isScript ? [process.execPath, [script]] : ['npm', []];
  // What npm says is for us alone: the table follows on stdout.
  const options = { cwd: folder, encoding: 'utf8', shell: !isScript && process.platform === 'win32' } as const;
  const ended = spawnSync(program, [...first, ...args, ...quiet], options);
  if (ended.status === 0) return undefined;
  const lines = `${ended.error?.message ?? ''}\n${ended.stderr ?? ''}`.split('\n').map((line) => line.trim());
  return lines.find((line) => /^npm error (?!code)/.test(line))?.slice('npm error '.length) ?? 'npm ci failed';
}
