/**
 * A process with a store of its own, for tests that kill it, starve it of disk or slow its flushes:
 * `node store-child.js <what> <folder> [argument]`. Says JSON lines (helpers/child.ts).
 */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { TroupeError } from '../../src/core/errors.js';
import { openLmdbStore } from '../../src/journal/lmdb-store.js';
import type { Change, CommitLevel, JournalReader, JournalStore } from '../../src/journal/store.js';

/** Straight to the pipe: what was said before a kill is never lost in a buffer. */
function say(message: unknown): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

/** Commit batch `number`: a log record and a row that must never disagree. */
export function commitNumbered(store: JournalStore, number: number, bytes: number, level: CommitLevel): void {
  const record = { position: number + 1, bytes: Buffer.alloc(bytes, number & 0xff) };
  void store.commit(numberedChanges(number, bytes), level, record);
}

function numberedChanges(number: number, bytes: number): Change[] {
  return [
    { table: 'rows', key: number % 50, value: Buffer.from(String(number)) },
    { table: 'mail', key: [1, number], value: Buffer.from(String(number)) },
    { table: 'mail', key: [1, number - 3], value: undefined },
    { table: 'dead', key: number, value: Buffer.alloc(bytes, number & 0xff) },
    { table: 'meta', key: 'last', value: Buffer.from(String(number)) },
  ].filter(({ key }) => !Array.isArray(key) || (key as number[])[1]! >= 0) as Change[];
}

/** What numbered batches 0 to `last` leave; a sentence about the first thing that is not so. */
export function whatIsWrong(store: JournalReader): string | undefined {
  const last = Number(store.get('meta', 'last')?.toString() ?? -1);
  const log = [...store.readLog()];
  if (log.length !== last + 1) return `the log holds ${log.length} records, but the last batch is ${last}`;
  if (log.some(({ position }, index) => position !== index + 1)) return 'the log has a gap';
  if (log.some(({ bytes }, index) => bytes.some((byte) => byte !== (index & 0xff))))
    return 'a log record is not as it was';
  for (const { key, value } of store.scan('rows')) {
    const expected = last - ((last - (key as number)) % 50);
    if (Number(value.toString()) !== expected) return `row ${key as number} holds ${value.toString()}, not ${expected}`;
  }
  const dead = [...store.scan('dead')];
  if (dead.length !== last + 1 || dead.some(({ key }, index) => key !== index)) return 'the dead letters have a gap';
  const mail = [...store.scan('mail')].map(({ value }) => Number(value.toString()));
  const expectedMail = [last - 2, last - 1, last].filter((number) => number >= 0);
  return mail.join() === expectedMail.join() ? undefined : `the mail holds ${mail.join()}, not ${expectedMail.join()}`;
}

const actions: Record<string, (folder: string, argument: string) => void> = {
  /** Open and stay. */
  hold(folder) {
    const store = openLmdbStore(folder);
    say({ pid: process.pid });
    setInterval(() => store.bytesOnDisk, 1_000);
  },

  /** Commit numbered batches for ever, saying each number when it is committed. */
  commitForever(folder, level) {
    const store = openLmdbStore(folder, { logFileBytesMax: 60_000, recentBytesMax: 2_000 });
    for (let number = Number(store.get('meta', 'last')?.toString() ?? -1) + 1; ; number += 1) {
      commitNumbered(store, number, (number * 37) % 3_000, level as CommitLevel);
      say(number);
    }
  },

  /** Commit for ever, in files of a few records each, and drop all but the last. Says its first number. */
  dropForever(folder) {
    const store = openLmdbStore(folder, { logFileBytesMax: 5_000, recentBytesMax: 4_000 });
    for (let number = 0; ; number += 1) {
      const log = { position: number + 1, bytes: Buffer.alloc(400, number & 0xff) };
      // What a checkpoint writes down before the log is dropped.
      const kept = { table: 'meta', key: 'kept', value: Buffer.from(String(Math.max(1, number - 20))) } as const;
      void store.commit([...numberedChanges(number, 100), kept], 'committed', log);
      if (number % 25 === 24) store.checkpoint();
      void store.dropLog(number - 20);
      if (number === 100) say({ pid: process.pid });
    }
  },

  /** Die as by kill -9 with one batch in lmdb and one in the tail. */
  commitAndDie(folder) {
    const store = openLmdbStore(folder);
    commitNumbered(store, 0, 100, 'committed');
    store.checkpoint();
    commitNumbered(store, 1, 100, 'committed');
    process.kill(process.pid, 'SIGKILL');
  },

  /** Under a file size limit: commit until it fails, look, get room, go on. */
  fill(folder, bytes) {
    const store = openLmdbStore(folder, { logFileBytesMax: 300_000, recentBytesMax: 5_000 });
    const commitUntilFull = (): { number: number; code: string } => {
      for (let number = Number(store.get('meta', 'last')?.toString() ?? -1) + 1; ; number += 1) {
        try {
          commitNumbered(store, number, Number(bytes), number % 2 === 0 ? 'committed' : 'flushed');
        } catch (error) {
          return { number, code: (error as TroupeError).code };
        }
      }
    };
    const full = commitUntilFull();
    say({ ...full, wrong: whatIsWrong(store) });
    const again = commitUntilFull();
    say({ ...again, wrong: whatIsWrong(store) });
    makeRoom();
    for (let number = full.number; number < full.number + 30; number += 1) {
      commitNumbered(store, number, Number(bytes), 'flushed');
    }
    say({ wrong: whatIsWrong(store) });
    store.close();
  },

  /** How long each level takes, in milliseconds, and how often it flushes (the disk's `FLUSH_LOG`). */
  time(folder) {
    const store = openLmdbStore(folder);
    const timed = (call: () => void): { ms: number; flushes: number } => {
      const [start, before] = [performance.now(), flushesSoFar()];
      call();
      return { ms: performance.now() - start, flushes: flushesSoFar() - before };
    };
    say({ say: 'open' });
    const committed = timed(() => commitNumbered(store, 0, 1_000, 'committed'));
    say({ say: 'committed', ...committed });
    const flushed = timed(() => commitNumbered(store, 1, 1_000, 'flushed'));
    say({ say: 'flushed', ...flushed });
    say({ say: 'flush of nothing', ...timed(() => store.flush()) });
    commitNumbered(store, 2, 1_000, 'committed');
    say({ say: 'flush', ...timed(() => store.flush()) });
    commitNumbered(store, 3, 1_000, 'committed');
    say({ say: 'checkpoint', ...timed(() => store.checkpoint()) });
    store.close();
  },

  /** Flushes fail while the file `argument` exists. */
  failFlush(folder, failFile) {
    const store = openLmdbStore(folder);
    const attempt = (call: () => void): string => {
      try {
        call();
        return 'done';
      } catch (error) {
        return (error as TroupeError).code;
      }
    };
    commitNumbered(store, 0, 100, 'flushed');
    commitNumbered(store, 1, 100, 'committed');
    closeSync(openSync(failFile, 'w'));
    say({ code: attempt(() => commitNumbered(store, 2, 100, 'flushed')), wrong: whatIsWrong(store) });
    if (failFile.endsWith('and-die')) process.kill(process.pid, 'SIGKILL');
    say({ code: attempt(() => commitNumbered(store, 2, 100, 'committed')), wrong: whatIsWrong(store) });
    say({ code: attempt(() => store.flush()), wrong: whatIsWrong(store) });
    execFileSync('rm', [failFile]);
    say({
      code: attempt(() => commitNumbered(store, 2, 100, 'flushed')),
      wrong: whatIsWrong(store),
    });
    say({ code: attempt(() => commitNumbered(store, 3, 100, 'flushed')), wrong: whatIsWrong(store) });
    process.kill(process.pid, 'SIGKILL');
  },
};

/** Flushes of this process, one a line. */
function flushesSoFar(): number {
  const log = process.env.FLUSH_LOG!;
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0;
}

/** Lift this process's own file size limit, as if somebody had freed space. */
function makeRoom(): void {
  execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited:unlimited']);
}

const [, program, what, folder, argument = ''] = process.argv;
if (program?.endsWith('store-child.js') && what !== undefined && folder !== undefined) {
  try {
    actions[what]!(folder, argument);
  } catch (error) {
    say({ failed: error instanceof TroupeError ? error.code : String(error), message: (error as Error).message });
  }
}
