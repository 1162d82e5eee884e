/**
 * What lmdb-js does, promised or not, that our journal leans on or steers around. Each test names who does. When a new
 * lmdb changes one of them, the test fails, and the place it names must be thought through again.
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { open as openLmdb, type RootDatabase, type RootDatabaseOptions } from 'lmdb';
import { limits } from '../../../src/core/limits.js';
import { seededRandom } from '../../../src/core/random.js';
import { encodeKey } from '../../../src/journal/store-key.js';
import { Child } from '../../helpers/child.js';
import { buildDisk, Disk, type DiskMove } from '../../helpers/disk.js';
import { DiskImage, writeFiles } from '../../helpers/disk-image.js';
import { makeQuickFolder, removeFolder } from '../../helpers/scratch-folder.js';

const childFile = fileURLToPath(new URL('./fixtures/lmdb-child-entry.js', import.meta.url));

describe('lmdb', function () {
  this.timeout(30_000);
  let scratch: string;
  let folder: string;
  let opened: RootDatabase<Buffer, string>[];
  beforeEach(() => {
    scratch = makeQuickFolder();
    folder = join(scratch, 'disk', 'env');
    mkdirSync(join(scratch, 'disk'));
    opened = [];
  });
  afterEach(() => {
    for (const env of opened) void env.close();
    removeFolder(scratch);
  });

  /** As `lmdb-tables.ts` opens it. */
  const open = (more: RootDatabaseOptions = {}, path = folder): RootDatabase<Buffer, string> => {
    const options = { path, noSubdir: false, encoding: 'binary', overlappingSync: false, ...more } as const;
    const env = openLmdb<Buffer, string>(options);
    opened.push(env);
    return env;
  };
  const put = (env: RootDatabase<Buffer, string>, key: string, value: Buffer): void => {
    env.transactionSync(() => {
      void env.put(key, value);
    });
  };
  const dataBytes = (): number => statSync(join(folder, 'data.mdb')).size;

  describe('and the disk', () => {
    let tools: string;
    let library: string;
    let disk: Disk;
    before(function () {
      tools = makeQuickFolder();
      const built = buildDisk(tools);
      // Without a C compiler, or where libraries cannot be put before libc, these tests are pending.
      if ('missing' in built) return this.skip();
      library = built.library;
    });
    after(() => removeFolder(tools));
    beforeEach(() => {
      disk = new Disk(library, scratch, join(scratch, 'disk'));
    });
    afterEach(() => disk.close());

    const child = (what: string): Child => new Child(process.execPath, [childFile, what, folder], { env: disk.env() });
    const run = async (what: string) => {
      const started = child(what);
      const end = await started.end();
      return { ...end, messages: started.messages, stderr: started.stderr };
    };
    /** What happened to the data file between the two notes about `n`. */
    const between = (moves: DiskMove[], n: number): string[] => {
      const at = (text: string) => moves.findIndex((move) => move.kind === 'noted' && move.text === text);
      return moves.slice(at(`begins ${n}`) + 1, at(`returned ${n}`)).map((move) => {
        if (move.kind === 'wrote') return move.isThrough ? 'head' : 'pages';
        return move.kind;
      });
    };

    // lmdb-tables.ts `transact` (L1 of lmdb-store.ts): what it wrote is on the disk when it returns, in this order.
    it('flushes a transactionSync before it returns: pages, flush, and the head through', async () => {
      await run('transact');
      for (const n of [1, 2, 3]) {
        const moves = between(disk.trace(), n);
        expect(moves.at(-1)).to.equal('head');
        expect(moves.slice(-3, -1)).to.deep.equal(['flushBegins', 'flushEnds']);
        expect(new Set(moves.slice(0, -3))).to.deep.equal(new Set(['pages']));
        // Two round trips to the disk: hence rare and large transactions, and the log before them.
        expect(moves.filter((move) => move === 'flushEnds' || move === 'head')).to.have.length(2);
      }
    });

    // Nobody yet; whoever writes with promises one day may believe them.
    it('resolves a put after its flush', async () => {
      await run('promise');
      for (const n of [1, 2, 3]) expect(between(disk.trace(), n)).to.include('flushEnds');
    });

    // L2 of lmdb-store.ts: the mark and the changes it speaks of are there together, or both are not.
    it('holds the last transaction or the one before, whole, after a power cut at any write', async () => {
      await run('churn');
      const random = seededRandom(1);
      const moves = disk.trace();
      const image = new DiskImage(new Map(), random);
      let returned = -1;
      for (const [index, move] of moves.entries()) {
        image.apply(move);
        if (move.kind === 'noted') returned += 1;
        // Before the first flush there is no lmdb file: journal-folder.ts minds that.
        if (returned < 0 || move.kind === 'noted') continue;
        const left = join(scratch, `left-${index}`);
        writeFiles(image.powerCut(random, [0, 0.3, 0.8, 1][index % 4]!), join(scratch, 'disk'), left);
        const env = open({}, join(left, 'env'));
        const last = Number(env.get('last')!.toString());
        expect(last, `behind move ${index}`).to.be.within(returned, returned + 1);
        const table = env.openDB<Buffer, string>('table', { encoding: 'binary' });
        expect(table.get('value')![0], `behind move ${index}`).to.equal(last);
        expect([...table.getKeys()]).to.have.length(1 + Math.min(last + 1, 5));
        void env.close();
        opened.pop();
        removeFolder(left);
      }
      expect(returned).to.equal(39);
    });

    // The same L2 for a kill: lmdb names the old state until the new one is on the disk. (Our log is the other way
    // about: what a kill leaves whole in it counts as accepted.)
    it('shows nothing of a transaction that was killed in its flush', async () => {
      const dying = child('dieWithin');
      await dying.said(1);
      const begun = () => disk.trace().filter(({ kind }) => kind === 'flushBegins').length;
      const ended = () => disk.trace().filter(({ kind }) => kind === 'flushEnds').length;
      while (begun() === ended()) await new Promise((resolve) => setTimeout(resolve, 5));
      await dying.kill();
      expect(open().get('key')?.toString()).to.equal('before');
    });

    // `transact` has braces, and a comment that says why; the last test of this file looks for them.
    it('loses acknowledged writes after a transactionSync whose callback returns a promise', async () => {
      const { messages } = await run('expressionBody');
      expect(messages).to.deep.equal([{ acknowledged: Array(10).fill(true) }]);
      expect([...open().getKeys()].length).to.be.below(20);
    });

    // Our tables are `encoding: 'binary'`: a new kind of state must not flush the disk in the middle of a turn.
    it('flushes at once for an object of a new shape, which bytes of our own never do', async () => {
      const { messages } = await run('shapes');
      expect(messages).to.deep.equal([{ fresh: 1, known: 0 }]);
    });

    // `mapBytesDefault` of lmdb-tables.ts is a product, not a shift.
    it('ends the process for a negative map size', async () => {
      const { messages, signal } = await run('negativeMap');
      expect(messages).to.deep.equal([{ mapSize: -2_147_483_648 }]);
      expect(signal).to.equal('SIGSEGV');
    });

    // journal-folder.ts looks at files and tries for room before lmdb opens them.
    it('ends the process when it cannot open', async () => {
      const { messages, signal } = await run('openFull');
      expect(messages).to.deep.equal(['opening']);
      expect(signal).to.equal('SIGSEGV');
    });

    // R1 of data-room.ts: lmdb must not meet a full disk.
    it('says that a page was refused in more letters than it has room for', async () => {
      const { messages } = await run('pageRefused');
      const [{ code, message }] = messages as [{ code: number; message: string }];
      expect(code).to.equal(28);
      // `malloc(100)` in mdb_page_flush, with a zero behind the last letter.
      expect(message.replace('No space left on device: ', '')).to.have.length.above(99);
    });

    // lmdb-store.ts tells its caller to stop the process then.
    it('takes and shows nothing more after a head was refused; opened anew, it has the old state', async () => {
      const { messages } = await run('headRefused');
      const [{ refused, later, read }] = messages as [{ refused: number; later: unknown; read: unknown }];
      expect(refused).to.equal(28);
      expect(later).to.not.equal('done');
      expect(read).to.equal(-30_795);
      expect(open().get('key')?.toString()).to.equal('two');
    });
  });

  describe('and its readers', () => {
    // overlay.ts reads a part of a range to its end before anything is written, never one entry at a time.
    it('uses pages again once no range is read half, and not before', () => {
      const env = open();
      const rewrite = (): number => {
        const before = dataBytes();
        for (let n = 0; n < 10; n += 1) {
          env.get('key');
          env.resetReadTxn();
          put(env, 'key', Buffer.alloc(1_000_000, n));
        }
        return dataBytes() - before;
      };
      rewrite();
      expect(rewrite()).to.equal(0);
      const range = env.getRange({})[Symbol.iterator]();
      range.next();
      expect(rewrite()).to.be.above(5_000_000);
      expect(range.next().done).to.equal(true);
      rewrite();
      expect(rewrite()).to.equal(0);
    });

    // `readOwn` in lmdb-store.ts `takeOver` reads inside the transaction, which is the only place that sees it all.
    it('shows the newest state within a transaction and after it, not what waits to be written', async () => {
      const env = open();
      put(env, 'key', Buffer.from('1'));
      const waiting = env.put('key', Buffer.from('2'));
      expect(env.get('key')?.toString()).to.equal('1');
      await waiting;
      env.transactionSync(() => {
        void env.put('key', Buffer.from('3'));
        expect(env.get('key')?.toString()).to.equal('3');
      });
      expect(env.get('key')?.toString()).to.equal('3');
    });

    // lmdb-reader.ts: another process reads one instant while the owner writes. journal.transact: what that costs.
    it('keeps the instant another process reads, and its pages, until that process is gone', async () => {
      const env = open();
      put(env, 'key', Buffer.from('then'));
      const reading = new Child(process.execPath, [childFile, 'read', folder]);
      await reading.said(1);
      const grow = (): number => {
        const before = dataBytes();
        for (let n = 0; n < 10; n += 1) {
          env.resetReadTxn();
          put(env, 'large', Buffer.alloc(500_000, n));
        }
        return dataBytes() - before;
      };
      expect(grow()).to.be.above(500_000);
      put(env, 'key', Buffer.from('now'));
      const heard = reading.messages.length;
      await reading.said(heard + 2);
      expect(new Set(reading.messages.map((message) => (message as { value: string }).value))).to.deep.equal(
        new Set(['then']),
      );
      await reading.kill();
      // Its slot is swept when somebody looks, and at the next opening.
      expect(env.readerCheck()).to.equal(1);
      grow();
      expect(grow()).to.equal(0);
    });

    // lmdb-tables.ts `close` does not wait, and the folder may be removed or opened again at once.
    it('closes before `close` returns when nothing is pending', function () {
      if (process.platform !== 'linux') return this.skip();
      const isMapped = () => readFileSync('/proc/self/maps', 'utf8').includes(join(folder, 'data.mdb'));
      const env = open();
      put(env, 'key', Buffer.from('1'));
      expect(isMapped()).to.equal(true);
      void env.close();
      opened.pop();
      expect(isMapped()).to.equal(false);
    });
  });

  describe('and its limits', () => {
    // store-key.ts allows names of 1,024 bytes; a path has at most `limits.pathCharsMax` characters.
    it('takes keys of up to 1,978 bytes, far longer than ours', () => {
      const env = open();
      const table = env.openDB<Buffer, Buffer>('table', { encoding: 'binary', keyEncoding: 'binary' });
      const putKey = (bytes: number) =>
        env.transactionSync(() => {
          void table.put(Buffer.alloc(bytes, 1), Buffer.from('x'));
        });
      putKey(1_978);
      expect(table.get(Buffer.alloc(1_978, 1))?.toString()).to.equal('x');
      expect(() => putKey(1_979)).to.throw(/maximum key size/);
      expect(encodeKey('p'.repeat(limits.pathCharsMax)).length).to.be.below(1_978);
    });

    // lmdb-tables.ts asks for its tables and a few more.
    it('opens as many tables as it was told', () => {
      const env = open({ maxDbs: 3 });
      for (const name of ['a', 'b', 'c']) env.openDB(name, { encoding: 'binary' });
      expect(() => env.openDB('d', { encoding: 'binary' })).to.throw(/maxdbs/);
    });

    // `mapBytes` is a reservation, not a limit: a journal outgrows it.
    it('outgrows its map', () => {
      const env = open({ mapSize: 2 ** 20 });
      for (let n = 0; n < 16; n += 1) put(env, `key ${n}`, Buffer.alloc(2 ** 18, n));
      expect(env.get('key 15')?.at(-1)).to.equal(15);
      expect((env.getStats() as { mapSize: number }).mapSize).to.be.above(2 ** 22);
    });

    // History is dropped as log files, not as keys: lmdb gives nothing back to the disk. It does use it again.
    it('never shrinks, and fills its holes', () => {
      const env = open();
      const fill = () => {
        for (let n = 0; n < 16; n += 1) put(env, `key ${n}`, Buffer.alloc(2 ** 18, n));
      };
      fill();
      const full = dataBytes();
      for (let n = 0; n < 16; n += 1) {
        env.resetReadTxn();
        env.transactionSync(() => {
          void env.remove(`key ${n}`);
        });
      }
      expect(dataBytes()).to.equal(full);
      fill();
      expect(dataBytes()).to.be.below(full * 1.2);
    });

    // data-room.ts makes the file longer than lmdb has.
    it('does not mind a file longer than its pages, and fills the rest', async () => {
      const env = open();
      put(env, 'key', Buffer.from('1'));
      const { lastPageNumber, pageSize } = env.getStats() as { lastPageNumber: number; pageSize: number };
      expect(dataBytes()).to.equal((lastPageNumber + 1) * pageSize);
      const { takeRoom } = await import('../../../src/journal/data-room.js');
      const file = {
        path: join(folder, 'data.mdb'),
        pageBytes: pageSize,
        usedPages: lastPageNumber + 1,
        freeListPages: 1,
      };
      takeRoom(file, [1_000_000]);
      const long = dataBytes();
      put(env, 'large', Buffer.alloc(1_000_000, 7));
      expect(dataBytes()).to.equal(long);
      void env.close();
      opened.pop();
      expect(open().get('large')?.at(-1)).to.equal(7);
      expect(dataBytes()).to.equal(long);
    });
  });

  // L1 of lmdb-store.ts.
  it('is written by one call of the product: transactionSync with a block body', () => {
    const source = readFileSync(join(process.cwd(), 'src', 'journal', 'lmdb-tables.ts'), 'utf8');
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(code.match(/transactionSync\(\s*\(\) => \{/g)).to.have.length(1);
    expect(code.match(/\.transactionSync\b/g)).to.have.length(1);
    expect(code).to.not.match(/\.(transaction|childTransaction|putSync|removeSync|batch|ifNoExists|ifVersion)\(/);
  });
});
