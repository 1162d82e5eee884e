/**
 * A disk that is full, or fails: at any write, any flush, while hosts die, at a checkpoint, at opening and closing, on
 * real threads. Whoever asked is told with a code, nothing acknowledged is lost, nothing refused has happened, and
 * work goes on when the disk does. The disk is fixtures/disk.c; the last test has a real one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createSystem, type TroupeError } from '../../src/index.js';
import { eventually } from '../../src/testing/index.js';
import { Child } from '../helpers/child.js';
import { Disk, useDiskLibrary } from '../helpers/disk.js';
import { makeFolder, makeQuickFolder, removeFolder } from '../helpers/scratch-folder.js';
import { ledger, type LedgerState } from './fixtures/ledger.js';
import { auditStore, toldBy, whatIsLost } from './ledger-audit.js';

const childFile = fileURLToPath(new URL('./fixtures/full-child-entry.js', import.meta.url));

interface Round {
  refused: string[];
  later: string[];
}

describe('a disk', function () {
  this.timeout(120_000);

  describe('that a test controls', () => {
    const library = useDiskLibrary();
    let scratch: string;
    let folder: string;
    let disk: Disk;
    beforeEach(() => {
      scratch = makeQuickFolder();
      folder = join(scratch, 'disk', 'journal');
      mkdirSync(join(scratch, 'disk'));
      disk = new Disk(library(), scratch, join(scratch, 'disk'));
    });
    afterEach(() => {
      disk.close();
      removeFolder(scratch);
    });

    /** Let the child play a scenario. @returns what it said, without the closing word, and how it ended */
    const play = async (scenario: string, seed = 1) => {
      const child = new Child(process.execPath, [childFile, scenario, folder, String(seed)], { env: disk.env(false) });
      const end = await child.end();
      disk.control.heal();
      if (end.signal !== 'SIGKILL') expect(child.messages.at(-1), child.stderr).to.equal('done');
      expect(child.messages.filter((message) => 'unhandled' in Object(message))).to.deep.equal([]);
      expect(child.stderr, 'lmdb never meets a full disk').to.not.match(/Write error|mdb_/);
      return child.messages.filter((message) => message !== 'done');
    };
    const audit = async (): Promise<string[]> => {
      const notes = existsSync(disk.notesPath) ? readFileSync(disk.notesPath, 'utf8').split('\n').slice(0, -1) : [];
      return whatIsLost(await auditStore(folder), toldBy(notes));
    };
    /** Only these codes were met, and at least so often somebody was refused. */
    const expectCodes = (rounds: Round[], allowed: string[], timesMin: number): void => {
      expect(rounds.flatMap(({ refused, later }) => [...refused, ...later])).to.satisfy(
        (codes: string[]) => codes.every((code) => allowed.includes(code)),
        `only ${allowed.join()}`,
      );
      expect(rounds.filter(({ refused }) => refused.length > 0)).to.have.length.of.at.least(timesMin);
    };

    it('that takes no write of the log, one after the other', async () => {
      const rounds = (await play('anyWrite')) as Round[];
      expectCodes(rounds, ['JOURNAL_FULL'], 40);
      expect(await audit()).to.deep.equal([]);
    });

    for (const seed of [1, 2]) {
      it(`that fills up anywhere: in the log, in lmdb, in a checkpoint (seed ${seed})`, async () => {
        const rounds = (await play('anyRoom', seed)) as Round[];
        expectCodes(rounds, ['JOURNAL_FULL'], 8);
        expect(await audit()).to.deep.equal([]);
      });
    }

    it('whose flushes fail, one after the other; a kill -9 follows', async () => {
      const rounds = (await play('anyFlush')) as Round[];
      expectCodes(rounds, ['JOURNAL_WRITE'], 15);
      expect(await audit()).to.deep.equal([]);
    });

    it('that is full while hosts die: they are replaced when there is room, and their actors go on', async () => {
      const rounds = (await play('deadHost')) as (Round & { dead: number[]; lost: string[] })[];
      expect(rounds).to.have.length(4);
      for (const { dead, lost, refused } of rounds) {
        expect(lost).to.have.length(dead.length);
        expect([...new Set(refused)]).to.deep.equal(['JOURNAL_FULL']);
      }
      expect(await audit()).to.deep.equal([]);
    });

    const codesOf = (tries: unknown[]): string[] => (tries as { code: string }[]).map(({ code }) => code);

    it('that is full when a journal is made: refused with a code, made when there is room', async () => {
      const made = codesOf(await play('opening'));
      expect(made.pop()).to.equal('open');
      expect([...new Set(made)]).to.deep.equal(['JOURNAL_FULL']);
    });

    for (const [scenario, how, triesMin] of [
      ['opening', '', 1],
      ['openingLog', ' for the log', 3],
      ['openingLogBusy', ' for the log, in a busy process', 3],
    ] as const) {
      it(`that is full when a journal is opened${how}: refused with a code, opened when there is room`, async () => {
        // What a kill left, with mail, and with a quarantined actor whose retrial is written at each opening.
        await play('leave');
        const opened = codesOf(await play(scenario));
        expect(opened.pop()).to.equal('open');
        expect(opened).to.have.length.of.at.least(triesMin);
        expect([...new Set(opened)]).to.deep.equal(['JOURNAL_FULL']);
        expect(await audit()).to.deep.equal([]);
      });
    }

    it('that is full when the system stops: it says so, and loses nothing', async () => {
      expect(await play('closing')).to.deep.equal([
        { refused: Array(4).fill('JOURNAL_FULL'), code: 'JOURNAL_FULL', again: 'done' },
      ]);
      expect(await audit()).to.deep.equal([]);
      const [withDead] = await play('closingWithDead');
      expect(withDead).to.include({ again: 'done' });
      expect(await audit()).to.deep.equal([]);
    });
  });

  it('that is a real one and full: producers get JOURNAL_FULL, and go on when space returns', async function () {
    const mounted = makeFolder();
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mounted]);
    // Only the system's administrator may mount, and not in every container.
    if (mount.status !== 0) {
      removeFolder(mounted);
      return this.skip();
    }
    const options = { journal: join(mounted, 'journal'), hosts: 2, logger: false as const, signals: false };
    try {
      const system = await createSystem({ ...options, checkpointBytes: 65_536 });
      const refs = await Promise.all([0, 1].map((n) => system.spawn(ledger.flushed, { id: `account-${n * 2}` })));
      const acked: number[][] = [[], []];
      let n = 0;
      const order = async (paddingChars: number): Promise<string[]> => {
        n += 1;
        const padding = 'p'.repeat(paddingChars);
        const codes = await Promise.all(
          refs.map((ref, at) =>
            ref.tell({ type: 'order', n, amount: 1, to: refs[1 - at]!, padding }).then(
              () => void acked[at]!.push(n),
              (error: TroupeError) => error.code as string,
            ),
          ),
        );
        return codes.filter((code) => code !== undefined);
      };
      for (let round = 0; round < 3; round += 1) {
        writeFileSync(join(mounted, 'ballast'), Buffer.alloc(1));
        fillUp(join(mounted, 'ballast'));
        let refused: string[] = [];
        while (refused.length === 0) refused = await order(60_000);
        expect([...new Set(refused)]).to.deep.equal(['JOURNAL_FULL']);
        await system.killHost(round % 2);
        rmSync(join(mounted, 'ballast'));
        await eventually(async () => (await order(100)).length === 0, 'orders are accepted again');
      }
      for (const [at, ref] of refs.entries()) {
        const { heard } = (await ref.ask({ type: 'read' }, { timeoutMs: 15_000 })) as LedgerState;
        expect(
          heard.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
        ).to.deep.equal(acked[at]);
      }
      await system.stop();
      // A full disk also at opening, where lmdb alone would end the process.
      fillUp(join(mounted, 'ballast'));
      const code = await createSystem(options).then(
        (opened) => opened.stop().then(() => 'open'),
        (error: TroupeError) => error.code,
      );
      expect(code).to.equal('JOURNAL_FULL');
    } finally {
      spawnSync('umount', ['-l', mounted]);
      removeFolder(mounted);
    }
  });
});

/** Write until nothing more fits. */
function fillUp(path: string): void {
  for (const bytes of [2 ** 20, 4_096]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' });
    } catch {
      // It is full.
    }
  }
}
