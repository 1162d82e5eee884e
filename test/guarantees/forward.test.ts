import { expect } from 'chai';
import type { System } from '../../src/index.js';
import { eventually } from '../../src/testing/index.js';
import { anyRef, contextOf, rejection, useSystems } from '../helpers/with-system.js';
import { type ClerkState, clerks, desks } from './fixtures/desk.js';

type Level = keyof typeof desks;
const pairs: [Level, Level][] = [
  ['flushed', 'flushed'],
  ['flushed', 'none'],
  ['none', 'flushed'],
  ['none', 'none'],
];

describe('forward: a request passed on is answered by whom it was passed to', function () {
  this.timeout(60_000);
  const systems = useSystems();

  for (const [from, to] of pairs) {
    const check = async (system: System): Promise<void> => {
      const desk = await system.spawn(desks[from], { id: 'desk' });
      const clerk = await system.spawn(clerks[to], { id: 'clerk' });
      const further = { type: 'pass', to: clerk, n: 8 } as const;
      expect(await desk.ask({ type: 'pass', to: clerk, n: 7 })).to.equal('clerk has 7');
      expect(await desk.ask({ type: 'pass2', to: desk, inner: further }), 'twice').to.equal('clerk has 8');
      const refused = await rejection(desk.ask({ type: 'pass', to: clerk, n: 9, fail: true }));
      expect(refused).to.have.property('code', 'MESSAGE_REFUSED');
      expect((refused.cause as Error).message).to.equal('not this one');
      expect((await system.deadLetters()).map(({ path }) => path)).to.deep.equal(['/clerk']);
    };
    it(`from an actor that is ${from} to one that is ${to}, on one host`, async () => {
      await check(await systems.oneThread({ hosts: 1 }));
    });
    it(`from an actor that is ${from} to one that is ${to}, over threads`, async () => {
      await check(await systems.threads({ hosts: 2 }));
    });
  }

  it('a request kept for later is passed on by its `replyTo`', async () => {
    const system = await systems.oneThread();
    const desk = await system.spawn(desks.flushed, { id: 'desk' });
    const clerk = await system.spawn(clerks.flushed, { id: 'clerk' });
    const waiting = desk.ask({ type: 'wait' });
    await desk.tell({ type: 'keepFor', to: clerk });
    expect(await waiting).to.equal('clerk has 0');
  });

  it('a message that was told is passed on as one that was told', async () => {
    const system = await systems.oneThread();
    const desk = await system.spawn(desks.flushed, { id: 'desk' });
    const clerk = await system.spawn(clerks.flushed, { id: 'clerk' });
    await desk.tell({ type: 'pass', to: clerk, n: 2, keep: true });
    await system.settle();
    expect(await contextOf<ClerkState>(system, '/clerk')).to.deep.equal({ seen: [2], kept: undefined });
  });

  it('nobody there: the asker is told at once', async () => {
    const system = await systems.oneThread();
    const desk = await system.spawn(desks.flushed, { id: 'desk' });
    const error = await rejection(desk.ask({ type: 'pass', to: anyRef(system, '/nobody'), n: 1 }));
    expect(error).to.have.property('code', 'ACTOR_UNKNOWN');
  });

  it('G1: a turn that fails after it has passed something on has passed on nothing', async () => {
    const system = await systems.oneThread();
    const desk = await system.spawn(desks.flushed, { id: 'desk' });
    const clerk = await system.spawn(clerks.flushed, { id: 'clerk' });
    const error = await rejection(desk.ask({ type: 'pass', to: clerk, n: 1, stumble: true }));
    expect((error.cause as Error).message).to.equal('stumbled after it had passed it on');
    await system.settle();
    expect(await contextOf<ClerkState>(system, '/clerk')).to.deep.equal({ seen: [], kept: undefined });
  });

  it('G2: what has been passed on outlives threads, and is answered once by a later turn', async () => {
    const system = await systems.threads({ hosts: 2 });
    const desk = await system.spawn(desks.flushed, { id: 'desk' });
    const clerk = await system.spawn(clerks.flushed, { id: 'clerk' });
    const answer = desk.ask({ type: 'pass', to: clerk, n: 5, keep: true }, { timeoutMs: 30_000 });
    const seen = async (): Promise<number[]> => (await contextOf<ClerkState | undefined>(system, '/clerk'))?.seen ?? [];
    await eventually(async () => (await seen()).length === 1, 'the clerk has it');
    await Promise.all([system.killHost(0), system.killHost(1)]);
    await clerk.tell({ type: 'answerKept' });
    expect(await answer).to.equal('kept');
    expect(await seen()).to.deep.equal([5]);
  });

  it('G2, G3: passed on and told, in order and exactly once, over crashes at any moment', async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      let system = await systems.oneThread({ seed, hosts: 1 + (seed % 3), roundsPerTurn: 1 });
      const desk = await system.spawn(desks.flushed, { id: 'desk' });
      const clerk = await system.spawn(clerks.flushed, { id: 'clerk' });
      const count = 40;
      const told = Array.from({ length: count }, (_, n) => desk.tell({ type: 'pass', to: clerk, n }));
      await Promise.all(told);
      for (let crash = 0; crash < 4; crash += 1) {
        for (let turn = 0; turn < seed; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        const store = system.crash('powerCut');
        system = await systems.oneThread({ seed: seed + crash, hosts: 1 + crash, store, clock: system.clock });
      }
      await system.settle();
      const { seen } = await contextOf<ClerkState>(system, '/clerk');
      expect(seen, `seed ${seed}`).to.deep.equal(Array.from({ length: count }, (_, n) => n));
      await system.stop();
    }
  });

  it('G3: on one host, where some go straight and some through the journal', async () => {
    for (let seed = 1; seed <= 6; seed += 1) {
      const system = await systems.oneThread({ seed, hosts: 1 });
      const desk = await system.spawn(desks.flushed, { id: 'desk' });
      const clerk = await system.spawn(clerks.flushed, { id: 'clerk' });
      await system.settle();
      await system.passivate();
      const count = 900;
      const bursts = Array.from({ length: count }, (_, n) => desk.tell({ type: 'pass', to: clerk, n }));
      await Promise.all(bursts);
      await system.settle();
      const { seen } = await contextOf<ClerkState>(system, '/clerk');
      expect(seen, `seed ${seed}`).to.deep.equal(Array.from({ length: count }, (_, n) => n));
      await system.stop();
    }
  });
});

describe('refuse: a message can be declined', () => {
  const systems = useSystems();

  for (const level of ['flushed', 'none'] as const) {
    it(`by an actor that is ${level}: the asker gets the error; what was told becomes a dead letter`, async () => {
      const system = await systems.oneThread();
      const desk = await system.spawn(desks[level], { id: 'desk' });
      const error = await rejection(desk.ask({ type: 'no' }));
      expect([error.code, error.message]).to.deep.equal(['CIRCUIT_OPEN', 'not today']);
      expect(await system.deadLetters()).to.deep.equal([]);
      await desk.tell({ type: 'no' });
      await system.settle();
      const [letter, ...more] = await system.deadLetters();
      expect(more).to.deep.equal([]);
      expect(letter).to.deep.include({ path: '/desk', code: 'CIRCUIT_OPEN', event: { type: 'no' } });
      expect(systems.heard('actorFailed')).to.deep.equal([]);
    });
  }
});
