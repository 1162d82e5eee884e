import { expect } from 'chai';
import { armFailpoint, disarmFailpoint, eventually } from '../../../src/testing/index.js';
import { receiver, sender } from '../../guarantees/fixtures/order.js';
import { restless } from '../../guarantees/fixtures/odd.js';
import { book } from '../../guarantees/fixtures/book.js';
import { rejection, useSystems } from '../../helpers/with-system.js';

describe('TestSystem', () => {
  const systems = useSystems();
  afterEach(() => disarmFailpoint());

  it('does the same for the same seed, to the last byte of its journal', async () => {
    const run = async (seed: number) => {
      const system = await systems.oneThread({ seed, hosts: 3 });
      const to = await system.spawn(receiver, { id: 'receiver' });
      const names = ['a', 'b', 'c'];
      const senders = await Promise.all(names.map((name) => system.spawn(sender, { id: name, input: { name } })));
      // All at once: who sends alone leaves nothing to the seed.
      await Promise.all(senders.map((ref) => ref.tell({ type: 'send', to, until: 60, batch: 7 })));
      await system.settle();
      const log = [...system.store.readLog()].map(({ bytes }) => bytes.toString('latin1')).join('|');
      await system.stop();
      return log;
    };
    const first = await run(3);
    expect(await run(3)).to.equal(first);
    expect(await run(4), 'another seed, another order').not.to.equal(first);
  });

  it('says so when a system does not settle', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(restless, { id: 'restless' });
    await ref.tell({ type: 'again' });
    expect((await rejection(system.settle(200))).message).to.match(/does not settle/);
    system.crash('kill');
  });

  it('a host that throws is replaced as a thread that died', async () => {
    const system = await systems.oneThread({ hosts: 1 });
    const ref = await system.spawn(book, { id: 'book' });
    await system.settle();
    armFailpoint('turn.beforeCommit', 1, () => {
      throw new Error('the thread dies here');
    });
    await ref.tell({ type: 'note', text: 'once' });
    await system.settle();
    expect(await ref.ask({ type: 'read' })).to.deep.equal(['once']);
    expect(systems.heard('threadLost').map(({ why }) => why)).to.deep.equal([
      'the host threw: Error: the thread dies here',
    ]);
  });

  it('a journal that throws takes the system along, and callers are told', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(book, { id: 'book' });
    await system.settle();
    armFailpoint('journal.beforeCommit', 1, () => {
      throw new Error('the journal dies here');
    });
    expect(await rejection(ref.tell({ type: 'note', text: 'x' }))).to.have.property('code', 'THREAD_LOST');
    await system.stop();
  });

  it('eventually gives up after its time, saying what it waited for', async () => {
    const error = await rejection(eventually(() => false, 'pigs fly', 10));
    expect(error.message).to.equal('not so after 10 ms: pigs fly');
    expect(await eventually(() => 7, 'a number')).to.equal(7);
  });
});
