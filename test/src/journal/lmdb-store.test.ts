import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
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
import {
  journalFormatVersion,
  type LmdbStore,
  type LmdbStoreOptions,
  openLmdbStore,
} from '../../../src/journal/lmdb-store.js';
import { describeJournalStore, failureOf } from '../../contract/journal-store.js';
import { Child } from '../../helpers/child.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { numberedBatch, whatIsWrong } from '../../helpers/store-child.js';

const childProgram = fileURLToPath(new URL('../../helpers/store-child.js', import.meta.url));
const storeModule = new URL('../../../src/journal/lmdb-store.js', import.meta.url).href;

/** With a short tail most of the suite's commits go through checkpoints, with the usual one hardly any. */
for (const tailBytesMax of [undefined, 300]) {
  describeJournalStore(
    `lmdb, tail of ${tailBytesMax ?? 'the usual'} bytes`,
    async () => {
      const folder = makeFolder();
      let store = openLmdbStore(folder, optionsOf(tailBytesMax));
      return {
        store,
        settle: () => store.checkpoint(),
        async reopen() {
          store.close();
          store = openLmdbStore(folder, optionsOf(tailBytesMax));
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

function optionsOf(tailBytesMax: number | undefined): LmdbStoreOptions {
  return tailBytesMax === undefined ? {} : { tailBytesMax };
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
      expect(readdirSync(deep)).to.include.members(['data.mdb', 'tail.bin']);
    });

    it('may hold hidden files and lost+found, and an interrupted beginning', () => {
      mkdirSync(join(folder, 'lost+found'), { recursive: true });
      writeFileSync(join(folder, '.gitkeep'), '');
      writeFileSync(join(folder, 'data.mdb'), '');
      writeFileSync(join(folder, 'lock.mdb'), '');
      expect(open().get('log', 1)).to.equal(undefined);
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
        'a tail without its data',
        'NOT_A_JOURNAL',
        () => {
          writeFileSync(join(folder, 'tail.bin'), 'x');
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
      for (let number = 0; number < 200; number += 1) store.commit(numberedBatch(number, 2_000), 'committed');
      store.close();
      const size = statSync(join(folder, 'data.mdb')).size;
      for (const part of [0.9, 0.5, 0.1]) {
        truncateSync(join(folder, 'data.mdb'), Math.floor(size * part));
        const error = await failureOf(() => open());
        if (error === undefined) throw new Error(`opened with ${part} of its data`);
        expect(error).to.have.property('code', 'NOT_A_JOURNAL');
      }
      truncateSync(join(folder, 'data.mdb'), 5_000);
      expect(await failureOf(() => open())).to.have.property('code', 'NOT_A_JOURNAL');
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
      open().commit(numberedBatch(0, 10), 'flushed');
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
            .commit([{ table: 'log', key: 1, value: Buffer.from('kept') }], 'committed');
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
      expect(open(folder, { ownerToken: 'system-1' }).get('log', 1)?.toString()).to.equal('kept');
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

    it('takes a tail in once: one that lmdb has already is not laid over newer data', async () => {
      await child('commitAndDie').end();
      copyFileSync(join(folder, 'tail.bin'), join(scratch, 'tail'));
      const store = open();
      expect(store.get('meta', 'last')?.toString()).to.equal('1');
      store.commit(numberedBatch(2, 100), 'committed');
      store.close();
      copyFileSync(join(scratch, 'tail'), join(folder, 'tail.bin'));
      const reopened = open();
      expect(reopened.get('meta', 'last')?.toString()).to.equal('2');
      expect(whatIsWrong(reopened)).to.equal(undefined);
    });
  });

  describe('after a power cut', () => {
    /** The folder as a kill leaves it, with `count` batches in the tail, and where each record ends. */
    const folderWithTail = (count: number): number[] => {
      const store = open(join(scratch, 'origin'), { tailBytesMax: 10 ** 6 });
      store.commit(numberedBatch(0, 100), 'flushed');
      store.checkpoint();
      const ends = [0];
      for (let number = 1; number <= count; number += 1) {
        store.commit(numberedBatch(number, 50 + number), 'committed');
        ends.push(store.tailBytes);
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
    const tail = (): string => join(folder, 'tail.bin');

    it('holds a prefix of what was committed, wherever the file is cut', () => {
      const ends = folderWithTail(8);
      cpSync(folder, join(scratch, 'copy'), { recursive: true });
      fc.assert(
        fc.property(fc.nat({ max: ends.at(-1)! }), (cut) => {
          removeFolder(folder);
          cpSync(join(scratch, 'copy'), folder, { recursive: true });
          truncateSync(tail(), cut);
          const store = open();
          expect(whatIsWrong(store)).to.equal(undefined);
          expect(Number(store.get('meta', 'last')!.toString())).to.equal(ends.findLastIndex((end) => end <= cut));
          store.close();
        }),
        { numRuns: 25, examples: [[0], [ends[1]!], [ends[1]! + 1], [ends.at(-1)!]] },
      );
    });

    it('holds a prefix whichever parts of the file did not reach the disk', () => {
      const ends = folderWithTail(8);
      const bytes = readFileSync(tail());
      cpSync(folder, join(scratch, 'copy'), { recursive: true });
      fc.assert(
        fc.property(
          fc.nat({ max: ends.at(-1)! - 1 }),
          fc.integer({ min: 1, max: 600 }),
          fc.nat({ max: 255 }),
          (at, length, fill) => {
            removeFolder(folder);
            cpSync(join(scratch, 'copy'), folder, { recursive: true });
            const torn = Buffer.from(bytes);
            torn.fill(fill, at, Math.min(at + length, torn.byteLength));
            writeFileSync(tail(), torn);
            const firstTorn = bytes.findIndex((byte, index) => byte !== torn[index]);
            const store = open();
            expect(whatIsWrong(store)).to.equal(undefined);
            const kept = firstTorn < 0 ? 8 : ends.findLastIndex((end) => end <= firstTorn);
            expect(Number(store.get('meta', 'last')!.toString())).to.equal(kept);
            store.close();
          },
        ),
        { numRuns: 25 },
      );
    });

    it('never brings an old batch back behind a new one of the same length', () => {
      const row = (value: number) => [{ table: 'rows' as const, key: 1, value: Buffer.alloc(100, value) }];
      const origin = open(join(scratch, 'origin'));
      origin.checkpoint();
      for (const value of [1, 2, 3]) origin.commit(row(value), 'committed');
      const recordBytes = origin.tailBytes / 3;
      cpSync(join(scratch, 'origin'), folder, { recursive: true });
      forgetOwner();
      truncateSync(tail(), recordBytes * 3 - 1);
      const store = open();
      expect(store.get('rows', 1)?.[0]).to.equal(2);
      // Where the new record ends, the old second one begins: whole, with the right number and a right checksum.
      store.commit(row(4), 'committed');
      expect(store.tailBytes).to.equal(recordBytes);
      cpSync(folder, join(scratch, 'again'), { recursive: true });
      store.close();
      removeFolder(folder);
      cpSync(join(scratch, 'again'), folder, { recursive: true });
      forgetOwner();
      expect(open().get('rows', 1)?.[0]).to.equal(4);
    });

    it('is not misled by bytes after the end, and uses the file again', () => {
      folderWithTail(2);
      appendFileSync(tail(), Buffer.alloc(5_000, 0x72));
      const store = open();
      expect(store.get('meta', 'last')?.toString()).to.equal('2');
      expect(store.tailBytes).to.equal(0);
      store.commit(numberedBatch(3, 10), 'flushed');
      expect(whatIsWrong(store)).to.equal(undefined);
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
          const store = open(where, { tailBytesMax: 250_000 });
          let number = 0;
          const error = await failureOf(() => {
            for (; ; number += 1)
              store.commit(numberedBatch(number, bytes), number % 2 === 0 ? 'committed' : 'flushed');
          });
          expect(error).to.have.property('code', 'JOURNAL_FULL');
          expect(number).to.be.above(2);
          expect(whatIsWrong(store)).to.equal(undefined);
          execFileSync('mount', ['-o', 'remount,size=40m', disk]);
          for (const end = number + 10; number < end; number += 1)
            store.commit(numberedBatch(number, bytes), 'flushed');
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

  it('moves the tail to lmdb when it has grown, and reports its bytes', () => {
    const store = open(folder, { tailBytesMax: 10_000 });
    const small = store.bytesOnDisk;
    for (let number = 0; number < 100; number += 1) {
      store.commit(numberedBatch(number, 1_000), 'committed');
      expect(store.tailBytes).to.be.within(1, 10_000);
    }
    expect(store.bytesOnDisk).to.be.above(small + 80_000);
    expect(statSync(join(folder, 'tail.bin')).size).to.be.at.most(10_000);
    expect(whatIsWrong(store)).to.equal(undefined);
  });
});
