/** What a journal's folder takes on the disk, by kind of file, and how much of lmdb's file is free inside. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { megabytes } from './memory.js';

/** In MB of 2 ** 20 bytes. */
export interface DiskMb {
  readonly diskMb: number;
  /** lmdb's file: the tables. */
  readonly dataMb: number;
  /** The files of the log. */
  readonly logMb: number;
}

/** The files as they are long. A file that goes away meanwhile counts nothing. */
export function diskMb(folder: string): DiskMb {
  let dataBytes = 0;
  let logBytes = 0;
  let otherBytes = 0;
  for (const name of readdirSync(folder)) {
    const bytes = statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
    if (name === 'data.mdb') dataBytes += bytes;
    else if (name.startsWith('log-')) logBytes += bytes;
    else otherBytes += bytes;
  }
  const all = dataBytes + logBytes + otherBytes;
  return { diskMb: megabytes(all), dataMb: megabytes(dataBytes), logMb: megabytes(logBytes) };
}

/**
 * Asks how many pages of lmdb's file are free, in a process of its own: the journal's owner is not to notice, and what
 * lmdb maps for it is not to count as ours.
 */
export class FreePages {
  private readonly child: ChildProcess;
  private readonly ended: Promise<[number | null, string | null]>;

  constructor(folder: string) {
    this.child = fork(new URL('./free-pages-entry.js', import.meta.url), [folder]);
    this.ended = once(this.child, 'exit') as Promise<[number | null, string | null]>;
  }

  /** Free pages inside the file, in MB. @throws Error when that process has ended */
  async freeMb(): Promise<number> {
    const answered = once(this.child, 'message') as Promise<[number]>;
    this.child.send('now');
    const [bytes] = await Promise.race([answered, this.ended.then(refuse)]);
    return megabytes(bytes);
  }

  async close(): Promise<void> {
    this.child.disconnect();
    await this.ended;
  }
}

function refuse([code, signal]: [number | null, string | null]): never {
  throw new Error(`the process that looks for free pages has ended (${signal ?? `exit code ${code}`})`);
}
