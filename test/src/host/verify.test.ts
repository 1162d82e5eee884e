import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { ActorDefinition } from '../../../src/cell/define.js';
import { type VerifyReport, verifyHistory } from '../../../src/host/verify.js';
import { historyOf } from '../../../src/journal/history.js';
import { Standing } from '../../../src/journal/standing.js';
import type { JournalReader } from '../../../src/journal/store.js';
import { mortal } from '../../guarantees/fixtures/family.js';
import { runner } from '../../guarantees/fixtures/working.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { worker } from '../../supervisors/fixtures/workers.js';
import { declare } from '../../supervisors/otp/tree.js';
import { useSystems } from '../../helpers/with-system.js';
import { clockwork, diarist } from '../journal/fixtures/diary.js';
import { ledger, stepper } from '../journal/fixtures/ledger.js';
import { stir } from '../journal/fixtures/traffic.js';

function verify(reader: JournalReader, target: string, definition: ActorDefinition): VerifyReport {
  const standing = new Standing(reader);
  const history = historyOf(standing, target);
  return verifyHistory(history, definition, standing.pathOf(history.subject.parent));
}

/** The same definition with other logic or another version, as after a deployment. */
function another(definition: ActorDefinition, change: Partial<ActorDefinition>): ActorDefinition {
  return { ...definition, ...change };
}

describe('verifying a history', () => {
  const systems = useSystems();

  for (let seed = 1; seed <= 6; seed += 1) {
    it(`finds every turn the same when the code is the same, whatever happened (seed ${seed})`, async () => {
      const system = await systems.oneThread({ seed, hosts: 3, checkpointBytes: 65_536 });
      const paths = await stir(system, seed, 250);
      let same = 0;
      for (const target of paths) {
        if ((await system.state(target)) === undefined) continue;
        const report = verify(system.store, target, diarist);
        expect(report.difference, target).to.equal(undefined);
        expect(report.skipped, target).to.deep.equal([]);
        same += report.same;
      }
      expect(verify(system.store, '/clock', clockwork)).to.deep.include({ skipped: [], difference: undefined });
      expect(same).to.be.greaterThan(100);
    });
  }

  it('runs machines with timers, local children and ends again', async () => {
    const system = await systems.oneThread();
    const [laps, dying] = [await system.spawn(runner, { id: 'laps' }), await system.spawn(mortal, { id: 'dying' })];
    await system.settle();
    for (let step = 0; step < 20; step += 1) await laps.tell({ type: 'step' });
    await dying.tell({ type: 'break' });
    await dying.tell({ type: 'finish', value: 1 });
    await system.settle();
    expect(verify(system.store, '/laps', runner)).to.deep.include({ skipped: [], difference: undefined });
    const ended = verify(system.store, '/dying', mortal);
    expect(ended).to.deep.equal({ same: 2, skipped: [], difference: undefined });
  });

  it('goes on behind an exit after which a supervisor has restored the actor', async () => {
    const system = await systems.oneThread();
    await system.spawn(
      declare({ children: [{ id: 'a', actor: worker }], intensity: { restarts: 9, periodMs: 1_000 } }),
      {
        id: 'top',
      },
    );
    const ref = system.get('/top/a');
    for (const event of [{ type: 'note', text: 'kept' }, { type: 'giveUp' }, { type: 'note', text: 'more' }]) {
      await ref.tell(event);
      await system.settle();
    }
    expect(await ref.ask({ type: 'read' })).to.deep.equal(['kept', 'more']);
    expect(verify(system.store, '/top/a', worker)).to.deep.include({ skipped: [], difference: undefined });
  });

  it('runs no effect', async () => {
    const folder = makeFolder();
    try {
      const file = path.join(folder, 'outside');
      const system = await systems.oneThread();
      const ref = await system.spawn(ledger, { id: 'ledger' });
      await ref.tell({ type: 'write', file, line: 'once' });
      await system.settle();
      await ref.tell({ type: 'write', file, line: 'twice' });
      await system.settle();
      expect(await ref.ask({ type: 'read' })).to.deep.equal(['once', 'twice']);
      const before = readFileSync(file, 'utf8');
      expect(before).to.equal('once\ntwice\n');
      const report = verify(system.store, '/ledger', ledger);
      await new Promise((resolve) => setImmediate(resolve));
      expect(report).to.deep.include({ skipped: [], difference: undefined });
      expect(report.same).to.be.greaterThan(4);
      expect(readFileSync(file, 'utf8')).to.equal(before);
      expect(existsSync(path.join(folder, 'other'))).to.equal(false);
    } finally {
      removeFolder(folder);
    }
  });

  it('names the first turn whose state differs, with both states, and one that throws now', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(stepper, { id: 'stepper' });
    await system.settle();
    for (let step = 0; step < 5; step += 1) {
      await ref.tell({ type: 'step' });
      await system.settle();
    }
    process.env.TROUPE_TEST_REFUSES = 'yes';
    try {
      const throwing = verify(system.store, '/stepper', stepper);
      expect(throwing.same).to.equal(3);
      expect(throwing.difference).to.deep.include({ turn: 4, what: 'it throws now: no further' });
    } finally {
      delete process.env.TROUPE_TEST_REFUSES;
    }
    const url = new URL('../journal/fixtures/ledger.js?another', import.meta.url).href;
    process.env.TROUPE_TEST_STEP = '10';
    const changed = ((await import(url)) as { stepper: ActorDefinition }).stepper;
    delete process.env.TROUPE_TEST_STEP;
    const report = verify(system.store, '/stepper', changed);
    expect(report.same).to.equal(3);
    expect(report.difference).to.include({ turn: 4, what: 'the state is another one' });
    expect(report.difference?.recorded).not.to.deep.equal(report.difference?.now);
  });

  it('skips what another version made, and says so', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(diarist, { id: 'a' });
    await ref.tell({ type: 'say', id: '1' });
    await system.settle();
    const report = verify(system.store, '/a', another(diarist, { version: 2 }));
    expect(report.same).to.equal(0);
    expect(report.skipped).to.have.length(1);
    expect(report.skipped[0]!.why).to.match(/version 1 of the definition, and this is version 2/);
  });

  it('takes a state up where history begins', async () => {
    const system = await systems.oneThread({ checkpointBytes: 65_536, retentionBytes: 0 });
    const ref = await system.spawn(diarist, { id: 'a' });
    for (let round = 0; round < 400; round += 1) {
      void ref.tell({ type: 'say', id: String(round), pad: 'x'.repeat(500) });
      if (round % 10 === 0) await system.settle();
    }
    await system.settle();
    const report = verify(system.store, '/a', diarist);
    expect(report.difference).to.equal(undefined);
    expect(report.same).to.be.greaterThan(0);
    expect(report.skipped.map(({ why }) => why).join()).to.match(/is not kept|before the oldest log record/);
  });
});
