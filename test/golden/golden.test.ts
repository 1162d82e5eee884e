/** Journals that former versions wrote, killed in the middle of their work, are opened by this one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSystem, type System } from '../../src/index.js';
import { checkJournal } from '../../src/journal/check.js';
import { openJournalReader } from '../../src/journal/lmdb-reader.js';
import { journalFormatVersion } from '../../src/journal/lmdb-tables.js';
import { eventually } from '../../src/testing/index.js';
import { makeFolder, removeFolder } from '../helpers/scratch-folder.js';
import { anyRef, contextOf } from '../helpers/with-system.js';
// Their modules are elsewhere than in the process that wrote the journals: they are found by name.
import './actors.js';
import { unpack } from './packed.js';

const fixtures = join(process.cwd(), 'test', 'fixtures');
const journals = readdirSync(fixtures).filter((name) => name.startsWith('journal-'));
/** A busy machine takes its time. */
const askMs = { timeoutMs: 20_000 };

describe('a journal on record', () => {
  let folder: string;
  let system: System | undefined;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(async () => {
    await system?.stop({ drainMs: 0 });
    system = undefined;
    removeFolder(folder);
  });

  it('exists of each format there is', () => {
    const expected = Array.from({ length: journalFormatVersion }, (_, index) => `journal-${index + 1}.json.gz`);
    expect(journals).to.have.members(expected);
  });

  for (const name of journals) {
    it(`${name} is sound, opens, and its actors go on where they were`, async () => {
      unpack(readFileSync(join(fixtures, name)), folder);
      const reader = openJournalReader(folder);
      const { problems, counts } = checkJournal(reader);
      reader.close();
      expect(problems).to.deep.equal([]);
      expect(counts.logRecords).to.be.above(300);

      const alive = await createSystem({ journal: folder, hosts: 1, logger: false, signals: false });
      system = alive;
      const notes = ['/friend stopped', ...Array.from({ length: 300 }, (_, n) => `note ${n}`), 'the last one'];
      expect(((await anyRef(alive, '/diary').ask({ type: 'read' }, askMs)) as string[]).sort()).to.deep.equal(
        notes.sort(),
      );
      expect(await anyRef(alive, '/diary/copy').ask({ type: 'read' }, askMs)).to.deep.equal([]);
      expect((await alive.state('/friend'))?.status).to.equal('ended');
      // Its import is tried anew with every start.
      await eventually(async () => (await alive.state('/lost'))?.status === 'quarantined', 'it is nowhere');
      expect(await alive.state('/lost')).to.include({ mail: 100 });
      expect((await alive.deadLetters()).filter(({ path }) => path === '/diary').map(({ code }) => code)).to.deep.equal(
        ['MESSAGE_FAILED'],
      );
      await eventually(
        async () => (await anyRef(alive, '/alarm').ask({ type: 'rings' }, askMs)) === 1,
        'its time has come',
      );
      await eventually(
        async () => (await contextOf<{ result: string }>(alive, '/worker')).result === 'done',
        'the work that ran is done again',
      );
      if (name !== 'journal-1.json.gz') {
        // What was waiting for its restart has been restarted, with its state and its mail.
        const read = (): Promise<unknown> => anyRef(alive, '/library/right').ask({ type: 'read' }, askMs);
        expect(await read()).to.deep.equal(['kept', 'waits']);
        expect(await anyRef(alive, '/library').ask({ type: 'count' }, askMs)).to.deep.include({ specs: 2, active: 1 });
      }
      if (Number(/\d+/.exec(name)) >= 4) {
        // It was reset in the turn in which it failed.
        expect(await anyRef(alive, '/desk/pad').ask({ type: 'read' }, askMs)).to.deep.equal(['anew']);
        const kinds = (await alive.history('/desk/pad')).entries.map(({ kind }) => kind);
        expect(kinds.join()).to.include('turn,failed,decided,turn');
      }
      const { entries } = await alive.history('/diary', { from: 0, limit: 1_000 });
      expect(entries.filter(({ kind }) => kind === 'turn')).to.have.length.above(100);
    }).timeout(60_000);
  }
});
