import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import fc from 'fast-check';
import { open as openLmdb } from 'lmdb';
import { type LmdbStore, type LmdbStoreOptions, openLmdbStore } from '../../../src/journal/lmdb-store.js';
import { journalFormatVersion } from '../../../src/journal/lmdb-tables.js';
import { logFileName, logFileNumbers } from '../../../src/journal/log-source.js';
import type { CommitLevel } from '../../../src/journal/store.js';
import { describeJournalStore, failureOf } from '../../contract/journal-store.js';
import { Child } from '../../helpers/child.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { commitNumbered, whatIsWrong } from '../../helpers/store-child.js';

const childProgram = fileURLToPath(new URL('../../helpers/store-child.js', import.meta.url));
const storeModule = new URL('../../../src/journal/lmdb-store.js', import.meta.url).href;

/** With little kept in memory most of the suite's commits go through lmdb, with the usual amount hardly any. */
for (const bytesMax of [undefined, 300]) {
  describeJournalStore(
    `lmdb, ${bytesMax ?? 'the usual number of'} bytes in a log file and in memory`,
    async () => {
      const folder = makeFolder();
      let store = openLmdbStore(folder, optionsOf(bytesMax));
      return {
        store,
        settle: () => store.checkpoint(),
        async reopen() {
          store.close();
          store = openLmdbStore(folder, optionsOf(bytesMax));
          return store;
        },
        async dispose() {
          store.close();
          removeFolder(folder);
        },
      };
    },
    true,
  );
}

function optionsOf(bytesMax: number | undefined): LmdbStoreOptions {
  return bytesMax === undefined ? {} : { logFileBytesMax: bytesMax, recentBytesMax: bytesMax };
}

describe('lmdb store', () => {
  let scratch: string;
  let folder: string;
  let opened: LmdbStore[];
  let children: Child[];
  const open = (where = folder, options: LmdbStoreOptions = {}): LmdbStore => {
    const store = openLmdbStore(where, options);
    opened.push(store);
    return store;
  };
  const child = (what: string, argument = '', command = process.execPath, before: string[] = []): Child => {
    const started = new Child(command, [...before, childProgram, what, folder, argument]);
    children.push(started);
    return started;
  };
  beforeEach(() => {
    scratch = makeFolder();
    folder = join(scratch, 'journal');
    opened = [];
    children = [];
  });
  afterEach(async () => {
    for (const each of children) await each.kill();
    for (const store of opened) store.close();
    removeFolder(scratch);
  });

  describe('its folder', () => {
    it('is made with the folders above it, also when its name has a dot', () => {
      const deep = join(scratch, 'a', 'b', 'journal.v1');
      open(deep).close();
      expect(readdirSync(deep)).to.include.members(['data.mdb', logFileName(1)]);
    });

    it('may hold hidden files and lost+found, and an interrupted beginning', () => {
      mkdirSync(join(folder, 'lost+found'), { recursive: true });
      writeFileSync(join(folder, '.gitkeep'), '');
      writeFileSync(join(folder, 'data.mdb'), '');
      writeFileSync(join(folder, 'lock.mdb'), '');
      expect([...open().readLog()]).to.deep.equal([]);
    });

    const refused: [string, string, () => void][] = [
      [
        'a folder of something else',
        'NOT_A_JOURNAL',
        () => {
          writeFileSync(join(folder, 'package.json'), '{}');
        },
      ],
      [
        'a log without its data',
        'NOT_A_JOURNAL',
        () => {
          writeFileSync(join(folder, logFileName(1)), 'x');
        },
      ],
      [
        'text for data',
        'NOT_A_JOURNAL',
        () => {
          writeFileSync(join(folder, 'data.mdb'), 'not lmdb\n'.repeat(2_000));
        },
      ],
      [
        'a few bytes for data',
        'NOT_A_JOURNAL',
        () => {
          writeFileSync(join(folder, 'data.mdb'), 'x');
        },
      ],
      [
        'zeros for data',
        'NOT_A_JOURNAL',
        () => {
          writeFileSync(join(folder, 'data.mdb'), Buffer.alloc(20_000));
        },
      ],
    ];
    for (const [what, code, prepare] of refused) {
      it(`is refused when it holds ${what}, and left as it is`, async () => {
        mkdirSync(folder);
        prepare();
        const before = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('hex')]);
        expect(await failureOf(() => open())).to.have.property('code', code);
        expect(
          readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('hex')]),
        ).to.deep.equal(before);
      });
    }

    it('is refused when its data was cut short, at any length', async () => {
      const store = open();
      for (let number = 0; number < 200; number += 1) commitNumbered(store, number, 2_000, 'committed');
      store.close();
      // Behind the pages in use the file has room for the next transaction; without that it is whole.
      const raw = openLmdb({ path: folder, noSubdir: false, overlappingSync: false });
      const { lastPageNumber, pageSize } = raw.getStats() as { lastPageNumber: number; pageSize: number };
      await raw.close();
      const used = (lastPageNumber + 1) * pageSize;
      truncateSync(join(folder, 'data.mdb'), used);
      for (const part of [0.999, 0.9, 0.5, 0.1]) {
        truncateSync(join(folder, 'data.mdb'), Math.floor(used * part));
        const error = await failureOf(() => open());
        if (error === undefined) throw new Error(`opened with ${part} of its data`);
        expect(error).to.have.property('code', 'NOT_A_JOURNAL');
      }
      truncateSync(join(folder, 'data.mdb'), 5_000);
      expect(await failureOf(() => open())).to.have.property('code', 'NOT_A_JOURNAL');
    });

    it('is begun anew when a power cut came before any of it was flushed, whatever part reached the disk', async () => {
      const raw = openLmdb({ path: folder, noSubdir: false, overlappingSync: false });
      const { pageSize } = raw.getStats() as { pageSize: number };
      await raw.close();
      const heads = readFileSync(join(folder, 'data.mdb')).subarray(0, 2 * pageSize);
      const sectors = heads.length / 512;
      for (let kept = 0; kept < 2 ** 4; kept += 1) {
        // Both heads lie in the first sector of their page; two others stand for all the rest.
        const torn = Buffer.alloc(heads.length);
        for (const [bit, sector] of [0, 1, sectors / 2, sectors - 1].entries()) {
          if ((kept & (1 << bit)) !== 0) heads.copy(torn, sector * 512, sector * 512, (sector + 1) * 512);
        }
        removeFolder(folder);
        mkdirSync(folder);
        writeFileSync(join(folder, 'data.mdb'), torn);
        const store = open();
        commitNumbered(store, 0, 10, 'flushed');
        expect(whatIsWrong(store)).to.equal(undefined);
        store.close();
      }
    });

    it('is refused when it is an lmdb store of another program', async () => {
      const other = openLmdb({ path: folder, noSubdir: false });
      await other.put('key', 'value');
      await other.close();
      expect(await failureOf(() => open())).to.have.property('code', 'NOT_A_JOURNAL');
      const again = openLmdb({ path: folder, noSubdir: false });
      expect([...again.getKeys()]).to.deep.equal(['key']);
      await again.close();
    });

    it('is refused when a newer version wrote it', async () => {
      open().close();
      const raw = openLmdb({ path: folder, noSubdir: false, overlappingSync: false });
      const own = raw.openDB('store', { encoding: 'binary' });
      expect(own.get('format')?.toString()).to.equal(String(journalFormatVersion));
      own.putSync('format', Buffer.from(String(journalFormatVersion + 1)));
      await raw.close();
      const error = await failureOf(() => open());
      expect(error).to.have.property('code', 'JOURNAL_NEWER');
      expect(error)
        .to.have.property('message')
        .that.includes(String(journalFormatVersion + 1));
    });

    it('is refused when it is a file, or cannot be written', async () => {
      writeFileSync(folder, 'a file');
      expect(await failureOf(() => open())).to.have.property('code', 'JOURNAL_UNWRITABLE');
      expect(await failureOf(() => open(join(folder, 'below')))).to.have.property('code', 'JOURNAL_UNWRITABLE');
      expect(await failureOf(() => open('/proc/troupe'))).to.have.property('code', 'JOURNAL_UNWRITABLE');
      const closed = join(scratch, 'closed');
      mkdirSync(closed, { mode: 0o500 });
      // The system's administrator may write anywhere, so there this part proves nothing.
      if (process.getuid?.() !== 0)
        expect(await failureOf(() => open(closed))).to.have.property('code', 'JOURNAL_UNWRITABLE');
      chmodSync(closed, 0o700);
    });
  });

  describe('its owner', () => {
    it('is one: a second opening in this thread is refused until the first is closed', async () => {
      const store = open();
      const error = await failureOf(() => open());
      expect(error).to.have.property('code', 'JOURNAL_IN_USE');
      expect(error).to.have.property('message').that.includes(String(process.pid));
      store.close();
      open();
    });

    it('is refused while another process (named) holds it, and follows when that was killed', async () => {
      const holder = child('hold');
      await holder.said(1);
      const error = await failureOf(() => open());
      expect(error).to.have.property('code', 'JOURNAL_IN_USE');
      expect(error).to.have.property('message').that.includes(String(holder.pid));
      await holder.kill();
      commitNumbered(open(), 0, 10, 'flushed');
    });

    it('is not mistaken for a process that got its number later', () => {
      open().close();
      writeOwner({ pid: process.ppid, startTime: '1', token: 'gone' });
      open();
    });

    it('is not looked for after the machine was started again', () => {
      open().close();
      writeOwner({ pid: process.ppid, boot: 'another', token: 'gone' });
      open();
    });

    it('counts as alive when only its number is known', async () => {
      open().close();
      writeOwner({ pid: process.ppid, token: 'who knows' });
      expect(await failureOf(() => open())).to.have.property('code', 'JOURNAL_IN_USE');
    });

    it('in a thread that died is followed only with its token', async () => {
      const left = new Worker(
        `
        import(${JSON.stringify(storeModule)}).then(({ openLmdbStore }) => {
          openLmdbStore(${JSON.stringify(folder)}, { ownerToken: 'system-1' })
            .commit([], 'committed', { position: 1, bytes: Buffer.from('kept') });
          process.exit();
        });`,
        { eval: true },
      );
      await new Promise((resolve) => {
        left.on('exit', resolve);
      });
      expect(await failureOf(() => open(folder, { ownerToken: 'system-2' }))).to.have.property(
        'code',
        'JOURNAL_IN_USE',
      );
      const [record] = open(folder, { ownerToken: 'system-1' }).readLog();
      expect(record?.bytes.toString()).to.equal('kept');
    });

    function writeOwner(owner: object): void {
      const raw = openLmdb({ path: folder, noSubdir: false, overlappingSync: false });
      raw.openDB('store', { encoding: 'binary' }).putSync('owner', Buffer.from(JSON.stringify(owner)));
      void raw.close();
    }
  });

  describe('after kill -9', () => {
    for (const level of ['committed', 'flushed'] as const) {
      it(`holds every ${level} batch whole, again and again`, async function () {
        this.timeout(30_000);
        let last = -1;
        for (const count of [1, 7, 60, 200]) {
          const committing = child('commitForever', level);
          await committing.said(count);
          await committing.kill();
          last = committing.messages.at(-1) as number;
          const store = open();
          expect(whatIsWrong(store)).to.equal(undefined);
          expect(Number(store.get('meta', 'last')!.toString())).to.be.at.least(last);
          store.close();
        }
        expect(last).to.be.above(200);
      });
    }

    it('takes changes in once: what lmdb has already is not laid over newer data', async () => {
      await child('commitAndDie').end();
      for (const last of [1, 2, 3]) {
        const store = open();
        expect(store.get('meta', 'last')?.toString()).to.equal(String(last));
        expect(store.recentBytes).to.equal(0);
        commitNumbered(store, last + 1, 100, 'committed');
        expect(whatIsWrong(store)).to.equal(undefined);
        store.close();
      }
    });
  });

  describe('after a power cut', () => {
    /** The folder as a kill leaves it, with `count` batches behind lmdb's mark, and where each record ends. */
    const folderWithLog = (count: number, level: CommitLevel = 'committed'): number[] => {
      const store = open(join(scratch, 'origin'), { logFileBytesMax: 20_000 });
      commitNumbered(store, 0, 100, 'flushed');
      store.checkpoint();
      const ends = [store.logPlace.offset];
      for (let number = 1; number <= count; number += 1) {
        commitNumbered(store, number, 50 + number, level);
        ends.push(store.logPlace.offset);
      }
      cpSync(join(scratch, 'origin'), folder, { recursive: true });
      forgetOwner();
      return ends;
    };
    const forgetOwner = (): void => {
      const raw = openLmdb({ path: folder, noSubdir: false, overlappingSync: false });
      raw.openDB('store', { encoding: 'binary' }).removeSync('owner');
      void raw.close();
    };
    const logFile = (): string => join(folder, logFileName(logFileNumbers(folder).at(-1) ?? 1));
    const restoreCopy = (): void => {
      removeFolder(folder);
      cpSync(join(scratch, 'copy'), folder, { recursive: true });
    };

    it('holds a prefix of what was committed, wherever the file is cut', () => {
      const ends = folderWithLog(8);
      const [begin, end] = [ends[0]!, ends.at(-1)!];
      cpSync(folder, join(scratch, 'copy'), { recursive: true });
      fc.assert(
        fc.property(fc.integer({ min: begin, max: end }), (cut) => {
          restoreCopy();
          // The file's length is on disk before anything is written into it.
          writeFileSync(logFile(), readFileSync(logFile()).fill(0, cut));
          const store = open();
          expect(whatIsWrong(store)).to.equal(undefined);
          expect(Number(store.get('meta', 'last')!.toString())).to.equal(ends.findLastIndex((each) => each <= cut));
          store.close();
        }),
        {
          numRuns: 25,
          examples: [[begin], [ends[1]!], [ends[1]! + 1], [end]],
        },
      );
    });

    it('holds a prefix whichever unflushed parts of the file did not reach the disk', () => {
      const ends = folderWithLog(8);
      const bytes = readFileSync(logFile());
      cpSync(folder, join(scratch, 'copy'), { recursive: true });
      fc.assert(
        fc.property(
          fc.integer({ min: ends[0]!, max: ends.at(-1)! - 1 }),
          fc.integer({ min: 1, max: 600 }),
          fc.nat({ max: 255 }),
          (at, length, fill) => {
            restoreCopy();
            const torn = Buffer.from(bytes);
            torn.fill(fill, at, Math.min(at + length, torn.byteLength));
            writeFileSync(logFile(), torn);
            const firstTorn = bytes.findIndex((byte, index) => byte !== torn[index]);
            const store = open();
            expect(whatIsWrong(store)).to.equal(undefined);
            const kept =
              firstTorn < 0
                ? 8
                : Math.min(
                    8,
                    ends.findLastIndex((end) => end <= firstTorn),
                  );
            expect(Number(store.get('meta', 'last')!.toString())).to.equal(kept);
            store.close();
          },
        ),
        { numRuns: 25 },
      );
    });

    it('tells damage from a torn end: what the disk had acknowledged may not be missing', async () => {
      const ends = folderWithLog(8, 'flushed');
      cpSync(folder, join(scratch, 'copy'), { recursive: true });
      for (let record = 0; record < 7; record += 1) {
        restoreCopy();
        const bytes = readFileSync(logFile());
        bytes[ends[record]! + 60]! ^= 1;
        writeFileSync(logFile(), bytes);
        const error = await failureOf(() => open());
        expect(error, String(record)).to.have.property('code', 'JOURNAL_CORRUPT');
        expect(error).to.have.property('value', `${logFileName(1)}@${ends[record]}`);
      }
    });

    it('opens with damage in a file that was left for the next one, and tells whoever reads that', () => {
      const store = open(folder, { logFileBytesMax: 1_000 });
      for (let number = 0; number < 20; number += 1) commitNumbered(store, number, 300, 'committed');
      const files = logFileNumbers(folder);
      expect(files.length).to.be.above(3);
      cpSync(folder, join(scratch, 'copy'), { recursive: true });
      store.close();
      restoreCopy();
      forgetOwner();
      const second = join(folder, logFileName(files[1]!));
      const bytes = readFileSync(second);
      bytes[600]! ^= 1;
      writeFileSync(second, bytes);
      const again = open();
      expect(again.get('meta', 'last')?.toString()).to.equal('19');
      expect(() => [...again.readLog()])
        .to.throw(logFileName(files[1]!))
        .with.property('code', 'JOURNAL_CORRUPT');
      again.close();
    });

    it('never brings an old batch back behind a new one of the same length', () => {
      const row = (value: number) => [{ table: 'rows' as const, key: 1, value: Buffer.alloc(100, value) }];
      const origin = open(join(scratch, 'origin'));
      origin.checkpoint();
      const begin = origin.logPlace.offset;
      for (const value of [1, 2, 3]) origin.commit(row(value), 'committed');
      const recordBytes = (origin.logPlace.offset - begin) / 3;
      cpSync(join(scratch, 'origin'), folder, { recursive: true });
      forgetOwner();
      const bytes = readFileSync(logFile());
      bytes[begin + recordBytes * 3 - 1]! ^= 1;
      writeFileSync(logFile(), bytes);
      const store = open();
      expect(store.get('rows', 1)?.[0]).to.equal(2);
      store.commit(row(4), 'committed');
      cpSync(folder, join(scratch, 'again'), { recursive: true });
      store.close();
      removeFolder(folder);
      cpSync(join(scratch, 'again'), folder, { recursive: true });
      forgetOwner();
      expect(open().get('rows', 1)?.[0]).to.equal(4);
    });

    it('is not misled by bytes after the end, and uses the file again', () => {
      folderWithLog(2);
      appendFileSync(logFile(), Buffer.alloc(5_000, 0x72));
      const store = open();
      expect(store.get('meta', 'last')?.toString()).to.equal('2');
      commitNumbered(store, 3, 10, 'flushed');
      expect(whatIsWrong(store)).to.equal(undefined);
      expect(logFileNumbers(folder)).to.deep.equal([1]);
    });
  });

  describe('on a full disk', () => {
    before(function () {
      if (process.platform !== 'linux' || spawnSync('prlimit', ['--version']).error !== undefined) this.skip();
    });

    for (const bytes of ['500', '30000', '400000']) {
      it(`leaves nothing of a batch of ${bytes} bytes without room, and goes on when there is some`, async function () {
        this.timeout(30_000);
        const filling = child('fill', bytes, 'prlimit', ['--fsize=1500000:unlimited', process.execPath]);
        const messages = (await filling.said(3)) as { number: number; code: string; wrong?: string }[];
        const [first, again, room] = messages;
        expect(first!.number).to.be.above(0);
        expect(messages.map(({ wrong }) => wrong)).to.deep.equal([undefined, undefined, undefined]);
        expect([first!.code, again!.code]).to.deep.equal(['JOURNAL_FULL', 'JOURNAL_FULL']);
        expect(again!.number).to.be.at.least(first!.number);
        expect(room).to.deep.equal({});
        expect(await filling.end()).to.deep.equal({ code: 0, signal: null });
        expect(whatIsWrong(open())).to.equal(undefined);
      });
    }

    it('that is a small file system says the same', async function () {
      this.timeout(30_000);
      const disk = join(scratch, 'disk');
      mkdirSync(disk);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status !== 0) return this.skip();
      try {
        for (const bytes of [3_000, 200_000]) {
          const where = join(disk, String(bytes));
          const store = open(where, { logFileBytesMax: 250_000, recentBytesMax: 5_000 });
          let number = 0;
          const error = await failureOf(() => {
            for (; ; number += 1) commitNumbered(store, number, bytes, number % 2 === 0 ? 'committed' : 'flushed');
          });
          expect(error).to.have.property('code', 'JOURNAL_FULL');
          expect(number).to.be.above(2);
          expect(whatIsWrong(store)).to.equal(undefined);
          execFileSync('mount', ['-o', 'remount,size=40m', disk]);
          for (const end = number + 10; number < end; number += 1) commitNumbered(store, number, bytes, 'flushed');
          expect(whatIsWrong(store)).to.equal(undefined);
          store.close();
          expect(whatIsWrong(open(where))).to.equal(undefined);
          opened.pop()!.close();
          execFileSync('rm', ['-r', where]);
          execFileSync('mount', ['-o', 'remount,size=2m', disk]);
        }
      } finally {
        for (const store of opened) store.close();
        execFileSync('umount', [disk]);
      }
    });
  });

  it('moves changes to lmdb and on to another file when they have grown, drops files, and reports its bytes', () => {
    const store = open(folder, { logFileBytesMax: 10_000, recentBytesMax: 5_000 });
    const small = store.bytesOnDisk;
    for (let number = 0; number < 100; number += 1) {
      commitNumbered(store, number, 1_000, 'committed');
      expect(store.recentBytes).to.be.within(0, 5_000);
    }
    expect(store.bytesOnDisk).to.be.above(small + 80_000);
    for (const number of logFileNumbers(folder)) {
      expect(statSync(join(folder, logFileName(number))).size).to.equal(10_000);
    }
    expect(whatIsWrong(store)).to.equal(undefined);
    store.dropLog(60);
    const left = [...store.readLog()].map(({ position }) => position);
    expect(left[0]).to.be.within(50, 60);
    expect(left.at(-1)).to.equal(100);
    expect(left).to.have.length(101 - left[0]!);
    store.close();
    const reopened = open();
    expect([...reopened.readLog(70, 80)].map(({ position }) => position)).to.have.length(10);
    expect(reopened.get('meta', 'last')?.toString()).to.equal('99');
  });

  it('brings its mark into each file that is begun, and never drops the one it is in', () => {
    const store = open(folder, { logFileBytesMax: 1_000 });
    for (let number = 0; number < 20; number += 1) commitNumbered(store, number, 300, 'committed');
    expect(store.recentBytes).to.be.below(3 * 350);
    store.dropLog(1_000);
    expect([...store.readLog()].map(({ position }) => position))
      .to.include(20)
      .and.have.length.within(1, 4);
  });
});
