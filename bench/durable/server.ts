/**
 * Servers of others, each started by the contender that needs it: in a folder of its own, on free ports of the
 * loopback. I own the process; it ends with the contender's, and the runner ends the whole group when that was killed.
 *
 * S1  A server that is not here, or does not start, makes its contender absent, with the end of what it said.
 * S2  `stop` resolves when the process has ended: its folder may be removed.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { pause } from '../kernel/contender.js';
import { hasProgram } from '../runner/programs.js';
import { Absent } from '../runner/verdict.js';

const startMsMax = 60_000;
const lookEveryMs = 50;
const complaintCharsMax = 300;

/** A server to start. */
export interface ServerCommand {
  /** For messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How it ends. Default: at once, for what is in its folder is wanted by nobody. */
  readonly stopBy?: NodeJS.Signals;
  /** The user to run it as; default: ours. */
  readonly user?: UserIds | undefined;
  /** It answers. Default: something listens on this port. */
  readonly isReady: () => Promise<boolean>;
}

/** A user, by the system's numbers. */
export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

/** A server that runs. */
export interface Server {
  stop(): Promise<void>;
}

/** Start it, and wait until it answers. @throws Absent */
export async function startServer(command: ServerCommand): Promise<Server> {
  const { name, program, args, folder, env, user, stopBy = 'SIGKILL', isReady } = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  let said = '';
  const hear = (text: Buffer): void => {
    said = `${said}${text.toString()}`.slice(-complaintCharsMax);
  };
  // Also when the contender fails: a server that stays takes the cores of the next one.
  process.once('exit', () => child.kill('SIGKILL'));
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`${signal ?? `exit code ${code}`}`));
  });
  let end: string | undefined;
  void ended.then((how) => {
    end = how;
  });
  const giveUpAt = performance.now() + startMsMax;
  while (!(await isReady())) {
    const why = end ?? (performance.now() > giveUpAt ? `no answer after ${startMsMax / 1_000} s` : undefined);
    if (why !== undefined) {
      child.kill('SIGKILL');
      throw new Absent(`${name} did not start: ${why}: ${said.replaceAll(/\s+/g, ' ').trim()}`);
    }
    await pause(lookEveryMs);
  }
  const stop = async (): Promise<void> => {
    child.kill(stopBy);
    await ended;
  };
  return { stop };
}

/** A port of the loopback that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Does something listen there? */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * Where a program of a server is: on the PATH, or where Debian puts PostgreSQL's, newest first.
 * @param folders where versions lie, each with a folder `bin`
 * @throws Absent
 */
export function findServer(name: string, folders = '/usr/lib/postgresql'): string {
  if (hasProgram(name)) return name;
  const versions = existsSync(folders) ? readdirSync(folders) : [];
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
    const bin = path.join(folders, version, 'bin');
    if (hasProgram(name, bin)) return path.join(bin, name);
  }
  throw new Absent(`No ${name} on the PATH; bench/install-servers.sh installs it on Debian`);
}

/** What a program says about its version, its first number with dots. */
export async function versionOf(program: string, args: readonly string[] = ['--version']): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args);
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'unknown';
}
