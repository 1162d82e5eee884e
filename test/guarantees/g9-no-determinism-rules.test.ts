import { expect } from 'chai';
import { eventually } from '../../src/testing/index.js';
import { contextOf, useSystems } from '../helpers/with-system.js';
import { dice } from './fixtures/odd.js';

interface Rolls {
  rolls: number[];
  at: number[];
}

describe('G9: recovery reads what was recorded and runs nothing again', () => {
  const systems = useSystems();

  it('values of Math.random and Date.now are the same after crashes, checkpoints and passivation', async () => {
    let system = await systems.oneThread({ checkpointBytes: 65_536 });
    const ref = await system.spawn(dice, { id: 'dice' });
    for (let n = 0; n < 50; n += 1) await ref.tell({ type: 'roll' });
    await system.settle();
    const recorded = await contextOf<Rolls>(system, '/dice');
    expect(recorded.rolls).to.have.length(50);
    for (const crash of ['kill', 'powerCut', 'kill'] as const) {
      const { clock } = system;
      system = await systems.oneThread({ store: system.crash(crash), clock, checkpointBytes: 65_536 });
      expect(await contextOf<Rolls>(system, '/dice')).to.deep.equal(recorded);
      await system.passivate();
      await system.settle();
    }
    await system.get<{ type: 'roll' }>('/dice').tell({ type: 'roll' });
    await system.settle();
    const { rolls, at } = await contextOf<Rolls>(system, '/dice');
    expect(rolls.slice(0, 50)).to.deep.equal(recorded.rolls);
    expect(at.slice(0, 50)).to.deep.equal(recorded.at);
    expect(rolls).to.have.length(51);
  });

  it('on threads, over a restart and the death of a host', async () => {
    let system = await systems.threads({ hosts: 2 });
    const ref = await system.spawn(dice, { id: 'dice' });
    for (let n = 0; n < 5; n += 1) await ref.tell({ type: 'roll' });
    system = await systems.restart(system, { hosts: 1 });
    await system.get<{ type: 'roll' }>('/dice').tell({ type: 'roll' });
    await system.killHost(0);
    const rolls = async () => (await contextOf<Rolls | undefined>(system, '/dice'))?.rolls ?? [];
    await eventually(async () => (await rolls()).length === 6, 'all rolls are made');
    const before = await contextOf<Rolls>(system, '/dice');
    system = await systems.restart(system);
    expect(await contextOf<Rolls>(system, '/dice')).to.deep.equal(before);
    expect(new Set(before.rolls).size).to.equal(before.rolls.length);
  });
});
