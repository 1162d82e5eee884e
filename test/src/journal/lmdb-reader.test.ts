import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { open as openLmdb } from 'lmdb';
import { checkJournal } from '../../../src/journal/check.js';
import { type LmdbReader, openJournalReader } from '../../../src/journal/lmdb-reader.js';
import { openLmdbStore } from '../../../src/journal/lmdb-store.js';
import { failureOf } from '../../contract/journal-store.js';
import { Child } from '../../helpers/child.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { commitNumbered, whatIsWrong } from '../../helpers/store-child.js';

const childProgram = fileURLToPath(new URL('../../helpers/store-child.js', import.meta.url));

describe('lmdb reader', () => {
  let folder: string;
  const children: Child[] = [];
  beforeEach(() => {
    folder = join(makeFolder(), 'journal');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill();
    removeFolder(join(folder, '..'));
  });

  it('reads a stopped journal, and leaves it as it is', () => {
    const store = openLmdbStore(folder, { logFileBytesMax: 5_000, recentBytesMax: 3_000 });
    for (let number = 0; number < 40; number += 1) commitNumbered(store, number, 200, 'committed');
    store.close();
    const reader = openJournalReader(folder);
    expect(whatIsWrong(reader)).to.equal(undefined);
    expect([...reader.readLog(30, 33)].map(({ position }) => position)).to.deep.equal([30, 31, 32]);
    expect(reader.logFiles().length).to.be.above(2);
    reader.close();
    reader.close();
    expect(openedAgain(folder)).to.equal(undefined);
  });

  it('says so when the journal is only being made', async () => {
    for (const tables of [[], ['store'], ['store', 'rows', 'paths']]) {
      const half = join(folder, `half-${tables.length}`);
      const root = openLmdb({ path: half, noSubdir: false, encoding: 'binary', maxDbs: 20 });
      for (const table of tables) root.openDB(table, { encoding: 'binary' });
      await root.close();
      expect(() => openJournalReader(half))
        .to.throw(/only being made/)
        .with.property('code', 'NOT_A_JOURNAL');
    }
  });

  it('a log that is gone, or cut off before what lmdb knows of, is no empty log', () => {
    const store = openLmdbStore(folder, { ownerToken: 'a' });
    for (let number = 0; number < 5; number += 1) commitNumbered(store, number, 200, 'flushed');
    for (const [how, spoil] of [
      ['the file is missing', (path: string) => rmSync(path)],
      ['the file is cut off', (path: string) => truncateSync(path, 0)],
    ] as const) {
      // As a kill leaves it: nothing of these is in lmdb.
      const left = makeFolder();
      cpSync(folder, left, { recursive: true });
      spoil(join(left, 'log-000000000001.bin'));
      for (const open of [() => openJournalReader(left), () => openLmdbStore(left, { ownerToken: 'a' })]) {
        expect(open)
          .to.throw(new RegExp(`log-000000000001.bin, byte 0: ${how}`))
          .with.property('code', 'JOURNAL_CORRUPT');
      }
      const damages: string[] = [];
      const reader = openJournalReader(left, ({ file, what }) => void damages.push(`${file}: ${what}`));
      expect(damages).to.have.length(1);
      expect(checkJournal(reader, [{ file: 'log-000000000001.bin', offset: 0, what: how }]).problemCount).to.equal(1);
      reader.close();
      removeFolder(left);
    }
    store.close();
  });

  it('a log file whose beginning is damaged is told of, not passed over', () => {
    const store = openLmdbStore(folder);
    for (let number = 0; number < 5; number += 1) commitNumbered(store, number, 200, 'flushed');
    store.close();
    const path = join(folder, 'log-000000000001.bin');
    const bytes = readFileSync(path);
    bytes[10] = bytes[10]! ^ 1;
    writeFileSync(path, bytes);
    const reader = openJournalReader(folder);
    const damages: string[] = [];
    expect([...reader.readLogAround(0, Infinity, ({ file }) => void damages.push(file))]).to.deep.equal([]);
    expect(damages).to.deep.equal(['log-000000000001.bin']);
    expect(() => [...reader.readLog()])
      .to.throw()
      .with.property('code', 'JOURNAL_CORRUPT');
    reader.close();
  });

  it('damage in what is only history is told to whoever reads it, and keeps nobody from the rest', () => {
    let store = openLmdbStore(folder);
    for (let number = 0; number < 40; number += 1) commitNumbered(store, number, 200, 'committed');
    store.close();
    const [file] = readdirSync(folder).filter((name) => name.startsWith('log-'));
    const bytes = readFileSync(join(folder, file!));
    const at = 10 * 300;
    bytes[at] = bytes[at]! ^ 1;
    writeFileSync(join(folder, file!), bytes);
    const reader = openJournalReader(folder);
    expect(reader.get('meta', 'last')?.toString()).to.equal('39');
    expect([...reader.readLog(reader.end.position + 1)]).to.deep.equal([]);
    expect(() => [...reader.readLog()]).to.throw(/log-000000000001\.bin, byte \d+/);
    const damages: string[] = [];
    const whole = [...reader.readLogAround(0, Infinity, ({ what }) => damages.push(what))];
    expect(whole.length).to.be.greaterThan(3).and.below(39);
    expect(damages).to.deep.equal([`the log breaks off behind record ${whole.at(-1)!.position}; it went on to 40`]);
    reader.close();
    store = openLmdbStore(folder);
    expect([...store.readLog(41)]).to.deep.equal([]);
    commitNumbered(store, 40, 200, 'flushed');
    expect([...store.readLog(41)].map(({ position }) => position)).to.deep.equal([41]);
    expect(() => [...store.readLog()])
      .to.throw()
      .with.property('code', 'JOURNAL_CORRUPT');
    store.close();
  });

  it('reads what a killed owner left in the log, without becoming the owner', async () => {
    const dying = new Child(process.execPath, [childProgram, 'commitAndDie', folder]);
    children.push(dying);
    await dying.end();
    for (let look = 0; look < 2; look += 1) {
      const reader = openJournalReader(folder);
      expect(whatIsWrong(reader)).to.equal(undefined);
      expect(reader.get('meta', 'last')?.toString()).to.equal('1');
      reader.close();
    }
    expect(openedAgain(folder)).to.equal(undefined);
  });

  it('sees one instant of a journal that a live process writes, again and again', async function () {
    this.timeout(30_000);
    const writing = new Child(process.execPath, [childProgram, 'commitForever', folder, 'committed']);
    children.push(writing);
    await writing.said(20);
    let last = 0;
    for (let look = 0; look < 25; look += 1) {
      const reader = openJournalReader(folder);
      const seen = Number(reader.get('meta', 'last')?.toString());
      expect(seen).to.be.at.least(last);
      await writing.said(writing.messages.length + 5);
      expect(whatIsWrong(reader), `look ${look}`).to.equal(undefined);
      expect(Number(reader.get('meta', 'last')?.toString())).to.equal(seen);
      last = seen;
      reader.close();
    }
    expect(last).to.be.above(20);
  });

  it('sees one instant of a journal whose owner drops its log file by file, many a second', async function () {
    this.timeout(60_000);
    const owner = new Child(process.execPath, [childProgram, 'dropForever', folder]);
    children.push(owner);
    await owner.said(1);
    const look = (): { reader: LmdbReader; last: number; kept: number } => {
      const reader = openJournalReader(folder);
      const [last, kept] = ['last', 'kept'].map((name) => Number(reader.get('meta', name)?.toString()));
      return { reader, last: last! + 1, kept: kept! };
    };
    for (let round = 0; round < 40; round += 1) {
      const { reader, last, kept } = look();
      // Until nothing of what it saw is there any more.
      for (let dropped = 0; dropped <= last; ) {
        const later = look();
        dropped = later.kept;
        later.reader.close();
      }
      const positions = [...reader.readLog()].map(({ position }) => position);
      reader.close();
      expect(positions[0]).to.be.at.most(kept);
      expect(positions).to.deep.equal(positions.map((_, index) => last - positions.length + 1 + index));
    }
  });

  it('says what is not there, and refuses everything once it is closed', async () => {
    expect(await failureOf(() => openJournalReader(folder))).to.have.property('code', 'JOURNAL_MISSING');
    openLmdbStore(folder).close();
    const reader = openJournalReader(folder);
    reader.close();
    expect(await failureOf(() => reader.get('rows', 1))).to.have.property('code', 'JOURNAL_CLOSED');
    expect(await failureOf(() => [...reader.scan('rows')])).to.have.property('code', 'JOURNAL_CLOSED');
    expect(await failureOf(() => [...reader.readLog()])).to.have.property('code', 'JOURNAL_CLOSED');
  });
});

function openedAgain(folder: string): string | undefined {
  const store = openLmdbStore(folder);
  const wrong = whatIsWrong(store);
  store.close();
  return wrong;
}
