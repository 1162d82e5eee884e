import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { limits } from '../../src/core/limits.js';
import { eventually } from '../../src/testing/index.js';
import { makeFolder, removeFolder } from '../helpers/scratch-folder.js';
import { anyRef, contextOf, rejection, useSystems } from '../helpers/with-system.js';
import { deploy } from './fixtures/deploy.js';
import { book } from './fixtures/book.js';
import { slow } from './fixtures/odd.js';
import { sleeper } from './fixtures/sleeper.js';
import { traveller } from './fixtures/versions.js';

describe('G10: memory is bounded', function () {
  this.timeout(60_000);
  const systems = useSystems();
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => {
    removeFolder(folder);
    return deploy('first');
  });

  it('a backlog of 50,000 messages to one slow actor waits with the journal and is handled in order', async () => {
    const system = await systems.threads({ hosts: 1, hangAfterMs: 0 });
    const ref = await system.spawn(slow, { id: 'slow' });
    const count = 50_000;
    const until = join(folder, 'go-on');
    const told = Array.from({ length: count }, (_, n) =>
      ref.tell(n === 0 ? { type: 'item', n, until } : { type: 'item', n }),
    );
    let accepted = false;
    const all = Promise.all(told).then(() => {
      accepted = true;
    });
    const isBacklog = async () => ((await system.state(ref))?.mail ?? 0) > 2 * limits.mailboxWindowMax;
    await eventually(isBacklog, 'there is a backlog').finally(() => writeFileSync(until, ''));
    let queuedMax = 0;
    for (let waiting = 1; waiting > 0 || !accepted; ) {
      const { hosts, journal } = await system.stats();
      queuedMax = Math.max(queuedMax, hosts[0]?.queued ?? 0);
      waiting = journal.waiting ?? 0;
    }
    await all;
    expect(queuedMax).to.be.at.most(limits.mailboxWindowMax);
    expect(await contextOf(system, '/slow')).to.deep.equal({ next: count, faults: 0 });
  });

  it('a backlog longer than a checkpoint lies on disk, survives crashes, and is handled in order', async () => {
    await deploy('first');
    let system = await systems.oneThread({ checkpointBytes: 65_536 });
    await (await system.spawn(traveller, { id: 't' })).tell({ type: 'move' });
    await system.settle();
    const { clock } = system;
    const texts: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      // Nobody can restore it: it is quarantined, and its mail is kept.
      await deploy('without');
      system = await systems.oneThread({ store: system.crash('kill'), clock, checkpointBytes: 65_536 });
      const ref = anyRef(system, '/t');
      for (let n = 0; n < 1_500; n += 100) {
        const some = Array.from({ length: 100 }, (_, i) => `${round}.${n + i}`);
        texts.push(...some);
        await Promise.all(some.map((text) => ref.tell({ type: 'note', text })));
      }
      await system.settle();
      expect((await system.state('/t'))?.mail).to.equal(texts.length);
      expect((await system.stats()).journal.checkpoints).to.be.above(0);
    }
    await deploy('first');
    system = await systems.oneThread({ store: system.crash('powerCut'), clock, checkpointBytes: 65_536 });
    await anyRef(system, '/t').tell({ type: 'note', text: 'last' });
    await system.settle();
    const { entries } = await contextOf<{ entries: string[] }>(system, '/t');
    expect(entries).to.deep.equal([...texts, 'last']);
    expect((await system.state('/t'))?.mail).to.equal(0);
  });

  it('a program that awaits nothing is told to slow down, and nothing accepted is lost', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(slow, { id: 'slow' });
    const told = Array.from({ length: limits.clientInFlightMax + 50 }, (_, n) => ref.tell({ type: 'item', n }));
    const outcomes = await Promise.allSettled(told);
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused).to.have.length(50);
    expect(new Set(refused.map(({ reason }) => (reason as { code: string }).code))).to.deep.equal(
      new Set(['SYSTEM_BUSY']),
    );
    await system.settle();
    expect(await contextOf(system, '/slow')).to.deep.equal({ next: limits.clientInFlightMax, faults: 0 });
  });

  it('idle actors leave memory, and come back as they were', async () => {
    const system = await systems.oneThread({ hosts: 2 });
    const refs = await Promise.all(Array.from({ length: 500 }, (_, n) => system.spawn(book, { id: `b${n}` })));
    await Promise.all(refs.map((ref, n) => ref.tell({ type: 'note', text: `${n}` })));
    await system.settle();
    const cells = async () => (await system.stats()).hosts.reduce((sum, host) => sum + (host.cells ?? 0), 0);
    expect(await cells()).to.equal(500);
    await system.passivate();
    await system.settle();
    expect(await cells()).to.equal(0);
    expect(await refs[77]?.ask({ type: 'read' })).to.deep.equal(['77']);
    expect(await cells()).to.equal(1);
  });

  it('of idle actors only so many stay in memory, and those that are spoken to among them', async () => {
    const system = await systems.oneThread({ hosts: 1, residentActorsMax: 100 });
    const favourite = await system.spawn(book, { id: 'favourite' });
    for (let n = 0; n < 1_000; n += 1) {
      await system.spawn(book, { id: `b${n}` });
      await favourite.tell({ type: 'note', text: `${n}` });
      await system.advance(1);
    }
    const [host] = (await system.stats()).hosts;
    expect(host?.cells).to.equal(100);
    expect(host?.activations, 'the favourite was never sent away').to.equal(1_001);
    expect(await anyRef(system, '/b3').ask({ type: 'read' })).to.deep.equal([]);
    expect(await favourite.ask({ type: 'read' })).to.have.length(1_000);
  });

  it('of actors that are spawned faster than they start, only few wait in memory', async () => {
    const system = await systems.threads({ hosts: 1, residentActorsMax: 100, checkpointBytes: 65_536 });
    const count = 40_000;
    const spawned = Promise.all(Array.from({ length: count }, (_, n) => system.spawn(book, { id: `b${n}` })));
    let cellsMax = 0;
    let rowsMax = 0;
    for (let activations = 0; activations < count; ) {
      const { hosts, journal } = await system.stats();
      activations = hosts[0]?.activations ?? 0;
      cellsMax = Math.max(cellsMax, hosts[0]?.cells ?? 0);
      rowsMax = Math.max(rowsMax, journal.rowsInMemory ?? 0);
    }
    await spawned;
    expect(cellsMax)
      .to.be.above(100)
      .and.at.most(2 * limits.startingMax);
    expect(rowsMax, 'the others are known to the store alone').to.be.below(count / 2);
    const rows = async () => (await system.stats()).journal.rowsInMemory ?? 0;
    await eventually(async () => (await rows()) < count / 10, 'idle ones leave the memory of the journal');
    expect(await anyRef(system, `/b${count - 1}`).ask({ type: 'read' })).to.deep.equal([]);
    const again = await systems.restart(system, { checkpointBytes: 65_536 });
    const { actors, rowsInMemory } = (await again.stats()).journal;
    expect(actors).to.equal(count);
    expect(rowsInMemory, 'a start reads only those at work').to.be.below(100);
  });

  it('dormant actors are known to the store alone, and found by message, by timer and by path', async () => {
    const system = await systems.oneThread({ hosts: 2, checkpointBytes: 65_536 });
    const refs = await Promise.all(Array.from({ length: 2_000 }, (_, n) => system.spawn(book, { id: `b${n}` })));
    await (await system.spawn(sleeper, { id: 'sleeper' })).tell({ type: 'sleep', ms: 60_000 });
    await Promise.all(refs.map((ref, n) => ref.tell({ type: 'note', text: `${n}` })));
    await system.settle();
    await system.passivate();
    await system.advance(limits.idleCheckpointMs + 1);
    const { actors, rowsInMemory } = (await system.stats()).journal;
    expect(actors).to.equal(2_001);
    expect(rowsInMemory, 'the one with a timer, and a rest that is not worth a checkpoint').to.be.within(1, 500);
    expect(await refs[1_234]?.ask({ type: 'read' })).to.deep.equal(['1234']);
    expect((await system.state('/b77'))?.status).to.equal('running');
    expect(await system.actors({ limit: 5_000 })).to.have.length(2_001);
    expect((await rejection(system.spawn(book, { id: 'b5', input: 'other' } as never))).code).to.equal(
      'SPAWN_CONFLICT',
    );
    expect((await system.spawn(book, { id: 'b6' })).path).to.equal('/b6');

    const again = await systems.oneThread({ hosts: 1, store: system.crash('kill'), clock: system.clock });
    expect((await again.stats()).journal.actors).to.equal(2_001);
    expect((await again.stats()).journal.rowsInMemory).to.be.below(500);
    await anyRef(again, '/b999').tell({ type: 'note', text: 'more' });
    await again.settle();
    expect(await anyRef(again, '/b999').ask({ type: 'read' })).to.deep.equal(['999', 'more']);
    await again.advance(60_000);
    expect(await contextOf<{ wokeAt: number[] }>(again, '/sleeper'))
      .to.have.property('wokeAt')
      .with.lengthOf(1);
  });

  it('actors that ended are forgotten with their history, and their numbers are never used again', async () => {
    const system = await systems.oneThread({ checkpointBytes: 65_536, retentionBytes: 100_000 });
    let seqBefore = 0;
    let aidsBefore = 0;
    for (let round = 0; round < 40; round += 1) {
      const refs = await Promise.all(
        Array.from({ length: 100 }, (_, n) => system.spawn(book, { id: `r${round}-${n}` })),
      );
      await Promise.all(refs.map((ref) => ref.tell({ type: 'note', text: 'x'.repeat(200) })));
      await Promise.all(refs.map((ref) => ref.stop()));
      await system.settle();
      const { seq = 0 } = (await system.stats()).journal;
      expect(seq).to.be.above(seqBefore);
      seqBefore = seq;
      expect(refs[0]?.aid).to.be.above(aidsBefore);
      aidsBefore = refs.at(-1)?.aid ?? 0;
    }
    const rows = [...system.store.scan('rows')].length;
    expect(rows).to.be.within(1, 1_500);
    expect([...system.store.scan('paths')]).to.have.length(rows);
    expect([...system.store.scan('ended')].length).to.be.within(1, rows);
    expect(await system.state('/r0-0')).to.equal(undefined);
    expect((await system.stats()).journal.actors).to.equal(0);
  });
});
