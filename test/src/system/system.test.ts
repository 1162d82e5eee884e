import { expect } from 'chai';
import { ActorRef } from '../../../src/index.js';
import { eventually } from '../../../src/testing/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { fleeting, teller, total } from './fixtures/teller.js';

describe('system', () => {
  const systems = useSystems();

  it('shares a process with another: a ref reaches the system it is of, and never the other', async () => {
    const [a, b] = [await systems.threads({ hosts: 1 }), await systems.threads({ hosts: 1 })];
    const [inA, inB] = [await a.spawn(total, { id: 'x' }), await b.spawn(total, { id: 'x' })];
    await inA.tell({ type: 'add', by: 1 });
    await b.get('/x').tell({ type: 'add', by: 10 });
    expect([await inA.ask({ type: 'read' }), await inB.ask({ type: 'read' })]).to.deep.equal([1, 10]);
    const ofNobody = await rejection(new ActorRef('/x').tell({ type: 'add', by: 1 }));
    expect(ofNobody).to.have.property('code', 'NO_SYSTEM');
    expect(ofNobody.message).to.contain('several systems');
    await b.stop();
    expect(await inA.ask({ type: 'read' })).to.equal(1);
    expect(await rejection(inB.tell({ type: 'add', by: 1 }))).to.have.property('code', 'SYSTEM_STOPPED');
  });

  it('takes what an action tells by a ref into the turn: a throw behind it undoes it', async () => {
    const system = await systems.threads({ hosts: 1 });
    const [sum, source] = [await system.spawn(total, { id: 'sum' }), await system.spawn(teller, { id: 'source' })];
    await source.tell({ type: 'pass', to: sum, fail: false });
    await source.tell({ type: 'pass', to: sum, fail: true });
    await eventually(async () => (await system.deadLetters()).length === 1, 'the failing message is given up');
    await source.tell({ type: 'pass', to: sum, fail: false });
    await eventually(async () => (await sum.ask({ type: 'read' })) === 2, 'both good messages have arrived');
  });

  it('says that an actor which is not journaled has stopped, to tellers and askers', async () => {
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(fleeting, { id: 'gone' });
    await ref.tell({ type: 'add', by: 2 });
    expect(await ref.ask({ type: 'read' })).to.equal(2);
    await ref.stop();
    expect(await rejection(ref.ask({ type: 'read' }))).to.have.property('code', 'ACTOR_STOPPED');
    expect(await rejection(ref.tell({ type: 'add', by: 1 }))).to.have.property('code', 'ACTOR_STOPPED');
  });

  it('ends every wait when it stops, and says what it is', async () => {
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(total, { id: 'x' });
    const watched = rejection(system.watch(ref));
    await system.stop();
    expect(await watched).to.have.property('code', 'SYSTEM_STOPPED');
    const calls: (() => Promise<unknown>)[] = [
      () => system.state(ref),
      () => system.stats(),
      () => system.passivate(),
      () => system.watch(ref),
      () => system.actors(),
    ];
    for (const call of calls) expect(await rejection(call())).to.have.property('code', 'SYSTEM_STOPPED');
  });
});
