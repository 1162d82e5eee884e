import { expect } from 'chai';
import { limits } from '../../src/core/limits.js';
import { anyRef, contextOf, useSystems } from '../helpers/with-system.js';
import { deploy } from './fixtures/deploy.js';
import { book } from './fixtures/book.js';
import { slow } from './fixtures/odd.js';
import { traveller } from './fixtures/versions.js';

describe('G10: memory is bounded', function () {
  this.timeout(60_000);
  const systems = useSystems();
  afterEach(() => deploy('first'));

  it('a backlog of 50,000 messages to one slow actor waits with the journal and is handled in order', async () => {
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(slow, { id: 'slow' });
    const count = 50_000;
    const told = Array.from({ length: count }, (_, n) => ref.tell({ type: 'item', n }));
    let accepted = false;
    const all = Promise.all(told).then(() => {
      accepted = true;
    });
    let queuedMax = 0;
    let waitingMax = 0;
    for (let waiting = 1; waiting > 0 || !accepted; ) {
      const { hosts, journal } = await system.stats();
      queuedMax = Math.max(queuedMax, hosts[0]?.queued ?? 0);
      waiting = journal.waiting ?? 0;
      waitingMax = Math.max(waitingMax, waiting);
    }
    await all;
    expect(waitingMax, 'there was a backlog').to.be.above(limits.mailboxWindowMax);
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
});
