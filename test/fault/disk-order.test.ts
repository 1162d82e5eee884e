/**
 * What comes first: the disk, or whoever hears of it. Real threads on a disk that is slow, or lies (fixtures/disk.c);
 * every acknowledgement, reply, delivery and effect leaves its note in the same order of events as the writes and
 * flushes. Mail of a `flushed` actor is handled while it is being flushed: what comes of that waits for a later flush.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { seededRandom } from '../../src/core/random.js';
import { eventually } from '../../src/testing/index.js';
import { Child } from '../helpers/child.js';
import { Disk, type DiskMove, useDiskLibrary } from '../helpers/disk.js';
import { makeFolder, removeFolder } from '../helpers/scratch-folder.js';
import type { LedgerPlan } from './fixtures/ledger-plan.js';
import { auditStore, auditSystem, toldBy, whatIsLost } from './ledger-audit.js';
import { countStages, type Witnessed, witnessed } from './witness-check.js';

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.js`, import.meta.url));
/** Every moment at which somebody hears of something, as `fixtures/witness.ts` notes them. */
const moments = [
  'acked tell',
  'acked spawn',
  'acked answer',
  'handled tell',
  'handled hop',
  'started spawn',
  'started open',
  'ran work',
  'ran toil',
];
/** Handled before its flush, and after it was written. */
const goesAhead = ['handled tell', 'handled hop'];
/** Their tokens: a flush lasts until they are noted, so that a busy machine is not too late for it. */
const tokensAhead = '<flushed\\.(tell|hop)\\.[0-9]+>';
/** Spawns of the program itself are flushed whatever the actor's level. */
const alwaysFlushed = ['acked spawn', 'started spawn'];
/** A thread of the pool may take longer to begin than the disk takes to flush for somebody else. */
const slowToBegin = ['ran toil'];
const rounds = 5;
/** Much longer than it takes from a commit to whoever hears of it. */
const delayMs = 40;

describe('a message and the disk', function () {
  this.timeout(60_000);
  const library = useDiskLibrary();
  let scratch: string;
  let folder: string;
  let disk: Disk;
  let running: Child | undefined;

  beforeEach(() => {
    scratch = makeFolder();
    folder = join(scratch, 'disk', 'journal');
    mkdirSync(join(scratch, 'disk'));
    disk = new Disk(library(), scratch, join(scratch, 'disk'));
  });
  afterEach(async () => {
    await running?.kill();
    running = undefined;
    disk.close();
    removeFolder(scratch);
  });

  const run = async (name: string, args: string[], env = disk.env()): Promise<Child> => {
    running = new Child(process.execPath, [fixture(name), ...args], { env });
    return running;
  };

  /** What the witnesses saw, by level, and everything the disk did. */
  const watch = async (): Promise<{ seen: Record<string, Witnessed[]>; moves: DiskMove[] }> => {
    const child = await run('witness-child-entry', [folder, String(rounds)], disk.env(true, tokensAhead));
    await child.said(2);
    expect(await child.end()).to.deep.equal({ code: 0, signal: null });
    const moves = disk.trace();
    const seen = witnessed(moves);
    return { moves, seen: { flushed: seen.filter(ofLevel('flushed')), committed: seen.filter(ofLevel('committed')) } };
  };

  it('nothing leaves of what is flushed before its flush returned; nobody waits for one at committed', async () => {
    disk.control.set({ delayMs });
    const { seen, moves } = await watch();

    const flushed = countStages(seen.flushed!);
    expect(Object.keys(flushed)).to.have.members(moments);
    for (const moment of moments) {
      if (goesAhead.includes(moment)) expect(flushed[moment], moment).to.deep.equal({ written: rounds });
      else expect(flushed[moment], moment).to.deep.equal({ flushed: rounds });
    }

    const committed = countStages(seen.committed!);
    expect(Object.keys(committed)).to.have.members(moments);
    for (const [moment, stages] of Object.entries(committed)) {
      expect(stages.nowhere, `${moment} before it was written`).to.equal(undefined);
      // Not always: a busy system is flushed now and then, and a flush for somebody else may come first.
      if (alwaysFlushed.includes(moment)) expect(stages, moment).to.deep.equal({ flushed: rounds });
      else if (!slowToBegin.includes(moment)) expect(stages.written, `${moment}, without its flush`).to.be.at.least(1);
    }

    // The proof is worth something only if mail did cross threads, and if nothing is flushed behind our back.
    const threads = (what: string) => new Set(seen.flushed!.filter(of('handled', what)).map(({ thread }) => thread));
    expect([...threads('tell')]).to.have.length(1);
    expect([...threads('hop')]).to.have.length(1);
    expect([...threads('tell')]).to.not.deep.equal([...threads('hop')]);
    expect(moves.filter(({ path }) => path === '(a map)')).to.deep.equal([]);
  });

  it('a disk that lies would be noticed', async () => {
    disk.control.set({ lie: 1 });
    const { seen } = await watch();
    const flushed = countStages(seen.flushed!);
    for (const moment of moments) expect(flushed[moment], moment).to.deep.equal({ written: rounds });
  });

  for (const seed of [1, 2]) {
    it(`kill -9 on a disk that lies loses nothing, at committed as at flushed (seed ${seed})`, async () => {
      disk.control.set({ lie: 1 });
      const random = seededRandom(seed);
      const plan: LedgerPlan = {
        folder,
        seed,
        hosts: 2,
        accounts: 6,
        orders: Number.MAX_SAFE_INTEGER,
        window: 12,
        checkpointBytes: 65_536,
        paddingChars: 2_000,
        stops: false,
      };
      // Two lives, each killed after some number of acknowledgements.
      for (let life = 1, acked = 0; life <= 2; life += 1) {
        const child = await run(
          'ledger-child-entry',
          [JSON.stringify({ ...plan, seed: seed * 10 + life })],
          disk.env(false),
        );
        await child.said(1);
        acked += 50 + Math.floor(random() * 300);
        await eventually(() => notes().filter((note) => note.startsWith('acked')).length >= acked, 'it has worked');
        await child.kill();
        // The store of a dead process is read by one that sees the true disk.
        const read = life === 2 ? auditSystem : auditStore;
        expect(whatIsLost(await read(folder), toldBy(notes())), `life ${life}`).to.deep.equal([]);
      }
    });
  }

  /** Complete ones only: the last may have been cut short by the kill. */
  const notes = (): string[] =>
    existsSync(disk.notesPath) ? readFileSync(disk.notesPath, 'utf8').split('\n').slice(0, -1) : [];
});

function ofLevel(level: string): (each: Witnessed) => boolean {
  return (each) => each.level === level;
}

function of(what: string, kind: string): (each: Witnessed) => boolean {
  return (each) => each.what === what && each.kind === kind;
}
