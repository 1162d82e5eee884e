/**
 * What we rely on in lmdb, in Node's file calls and in the kernel beneath them, measured by a disk whose
 * flushes a test controls (test/fixtures/disk.c), and the lmdb behaviour that made log files necessary.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { open as openLmdb } from 'lmdb';
import { openLmdbStore } from '../../../src/journal/lmdb-store.js';
import { logFileName } from '../../../src/journal/log-source.js';
import { Child } from '../../helpers/child.js';
import { buildDisk } from '../../helpers/disk.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { whatIsWrong } from '../../helpers/store-child.js';

const childProgram = fileURLToPath(new URL('../../helpers/store-child.js', import.meta.url));
/** How long a flush of the slow disk takes at least. */
const delayMs = 200;

describe('lmdb traps', () => {
  let scratch: string;
  let folder: string;
  beforeEach(() => {
    scratch = makeFolder();
    folder = join(scratch, 'journal');
  });
  afterEach(() => removeFolder(scratch));

  describe('under a slow disk', () => {
    let shim: string;
    let tools: string;
    before(function () {
      tools = makeFolder();
      const built = buildDisk(tools);
      // Without a C compiler, or where libraries cannot be put before libc, these tests are pending.
      if ('missing' in built) return this.skip();
      shim = built.library;
    });
    after(() => removeFolder(tools));

    const slowChild = (what: string, argument: string, env: Record<string, string>): Child =>
      new Child(process.execPath, [childProgram, what, folder, argument], {
        env: { ...process.env, LD_PRELOAD: shim, ...env },
      });
    const flushLog = (): string[] => {
      const path = join(scratch, 'flushes');
      if (!existsSync(path)) return [];
      const names = readFileSync(path, 'utf8').trim().split('\n');
      rmSync(path);
      return names.map((name) => name.split('/').at(-1)!);
    };

    it('a flushed commit waits for the disk, a committed one does not', async function () {
      this.timeout(30_000);
      const env = { FLUSH_DELAY_MS: String(delayMs), FLUSH_LOG: join(scratch, 'flushes') };
      const timing = slowChild('time', '', env);
      const messages = (await timing.said(6)) as { say: string; ms: number; flushes: number }[];
      await timing.end();
      const took = Object.fromEntries(messages.map(({ say, ms }) => [say, ms]));
      expect(took.flushed).to.be.at.least(delayMs);
      expect(took.flush).to.be.at.least(delayMs);
      expect(took.checkpoint).to.be.at.least(delayMs);
      // Who does not flush waits for no disk; how long that takes is the machine's business.
      const [, ...counts] = messages.map(({ say, flushes }) => `${say} ${flushes}`);
      expect(counts).to.deep.equal(['committed 0', 'flushed 1', 'flush of nothing 0', 'flush 1', 'checkpoint 2']);
    });

    it("a flushed commit flushes the log once, a checkpoint flushes lmdb's data", async () => {
      const timing = slowChild('time', '', { FLUSH_LOG: join(scratch, 'flushes') });
      await timing.end();
      const flushes = flushLog();
      const log = logFileName(1);
      // Opening: lmdb's take-over, the zeros of the first log file, its link, its name in the folder.
      const opened = flushes.lastIndexOf('journal');
      expect(flushes.slice(0, opened)).to.include.members(['data.mdb', log]);
      // Then a flushed commit, a flush, and a checkpoint, which flushes the log before lmdb may count on it.
      expect(flushes.slice(opened + 1, opened + 5)).to.deep.equal([log, log, log, 'data.mdb']);
    });

    it('a flush that fails leaves nothing of its batch; nothing counts as flushed until written anew', async () => {
      const failing = slowChild('failFlush', join(scratch, 'fail'), { FLUSH_FAIL: join(scratch, 'fail') });
      const messages = (await failing.said(5)) as { code: string; wrong?: string }[];
      await failing.end();
      expect(messages.map(({ code }) => code)).to.deep.equal([
        'JOURNAL_WRITE',
        'JOURNAL_WRITE',
        'JOURNAL_WRITE',
        'done',
        'done',
      ]);
      expect(messages.map(({ wrong }) => wrong)).to.deep.equal([undefined, undefined, undefined, undefined, undefined]);
      const store = openLmdbStore(folder);
      expect(whatIsWrong(store)).to.equal(undefined);
      expect(store.get('meta', 'last')?.toString()).to.equal('3');
      store.close();
    });

    it('a batch whose flush failed does not come back by a kill -9', async () => {
      const failFile = join(scratch, 'fail-and-die');
      const failing = slowChild('failFlush', failFile, { FLUSH_FAIL: failFile });
      expect(await failing.said(1)).to.deep.equal([{ code: 'JOURNAL_WRITE' }]);
      expect((await failing.end()).signal).to.equal('SIGKILL');
      const store = openLmdbStore(folder);
      expect(store.get('meta', 'last')?.toString()).to.equal('1');
      expect(whatIsWrong(store)).to.equal(undefined);
      store.close();
    });

    it('lmdb with overlappingSync flushes even a transaction that asks not to (hence the log)', async function () {
      this.timeout(20_000);
      const program = `
        const { open } = await import('lmdb');
        const options = { noSubdir: false, encoding: 'binary', overlappingSync: true };
        const env = open(${JSON.stringify(folder)}, options);
        const start = performance.now();
        env.transactionSync(() => { env.put('key', Buffer.from('value')); }, 0x10002);
        console.log(JSON.stringify({ ms: performance.now() - start }));
        process.kill(process.pid, 'SIGKILL');`;
      const running = new Child(process.execPath, ['--input-type=module', '-e', program], {
        cwd: process.cwd(),
        env: { ...process.env, LD_PRELOAD: shim, FLUSH_DELAY_MS: String(delayMs) },
      });
      const [{ ms }] = (await running.said(1)) as [{ ms: number }];
      await running.end();
      expect(ms).to.be.at.least(delayMs);
    });
  });

  it('a block-bodied transactionSync is visible at once, survives kill -9, and is undone by a throw', async () => {
    const program = `
      const { open } = await import('lmdb');
      const options = { noSubdir: false, encoding: 'binary', overlappingSync: false };
      const env = open(${JSON.stringify(folder)}, options);
      const table = env.openDB('table', { encoding: 'binary' });
      env.transactionSync(() => { table.put('kept', Buffer.from('1')); env.put('root', Buffer.from('1')); });
      let thrown = '';
      try {
        env.transactionSync(() => {
          table.put('undone', Buffer.from('1'));
          table.put('kept', Buffer.from('2'));
          throw new Error('stop');
        });
      } catch (error) { thrown = error.message; }
      console.log(JSON.stringify({ kept: table.get('kept').toString(), undone: table.get('undone') ?? null, thrown }));
      process.kill(process.pid, 'SIGKILL');`;
    const running = new Child(process.execPath, ['--input-type=module', '-e', program], { cwd: process.cwd() });
    expect(await running.said(1)).to.deep.equal([{ kept: '1', undone: null, thrown: 'stop' }]);
    expect((await running.end()).signal).to.equal('SIGKILL');
    const env = openLmdb<Buffer, string>({ path: folder, noSubdir: false, encoding: 'binary', overlappingSync: false });
    const table = env.openDB<Buffer, string>('table', { encoding: 'binary' });
    expect(table.get('kept')?.toString()).to.equal('1');
    expect(table.get('undone')).to.equal(undefined);
    await env.close();
  });
});
