import { expect } from 'chai';
import { seededRandom } from '../../../src/core/random.js';
import { limits } from '../../../src/core/limits.js';
import { readGroup } from '../../../src/journal/group.js';
import { JournalTime } from '../../../src/journal/journal-time.js';
import { TestClock, testTimeStart } from '../../../src/testing/index.js';
import { contextOf, useSystems } from '../../helpers/with-system.js';
import { sleeper } from '../../guarantees/fixtures/sleeper.js';

const hourMs = 3_600_000;

interface Slept {
  wokeAt: number[];
}

describe('journal time', () => {
  it('is the clock, and stands still while the clock is behind it', () => {
    const clock = new TestClock();
    const time = new JournalTime(clock, 0);
    expect(time.now()).to.equal(testTimeStart);
    clock.set(testTimeStart - hourMs);
    expect(time.now()).to.equal(testTimeStart);
    clock.advance(hourMs + 5);
    expect(time.now()).to.equal(testTimeStart + 5);
  });

  it('begins where the journal ended', () => {
    expect(new JournalTime(new TestClock(), testTimeStart + 7).now()).to.equal(testTimeStart + 7);
  });

  it('says once that the clock went back, and again only after it had caught up', () => {
    const clock = new TestClock();
    const time = new JournalTime(clock, 0);
    time.now();
    expect(time.newlyBehindMs()).to.equal(undefined);
    clock.set(testTimeStart - limits.clockBackMsTolerated);
    expect(time.newlyBehindMs(), 'a correction').to.equal(undefined);
    clock.set(testTimeStart - hourMs);
    expect(time.newlyBehindMs()).to.equal(hourMs);
    expect(time.newlyBehindMs()).to.equal(undefined);
    clock.set(testTimeStart - 1);
    expect(time.newlyBehindMs(), 'still behind').to.equal(undefined);
    clock.set(testTimeStart);
    expect(time.newlyBehindMs()).to.equal(undefined);
    clock.set(testTimeStart - hourMs);
    expect(time.newlyBehindMs()).to.equal(hourMs);
  });

  it('never goes back, whatever the clock does (seeded)', () => {
    for (const seed of [1, 2, 3]) {
      const random = seededRandom(seed);
      const clock = new TestClock();
      let time = new JournalTime(clock, 0);
      let before = 0;
      for (let step = 0; step < 1_000; step += 1) {
        clock.set(testTimeStart + Math.floor((random() - 0.5) * hourMs));
        if (random() < 0.1) time = new JournalTime(clock, before);
        const now = time.now();
        expect(now, `seed ${seed}`).to.be.at.least(Math.max(before, clock.now()));
        before = now;
      }
    }
  });
});

describe('a clock that goes back', () => {
  const systems = useSystems();
  const warnings = () => systems.heard('journalWarned').filter(({ code }) => code === 'CLOCK_WENT_BACK');
  const wokeAt = async (system: Awaited<ReturnType<typeof systems.oneThread>>, path: string) =>
    (await contextOf<Slept>(system, path)).wokeAt;

  it('leaves the times of the log in order, over restarts, and is said once each time', async () => {
    const clock = new TestClock();
    let system = await systems.oneThread({ clock });
    const ref = await system.spawn(sleeper, { id: 's' });
    await ref.tell({ type: 'rise' });
    expect(warnings()).to.have.length(0);
    clock.set(clock.now() - hourMs);
    for (let n = 0; n < 3; n += 1) await ref.tell({ type: 'rise' });
    await system.settle();
    expect(warnings()).to.have.length(1);
    expect(warnings()[0]!.message).to.contain(`${hourMs} ms`);

    // The next process begins with the wrong clock, from a checkpoint with nothing behind it.
    await system.stop();
    const { store } = system;
    system = await systems.oneThread({ clock, store: store.fork('kill') });
    await system.settle();
    expect(warnings()).to.have.length(2);
    await system.get('/s').tell({ type: 'rise' });
    await system.settle();
    const times = [...system.store.readLog()].map(({ bytes, position }) => readGroup(bytes, `${position}`).time);
    expect(times.length).to.be.above(5);
    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
    expect(Math.max(...times)).to.equal(testTimeStart);
    await system.advance(2 * hourMs);
    expect(warnings()).to.have.length(2);
  });

  it('makes no timer early: one that is set afterwards takes its full time', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(sleeper, { id: 's' });
    await system.settle();
    system.clock.set(system.clock.now() - hourMs);
    await ref.tell({ type: 'sleep', ms: 10_000 });
    await system.settle();
    const setAt = system.clock.now();
    await system.advance(9_999);
    expect(await wokeAt(system, '/s')).to.deep.equal([]);
    await system.advance(1);
    expect(await wokeAt(system, '/s')).to.deep.equal([setAt + 10_000]);
  });

  it('loses no timer: one that was set before rings once, when the clock has caught up', async () => {
    const clock = new TestClock();
    let system = await systems.oneThread({ clock });
    const ref = await system.spawn(sleeper, { id: 's' });
    await ref.tell({ type: 'sleep', ms: 10_000 });
    await system.settle();
    const dueAt = clock.now() + 10_000;
    clock.set(clock.now() - hourMs);
    await system.advance(hourMs + 9_999);
    expect(await wokeAt(system, '/s')).to.deep.equal([]);
    system = await systems.oneThread({ clock, store: system.crash('kill') });
    await system.settle();
    expect(await wokeAt(system, '/s')).to.deep.equal([]);
    await system.advance(1);
    expect(await wokeAt(system, '/s')).to.deep.equal([dueAt]);
    await system.advance(2 * hourMs);
    expect(await wokeAt(system, '/s')).to.deep.equal([dueAt]);
  });
});
