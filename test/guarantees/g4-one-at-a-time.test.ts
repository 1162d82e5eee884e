import { expect } from 'chai';
import { contextOf, useSystems } from '../helpers/with-system.js';
import { neighbour, nester, restless, trace } from './fixtures/odd.js';

describe('G4: one message at a time, and fair turns', () => {
  const systems = useSystems();

  it('a message is handled to its end before any other begins, whoever sends', async () => {
    for (const seed of [1, 2, 3]) {
      trace.length = 0;
      const system = await systems.oneThread({ seed });
      const a = await system.spawn(nester, { id: 'a' });
      await system.spawn(nester, { id: 'b' });
      await a.tell({ type: 'go', left: 6, to: '/b' });
      await system.settle();
      expect(trace).to.have.length(2 * (2 ** 7 - 1));
      for (let at = 0; at < trace.length; at += 2) expect(trace[at + 1]).to.equal(trace[at]?.replace('>', '<'));
      const counts = [await contextOf<number>(system, '/a'), await contextOf<number>(system, '/b')];
      expect((counts[0] as number) + (counts[1] as number)).to.equal(2 ** 7 - 1);
      await system.stop();
    }
  });

  it('actors of one thread with mail take turns, one message each', async () => {
    trace.length = 0;
    const system = await systems.oneThread({ hosts: 1 });
    const names = ['/a', '/b', '/c'];
    const refs = await Promise.all(['a', 'b', 'c'].map((id) => system.spawn(nester, { id })));
    await system.settle();
    await Promise.all(
      refs.flatMap((ref) => Array.from({ length: 60 }, () => ref.tell({ type: 'go', left: 0, to: '' }))),
    );
    await system.settle();
    const began = trace.filter((line) => line.startsWith('>')).map((line) => line.split(' ')[1]);
    expect(began).to.have.length(180);
    for (let at = 0; at < 180; at += 3) expect(began.slice(at, at + 3).sort()).to.deep.equal(names);
  });

  it('a flooded actor does not starve the one beside it', async () => {
    const system = await systems.threads({ hosts: 1 });
    const flooded = await system.spawn(neighbour, { id: 'flooded' });
    const beside = await system.spawn(neighbour, { id: 'beside' });
    await beside.ask({ type: 'count' });
    const flood = Array.from({ length: 30_000 }, () => flooded.tell({ type: 'work' }));
    const asked = beside.ask({ type: 'count' }, { timeoutMs: 20_000 });
    let floodIsHandled = false;
    const last = flooded.ask({ type: 'count' }, { timeoutMs: 60_000 }).then(() => {
      floodIsHandled = true;
    });
    await asked;
    expect(floodIsHandled, 'the neighbour is heard before the flood is worked off').to.equal(false);
    await Promise.all([...flood, last]);
  });

  it('an actor that never has nothing to do does not starve the one beside it', async () => {
    const system = await systems.threads({ hosts: 1 });
    const busy = await system.spawn(restless, { id: 'restless' });
    const beside = await system.spawn(neighbour, { id: 'beside' });
    await busy.tell({ type: 'again' });
    for (let n = 0; n < 20; n += 1) {
      await beside.tell({ type: 'work' });
      expect(await beside.ask({ type: 'count' })).to.equal(n + 1);
    }
  });
});
