/** What one life of an actor has numbered, a timer or an effect, is never taken for another one's. */
import { expect } from 'chai';
import { verifyHistory } from '../../src/host/verify.js';
import { historyOf } from '../../src/journal/history.js';
import { Standing } from '../../src/journal/standing.js';
import { eventually } from '../../src/testing/index.js';
import { rejection, useSystems } from '../helpers/with-system.js';
import { asking, begun, forgetful, gate, hasty, naming, patient, patron } from './fixtures/lives.js';

describe('a life that is begun anew', () => {
  const systems = useSystems();
  beforeEach(() => void begun.splice(0));

  it('does not take a timer of the one before, which has fired meanwhile, for its own', async () => {
    const system = await systems.oneThread();
    await system.spawn(patron, { id: 'patron' });
    const warmth = async () => (await system.state('/patron/warming'))?.value;
    await system.advance(500);
    await system.get('/patron/warming').tell({ type: 'trip' });
    await system.advance(5_000);
    expect(await warmth()).to.equal('cold');
    await system.advance(999);
    expect(await warmth()).to.equal('cold');
    await system.advance(1);
    expect(await warmth()).to.equal('warm');
  });

  for (const [name, wish] of Object.entries({ asking: undefined, naming: { type: 'go' } })) {
    it(`has effects of its own, also after a crash: ${name}`, async () => {
      const options = { checkpointBytes: 65_536 };
      const system = await systems.oneThread(options);
      await system.spawn(patron, { id: 'patron' });
      const path = `/patron/${name}`;
      const goOn = async (on = system) => {
        if (wish !== undefined) await on.get(path).tell(wish);
        await on.settle();
        return begun.filter((id) => id.startsWith(path));
      };
      expect(await goOn()).to.have.length(1);
      await system.get(path).tell({ type: 'trip' });
      await system.advance(5_000);
      const ids = await goOn();
      expect(new Set(ids).size).to.equal(2);
      // How many lives it has had is in its row.
      await system.get(path).tell({ type: 'fill', text: 'x'.repeat(options.checkpointBytes) });
      await system.settle();
      expect((await system.stats()).journal.checkpoints).to.be.above(0);
      const next = await systems.oneThread({ ...options, store: system.crash('powerCut'), clock: system.clock });
      await next.settle();
      expect(ids).to.include(begun.at(-1));
      await next.get(path).tell({ type: 'trip' });
      await next.advance(5_000);
      await goOn(next);
      expect(new Set(begun.filter((id) => id.startsWith(path))).size).to.equal(3);
    });
  }

  it('has them, too, where it begins in the turn in which the one before has failed', async () => {
    const system = await systems.oneThread();
    await system.spawn(hasty, { id: 'hasty' });
    const child = system.get('/hasty/naming');
    for (let life = 0; life < 3; life += 1) {
      await child.tell({ type: 'go' });
      await system.settle();
      await child.tell({ type: 'trip' });
      await system.settle();
    }
    expect(new Set(begun).size).to.equal(3);
    // A host that has not begun it there, but was given it by the journal, counts the same.
    const next = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    await next.get('/hasty/naming').tell({ type: 'go' });
    await next.settle();
    expect(new Set(begun).size).to.equal(4);
    const history = historyOf(new Standing(next.store), '/hasty/naming');
    expect(verifyHistory(history, naming, '/hasty')).to.deep.include({ difference: undefined, skipped: [] });
  });

  it('is told from one that was to stop before it started, and left no state', async () => {
    const system = await systems.oneThread();
    const ready = system.spawn(patient, { id: 'patient' });
    const path = '/patient/late';
    await eventually(async () => (await system.state(path)) !== undefined, 'it is there');
    const stopped = system.get(path).stop();
    await system.settle();
    gate.open();
    await Promise.all([ready, stopped]);
    // It has begun and ended in one turn.
    expect(begun).to.have.length(1);
    const warmth = async () => (await system.state(path))?.value;
    await system.advance(5_000);
    expect(begun).to.have.length(2);
    expect(await warmth()).to.equal('cold');
    await system.advance(1_000);
    expect(await warmth()).to.equal('warm');
    expect(new Set(begun).size).to.equal(2);
  });

  it('finds the children it had, also those that were given no name', async () => {
    const system = await systems.oneThread();
    await system.spawn(patron, { id: 'patron' });
    const actors = async () => (await system.stats()).journal.actors;
    const before = await actors();
    for (let life = 0; life < 3; life += 1) {
      await system.get('/patron/parent').tell({ type: 'trip' });
      await system.advance(5_000);
    }
    expect(await actors()).to.equal(before);
  });

  it('has them also where nothing is kept, and a commit fails', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(forgetful, { id: 'a' });
    const other = await system.spawn(naming, { id: 'b' });
    for (let life = 0; life < 3; life += 1) {
      await ref.tell({ type: 'go' });
      await system.settle();
      system.store.failNextCommit(new Error('no'));
      await rejection(other.tell({ type: 'fill' }));
      await system.settle();
    }
    expect(new Set(begun).size).to.equal(3);
  });

  for (const definition of [asking, naming]) {
    it(`has none of an actor that lived at its path before: ${definition.name}`, async () => {
      const system = await systems.oneThread();
      for (let life = 0; life < 2; life += 1) {
        const ref = await system.spawn(definition, { id: 'a' });
        if (definition === naming) await system.get('/a').tell({ type: 'go' });
        await system.settle();
        await ref.stop();
      }
      expect(new Set(begun).size).to.equal(2);
    });
  }
});
