import { expect } from 'chai';
import { armFailpoint, disarmFailpoint, eventually, TestClock } from '../../src/testing/index.js';
import { contextOf, useSystems } from '../helpers/with-system.js';
import { sleeper } from './fixtures/sleeper.js';

interface Slept {
  wokeAt: number[];
  ticks: number[];
}

const dayMs = 86_400_000;
const delays: [string, number][] = [
  ['1 ms', 1],
  ['40 days', 40 * dayMs],
  ['100 years', 36_525 * dayMs],
];

describe('G6: time is durable', () => {
  const systems = useSystems();
  afterEach(() => disarmFailpoint());

  for (const [name, ms] of delays) {
    it(`after ${name}: once, not early, and not late by a millisecond`, async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(sleeper, { id: 's' });
      await ref.tell({ type: 'sleep', ms });
      await system.settle();
      const dueAt = system.clock.now() + ms;
      await system.advance(ms - 1);
      expect((await contextOf<Slept>(system, '/s')).wokeAt).to.deep.equal([]);
      await system.advance(1);
      expect((await contextOf<Slept>(system, '/s')).wokeAt).to.deep.equal([dueAt]);
      await system.advance(2 * ms);
      expect((await contextOf<Slept>(system, '/s')).wokeAt).to.have.length(1);
    });

    it(`after ${name}, restarting and crashing on the way`, async () => {
      let system = await systems.oneThread();
      const ref = await system.spawn(sleeper, { id: 's' });
      await ref.tell({ type: 'sleep', ms });
      await system.settle();
      const dueAt = system.clock.now() + ms;
      const { clock } = system;
      await system.advance(Math.floor(ms / 3));
      system = await systems.oneThread({ store: system.crash('powerCut'), clock, hosts: 1 });
      await system.advance(Math.floor(ms / 3));
      await system.passivate();
      await system.settle();
      system = await systems.oneThread({ store: system.crash('kill'), clock, hosts: 3 });
      await system.advance(dueAt - clock.now() - 1);
      expect((await contextOf<Slept>(system, '/s')).wokeAt).to.deep.equal([]);
      await system.advance(1);
      expect((await contextOf<Slept>(system, '/s')).wokeAt).to.deep.equal([dueAt]);
      system = await systems.oneThread({ store: system.crash('kill'), clock });
      await system.advance(ms);
      expect((await contextOf<Slept>(system, '/s')).wokeAt).to.deep.equal([dueAt]);
    });

    it(`after ${name}, due while the system was down: at once with the next start, once`, async () => {
      let system = await systems.oneThread();
      const ref = await system.spawn(sleeper, { id: 's' });
      await ref.tell({ type: 'sleep', ms });
      await system.settle();
      const { clock } = system;
      const store = system.crash('powerCut');
      clock.advance(3 * ms);
      system = await systems.oneThread({ store, clock });
      expect((await contextOf<Slept>(system, '/s')).wokeAt).to.deep.equal([clock.now()]);
      await system.advance(3 * ms);
      expect((await contextOf<Slept>(system, '/s')).wokeAt).to.have.length(1);
    });

    it(`after ${name}, cancelled by leaving the state`, async () => {
      let system = await systems.oneThread();
      const ref = await system.spawn(sleeper, { id: 's' });
      await ref.tell({ type: 'sleep', ms });
      await ref.tell({ type: 'rise' });
      await system.advance(2 * ms);
      expect((await contextOf<Slept>(system, '/s')).wokeAt).to.deep.equal([]);
      const { clock } = system;
      system = await systems.oneThread({ store: system.crash('kill'), clock });
      await system.advance(2 * ms);
      expect((await contextOf<Slept>(system, '/s')).wokeAt).to.deep.equal([]);
    });
  }

  it('a state entered anew starts its time anew', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(sleeper, { id: 's' });
    const begin = system.clock.now();
    await ref.tell({ type: 'sleep', ms: 1_000 });
    await system.advance(600);
    await ref.tell({ type: 'sleep', ms: 1_000 });
    await system.advance(999);
    expect((await contextOf<Slept>(system, '/s')).wokeAt).to.deep.equal([]);
    await system.advance(1);
    expect((await contextOf<Slept>(system, '/s')).wokeAt).to.deep.equal([begin + 1_600]);
  });

  it('timers fire in the order of their time, whatever the order they were set in', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(sleeper, { id: 's' });
    const begin = system.clock.now();
    await ref.tell({ type: 'ticks', every: 100 });
    await system.advance(1_000);
    expect((await contextOf<Slept>(system, '/s')).ticks).to.deep.equal([begin + 100, begin + 200, begin + 300]);
  });

  it('a firing that is on its way when the state is left, and entered anew, does nothing', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const system = await systems.oneThread({ seed, hosts: 1 });
      const ref = await system.spawn(sleeper, { id: 's' });
      await ref.tell({ type: 'sleep', ms: 1_000 });
      await system.settle();
      // It comes due while the actor handles what leaves the state: too late to be cancelled, and stale.
      armFailpoint('host.beforeMessage', 1, () => system.clock.advance(1_000));
      await Promise.all([ref.tell({ type: 'rise' }), ref.tell({ type: 'sleep', ms: 5_000 })]);
      await system.settle();
      expect((await system.state('/s'))?.value).to.equal('asleep');
      expect((await contextOf<Slept>(system, '/s')).wokeAt, `seed ${seed}`).to.deep.equal([]);
      await system.advance(5_000);
      expect((await contextOf<Slept>(system, '/s')).wokeAt, `seed ${seed}`).to.have.length(1);
      await system.stop();
    }
  });

  it('a delay beyond 100 years is refused, and the message with it', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(sleeper, { id: 's' });
    await ref.tell({ type: 'sleep', ms: 36_525 * dayMs + 1 });
    await system.settle();
    expect((await system.deadLetters()).map(({ error }) => (error as { code?: string }).code)).to.deep.equal([
      'OPTION_RANGE',
    ]);
    expect((await system.state('/s'))?.value).to.equal('awake');
  });

  it('a clock that is set back delays a timer and does not lose it', async () => {
    const clock = new TestClock();
    const system = await systems.oneThread({ clock });
    const ref = await system.spawn(sleeper, { id: 's' });
    await ref.tell({ type: 'sleep', ms: 1_000 });
    await system.settle();
    const dueAt = clock.now() + 1_000;
    clock.set(clock.now() - 60_000);
    await system.advance(61_000);
    const { wokeAt } = await contextOf<Slept>(system, '/s');
    expect(wokeAt).to.have.length(1);
    expect(wokeAt[0]).to.be.at.least(dueAt);
  });

  it('on threads: a timer fires once and not early, also when hosts die', async () => {
    let system = await systems.threads({ hosts: 2 });
    const refs = await Promise.all(Array.from({ length: 20 }, (_, n) => system.spawn(sleeper, { id: `s${n}` })));
    const toldAt = Date.now();
    await Promise.all(refs.map((ref) => ref.tell({ type: 'sleep', ms: 300 })));
    await system.killHost(0);
    await system.killHost(1);
    system = await systems.restart(system, { hosts: 1 });
    for (const { path } of refs) {
      const woke = async () => (await contextOf<Slept | undefined>(system, path))?.wokeAt ?? [];
      await eventually(async () => (await woke()).length > 0, `${path} wakes up`);
      expect(await woke()).to.have.length(1);
      expect((await woke())[0]).to.be.at.least(toldAt + 300);
    }
  });
});
