/** G8 where the guilty one is not known at once, or nobody is guilty. test/fault has a file for each kind of fault. */
import { expect } from 'chai';
import { rejection, useSystems } from '../helpers/with-system.js';
import { eventually } from '../../src/testing/index.js';
import { book, pinnedBook } from './fixtures/book.js';
import { deadly, messenger, slowlyDeadly } from './fixtures/deadly.js';

describe('G8: blame is exact', function () {
  this.timeout(60_000);
  const systems = useSystems();

  it('a message that ends its thread behind others of the same turn is found, and given up in the end', async () => {
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(deadly, { id: 'deadly' });
    await ref.ask({ type: 'count' });
    const asked = Array.from({ length: 30 }, () => ref.ask({ type: 'count' }, { timeoutMs: 40_000 }));
    const killing = ref.tell({ type: 'exit' });
    const last = ref.ask({ type: 'count' }, { timeoutMs: 40_000 });
    await Promise.all([...asked, killing]);
    expect(await last).to.equal(32);
    // Each of its two attempts, and at most one more thread to find out which message it was.
    expect(systems.heard('actorFailed')).to.have.length(2);
    await eventually(() => systems.heard('threadLost').length >= 2, 'they are gone');
    expect(systems.heard('threadLost').length).to.be.within(2, 3);
    expect((await system.deadLetters()).map(({ event }) => event)).to.deep.equal([{ type: 'exit' }]);
  });

  it('so is one that a neighbour on the same thread has sent within its turn', async () => {
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(deadly, { id: 'deadly' });
    const sender = await system.spawn(messenger, { id: 'messenger' });
    await ref.ask({ type: 'count' });
    await sender.tell({ type: 'carry', to: ref, events: [{ type: 'exit' }, { type: 'exit' }] });
    await eventually(async () => (await system.deadLetters()).length === 2, 'both are given up');
    expect(await ref.ask({ type: 'count' }, { timeoutMs: 40_000 })).to.equal(2);
    await eventually(() => systems.heard('threadLost').length >= 4, 'they are gone');
    expect(systems.heard('threadLost').length).to.be.within(4, 5);
    expect(systems.heard('actorFailed').map(({ path }) => path)).to.deep.equal(Array(4).fill('/deadly'));
  });

  it("so is an effect's report, though its actor handles hundreds of messages between two of them", async () => {
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(slowlyDeadly, { id: 'slow' });
    await ref.tell({ type: 'begin' });
    await eventually(async () => (await system.deadLetters()).length === 1, 'it is given up', 40_000);
    expect(systems.heard('actorFailed')).to.have.length(2);
    await eventually(() => systems.heard('threadLost').length >= 2, 'they are gone');
    // A report that goes through the journal, on a busy machine, is charged at its first death.
    const deaths = systems.heard('threadLost').length;
    expect(deaths).to.be.within(2, 3);
    expect(await ref.ask({ type: 'count' }, { timeoutMs: 40_000 })).to.be.above(600 * (deaths - 1));
  });

  it('a host that dies while many wait to start on it is replaced, and all of them start', async () => {
    const system = await systems.threads({ hosts: 2 });
    const count = 4_000;
    const spawned = Promise.all(Array.from({ length: count }, (_, n) => system.spawn(pinnedBook, { id: `b${n}` })));
    await eventually(async () => ((await system.stats()).hosts[0]?.activations ?? 0) > 100, 'some have started');
    await system.killHost(0);
    await spawned;
    const asks = [0, 1, count / 2, count - 1].map((n) =>
      system.get(`/b${n}`).ask({ type: 'read' }, { timeoutMs: 30_000 }),
    );
    expect(await Promise.all(asks)).to.deep.equal([[], [], [], []]);
    expect(systems.heard('actorFailed').every(({ error }) => 'code' in Object(error))).to.equal(true);
  });

  it('a system whose actor hangs can be stopped', async () => {
    const system = await systems.threads({ hosts: 1, hangAfterMs: 500 });
    await (await system.spawn(deadly, { id: 'deadly' })).tell({ type: 'spin' });
    await system.stop({ drainMs: 0 });
  });

  it('killing a host charges nobody when nobody was running', async () => {
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(book, { id: 'book' });
    await ref.ask({ type: 'read' });
    await system.killHost(0);
    await ref.ask({ type: 'read' }, { timeoutMs: 20_000 });
    expect(systems.heard('actorFailed')).to.deep.equal([]);
    await eventually(() => systems.heard('threadLost').length > 0, 'it is gone');
    expect(systems.heard('threadLost').map(({ blamed }) => blamed)).to.deep.equal([undefined]);
  });

  it('a host that dies before it is ready, or while it is asked for its totals, is told of once', async () => {
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(book, { id: 'book' });
    const stats = system.stats();
    await system.killHost(0);
    expect((await stats).hosts.length).to.be.oneOf([0, 1]);
    await eventually(() => systems.heard('threadLost').length === 1, 'it is gone');
    await system.killHost(0);
    expect(await ref.ask({ type: 'read' }, { timeoutMs: 20_000 })).to.deep.equal([]);
    for (const { why } of systems.heard('threadLost')) expect(why).to.equal('terminated');
  });

  it('there is no host of another number', async () => {
    const system = await systems.threads({ hosts: 1 });
    expect(await rejection(system.killHost(1))).to.have.property('code', 'OPTION_RANGE');
  });
});
