/** Redis on a free port of the loopback, which appends what it is told to a file. */
import { findServer, freePort, listens, type Server, startServer, versionOf } from './server.js';

/** Redis that runs. */
export interface Redis extends Server {
  readonly port: number;
  readonly version: string;
}

/** @param fsync when it waits for the disk: before each answer, or each second beside them. @throws Absent */
export async function startRedis(folder: string, fsync: 'always' | 'everysec'): Promise<Redis> {
  const program = findServer('redis-server');
  const port = await freePort();
  const server = await startServer({
    name: 'Redis',
    program,
    // As the documentation of BullMQ wants it for production: append-only, and nothing is evicted.
    args: [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', fsync, '--maxmemory-policy', 'noeviction'],
    ],
    folder,
    isReady: () => listens(port),
  });
  return { ...server, port, version: await versionOf(program) };
}
