/**
 * Power cuts, simulated: a ledger works on a disk that traces every write and flush; then the machine is made to have
 * lost its power after any of these moves, with any part of what no flush covered on the disk (helpers/disk-image.ts),
 * and what is left is opened.
 */
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Random, seededRandom } from '../../src/core/random.js';
import { Child } from '../helpers/child.js';
import { Disk, type DiskMove, useDiskLibrary } from '../helpers/disk.js';
import { DiskImage, readFiles, writeFiles } from '../helpers/disk-image.js';
import { makeQuickFolder, removeFolder } from '../helpers/scratch-folder.js';
import type { LedgerPlan } from './fixtures/ledger-plan.js';
import { auditStore, auditSystem, notesOf, toldBy, whatIsLost } from './ledger-audit.js';

const childFile = fileURLToPath(new URL('./fixtures/ledger-child-entry.js', import.meta.url));
/** How much of what was not flushed reaches the disk all the same. */
const keeps = [0, 0.3, 0.8, 1];

describe('a power cut', function () {
  this.timeout(120_000);
  const library = useDiskLibrary();
  let scratch: string;
  let disks: Disk[];
  beforeEach(() => {
    scratch = makeQuickFolder();
    disks = [];
  });
  afterEach(() => {
    for (const disk of disks) disk.close();
    removeFolder(scratch);
  });

  /**
   * One life of the ledger on a disk of its own.
   * @param folder holds the journal, `journal`, and what an earlier life left there
   */
  const live = async (
    folder: string,
    seed: number,
    orders: number,
    how: { lies?: boolean; failsBehind?: number } = {},
  ): Promise<DiskMove[]> => {
    const desk = join(scratch, `desk-${disks.length}`);
    mkdirSync(desk);
    const disk = new Disk(library(), desk, folder);
    disks.push(disk);
    if (how.lies) disk.control.set({ lie: 1 });
    const plan: LedgerPlan = {
      folder: join(folder, 'journal'),
      seed,
      hosts: 2,
      accounts: 6,
      orders,
      window: 16,
      checkpointBytes: 262_144,
      paddingChars: 20_000,
      stops: seed % 2 === 0,
      failsBehind: how.failsBehind,
    };
    const child = new Child(process.execPath, [childFile, JSON.stringify(plan)], { env: disk.env() });
    await child.said(2);
    await child.end();
    return disk.trace();
  };

  /** What the journal would be after a cut behind each chosen move, and whether anything is wrong with it. */
  const cutEach = async (
    moves: readonly DiskMove[],
    before: ReadonlyMap<string, Buffer>,
    folder: string,
    earlier: readonly string[],
    random: Random,
    isChosen: (move: DiskMove, index: number) => boolean,
  ): Promise<{ cuts: number; wrong: string[] }> => {
    const image = new DiskImage(before, random);
    const left = join(scratch, 'left');
    const wrong: string[] = [];
    let cuts = 0;
    for (const [index, move] of moves.entries()) {
      image.apply(move);
      if (!isChosen(move, index)) continue;
      cuts += 1;
      const keep = keeps[Math.floor(random() * keeps.length)]!;
      removeFolder(left);
      writeFiles(image.powerCut(random, keep), folder, left);
      const told = toldBy([...earlier, ...notesOf(moves.slice(0, index + 1))]);
      const where = `behind move ${index}, ${move.kind} ${basename(move.path)}, keeping ${keep}`;
      try {
        const states = await auditStore(join(left, 'journal'));
        wrong.push(...whatIsLost(states, told, 'flushed').map((what) => `${where}: ${what}`));
      } catch (error) {
        wrong.push(`${where}: it does not open: ${String(error)}`);
      }
    }
    return { cuts, wrong };
  };

  /** All moves of lmdb's file and of names, and some of the others. */
  const manyOf = (moves: readonly DiskMove[], random: Random, some: number) => {
    const rare = (move: DiskMove) =>
      /data\.mdb$/.test(move.path) || ('isFolder' in move && move.isFolder) || move.kind === 'made';
    const chance = some / moves.length;
    return (move: DiskMove) => move.kind !== 'noted' && random() < (rare(move) ? 0.2 : chance);
  };

  for (const seed of [1, 2]) {
    it(`keeps what was acknowledged at flushed, and tears nothing, life after life (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      let before: ReadonlyMap<string, Buffer> = new Map();
      let earlier: string[] = [];
      for (let life = 1; life <= 2; life += 1) {
        const folder = join(scratch, `life-${life}`);
        mkdirSync(folder, { recursive: true });
        const moves = await live(folder, seed * 10 + life, 300);
        const { cuts, wrong } = await cutEach(moves, before, folder, earlier, random, manyOf(moves, random, 12));
        expect(wrong, `life ${life}, ${cuts} cuts`).to.deep.equal([]);
        expect(cuts).to.be.above(8);

        // The next life begins with what a cut somewhere in this one leaves.
        const last = Math.floor(moves.length * (0.5 + random() / 2));
        const image = new DiskImage(before, random);
        for (const move of moves.slice(0, last)) image.apply(move);
        const next = join(scratch, `life-${life + 1}`);
        writeFiles(image.powerCut(random, 0.5), folder, next);
        before = readFiles(next);
        earlier = [...earlier, ...notesOf(moves.slice(0, last))];
      }
      const states = await auditSystem(join(scratch, 'life-3', 'journal'));
      expect(whatIsLost(states, toldBy(earlier), 'flushed'), 'with threads').to.deep.equal([]);
    });
  }

  it('while the journal is made leaves a folder that opens, behind every move', async () => {
    const folder = join(scratch, 'made');
    mkdirSync(folder);
    const moves = await live(folder, 7, 1);
    // Until the log has been flushed, which is when the first thread is let in.
    const made =
      1 + moves.findIndex(({ kind, path }) => kind === 'flushEnds' && !path.endsWith('data.mdb') && path !== folder);
    expect(made).to.be.within(10, 100);
    for (const seed of [1, 2]) {
      const random = seededRandom(seed);
      const { cuts, wrong } = await cutEach(moves.slice(0, made), new Map(), folder, [], random, () => true);
      expect(wrong, `seed ${seed}`).to.deep.equal([]);
      expect(cuts).to.equal(made);
    }
  });

  it('keeps it also on a disk that failed flushes, and forgot what they were to write', async () => {
    for (const seed of [3, 4]) {
      const random = seededRandom(seed);
      const folder = join(scratch, `seed-${seed}`);
      mkdirSync(folder);
      // Orders are left behind it, and those to accounts at flushed are not accepted without a flush.
      const moves = await live(folder, seed, 150, { failsBehind: 20 + Math.floor(random() * 80) });
      const failed = moves.findIndex((move) => move.kind === 'flushEnds' && move.hasFailed);
      expect(failed, 'a flush that failed').to.be.above(0);
      const near = (_: DiskMove, index: number) => index >= failed - 2 && (index < failed + 10 || random() < 0.01);
      const { cuts, wrong } = await cutEach(moves, new Map(), folder, [], random, near);
      expect(wrong, `seed ${seed}, ${cuts} cuts`).to.deep.equal([]);
    }
  });

  it('is survived by luck only on a disk that lies, which the test would notice', async () => {
    const folder = join(scratch, 'lying');
    mkdirSync(folder);
    const moves = await live(folder, 6, 60, { lies: true });
    const last = moves.length - 1;
    const { wrong } = await cutEach(moves, new Map(), folder, [], seededRandom(1), (_, index) => index === last);
    expect(wrong).to.not.deep.equal([]);
  });
});
