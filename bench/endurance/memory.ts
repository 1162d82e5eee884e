/** What the process occupies in RAM, and of what kind it is where the system says so. */
import { readFileSync } from 'node:fs';

/** In MB of 2 ** 20 bytes. */
export interface MemoryMb {
  /** Resident: everything of the process that is in RAM. */
  readonly rssMb: number;
  /** Of it: heaps, stacks and buffers. Only on Linux. */
  readonly anonMb?: number;
  /** Of it: pages of files, such as the journal's, that the system may take back at any time. Only on Linux. */
  readonly fileMb?: number;
}

/** Now. */
export function memoryMb(): MemoryMb {
  let status: string;
  try {
    status = readFileSync('/proc/self/status', 'utf8');
  } catch {
    // Not Linux.
    return { rssMb: megabytes(process.memoryUsage.rss()) };
  }
  const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  const [rssMb, anonMb, fileMb] = ['VmRSS', 'RssAnon', 'RssFile'].map((name) => megabytes(kibibytes(name) * 1_024));
  return { rssMb: rssMb ?? Number.NaN, anonMb, fileMb };
}

/** Bytes in MB of 2 ** 20, to one decimal: samples are read by people, and more is noise. */
export function megabytes(bytes: number): number {
  return Math.round((bytes * 10) / 2 ** 20) / 10;
}
