import { expect } from 'chai';
import { systemGauge } from '../../src/system/memory-watch.js';
import { book } from '../guarantees/fixtures/book.js';
import { useSystems } from '../helpers/with-system.js';
import { bomb } from './fixtures/bomb.js';

describe('fault: an actor fills memory outside its heap', function () {
  this.timeout(60_000);
  const systems = useSystems();

  it('is charged alone, before the machine is out of memory; its thread-mates lose nothing', async () => {
    const memoryBytesMax = systemGauge.used() + 512 * 2 ** 20;
    const system = await systems.threads({ hosts: 1, memoryBytesMax });
    const mate = await system.spawn(book, { id: 'mate' });
    const ref = await system.spawn(bomb, { id: 'bomb' });
    await ref.ask({ type: 'count' });
    await mate.tell({ type: 'note', text: 'before' });

    await ref.tell({ type: 'explode' });
    await mate.tell({ type: 'note', text: 'after' });

    expect(await ref.ask({ type: 'count' }, { timeoutMs: 40_000 }), 'goes on from its last state').to.equal(2);
    expect(await mate.ask({ type: 'read' }, { timeoutMs: 40_000 })).to.deep.equal(['before', 'after']);
    const failed = systems.heard('actorFailed');
    expect(failed.map(({ path, error }) => [path, (error as { code?: string }).code])).to.deep.equal([
      ['/bomb', 'MEMORY_LIMIT'],
      ['/bomb', 'MEMORY_LIMIT'],
    ]);
    const letters = await system.deadLetters();
    expect(letters.map(({ path, event }) => [path, event])).to.deep.equal([['/bomb', { type: 'explode' }]]);
  });
});
