/**
 * Who has a journal open. The store keeps one owner's record inside lmdb and changes it only in a write
 * transaction, so lmdb's lock between processes decides a race. Whether an owner still lives is asked of
 * the operating system: a process number alone may have been given to another process since.
 */
import { readFileSync } from 'node:fs';

/** The record. Stored as JSON. */
export interface JournalOwner {
  /** Process number. */
  readonly pid: number;
  /** When that process started, in ticks since boot; undefined where the system does not tell (not Linux). */
  readonly startTime?: string | undefined;
  /** Which boot of the machine the process belongs to; undefined as above. */
  readonly boot?: string | undefined;
  /** Tells apart several systems in one process. */
  readonly token: string;
}

/** This process as an owner. */
export function describeOwner(token: string): JournalOwner {
  return { pid: process.pid, startTime: processStat(process.pid)?.startTime, boot: bootId(), token };
}

/**
 * Does the owner's process still run? When in doubt, yes: to refuse a journal is a nuisance, to open it
 * twice is a loss.
 */
export function isOwnerAlive(owner: JournalOwner): boolean {
  const boot = bootId();
  if (boot !== undefined && owner.boot !== undefined && boot !== owner.boot) return false;
  if (!isProcess(owner.pid)) return false;
  const stat = processStat(owner.pid);
  if (stat === undefined || owner.startTime === undefined) return true;
  // A zombie has ended and only waits for its parent to notice.
  return stat.startTime === owner.startTime && stat.state !== 'Z' && stat.state !== 'X';
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** State letter and start time from /proc, undefined where there is none. */
function processStat(pid: number): { state: string; startTime: string } | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may itself contain spaces and parentheses.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields?.[0], fields?.[19]];
  return state === undefined || startTime === undefined ? undefined : { state, startTime };
}

function bootId(): string | undefined {
  return readIfThere('/proc/sys/kernel/random/boot_id')?.trim();
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
