/**
 * PostgreSQL with a fresh cluster on a free port of the loopback, in its default settings: it waits for the disk before
 * it confirms a transaction. It refuses to run as root, so for root it runs as the user its package makes.
 */
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Absent } from '../runner/verdict.js';
import { findServer, freePort, type Server, startServer, type UserIds, versionOf } from './server.js';

/** PostgreSQL that runs. */
export interface Postgres extends Server {
  /** Of the server; a database's name follows. */
  readonly url: string;
  readonly version: string;
}

/** @throws Absent */
export async function startPostgres(folder: string): Promise<Postgres> {
  const [program, initdb] = [findServer('postgres'), findServer('initdb')];
  const user = process.getuid?.() === 0 ? packagedUser() : undefined;
  const data = path.join(folder, 'postgres');
  mkdirSync(data);
  if (user !== undefined) {
    chownSync(data, user.uid, user.gid);
    // It may pass through our folders, and see nothing in them.
    for (const each of [path.dirname(folder), folder]) chmodSync(each, 0o711);
  }
  await promisify(execFile)(initdb, ['-D', data, '-U', 'postgres', '--auth=trust'], { cwd: data, ...user });
  const port = await freePort();
  const server = await startServer({
    name: 'PostgreSQL',
    program,
    args: ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-c', 'unix_socket_directories='],
    folder: data,
    user,
    // Killed, it would leave shared memory behind. This is its fast end; SIGTERM waits for clients.
    stopBy: 'SIGINT',
    // It listens before it takes connections.
    isReady: () => accepts(port),
  });
  return { ...server, url: `postgresql://postgres@127.0.0.1:${port}`, version: await versionOf(program) };
}

function accepts(port: number): Promise<boolean> {
  const asked = promisify(execFile)(findServer('pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]);
  return asked.then(
    () => true,
    () => false,
  );
}

function packagedUser(): UserIds {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Absent('PostgreSQL does not run as root, and has no user here');
  return { uid: Number(uid), gid: Number(gid) };
}
