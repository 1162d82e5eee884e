/** Named effects in a whole system: what `test/src/cell/named-effects.test.ts` cannot see. */
import { expect } from 'chai';
import { verifyHistory } from '../../../src/host/verify.js';
import { limits } from '../../../src/core/limits.js';
import type { ActorRef } from '../../../src/index.js';
import { historyOf } from '../../../src/journal/history.js';
import { Standing } from '../../../src/journal/standing.js';
import { eventually, type TestSystem } from '../../../src/testing/index.js';
import { contextOf, useSystems } from '../../helpers/with-system.js';
import { committed, errands, flushed, none, without } from './fixtures/errands.js';

describe('named effects in a system', () => {
  const systems = useSystems();
  beforeEach(() => errands.clear());

  async function begun(system: TestSystem): Promise<ActorRef> {
    const ref = await system.spawn(flushed, { id: 'a' });
    await ref.tell({ type: 'run', name: 'errand', id: 'x', input: 1 });
    await system.settle();
    return ref;
  }

  const held = () => errands.held.get(errands.began.at(-1) as string);

  for (const definition of [flushed, committed, none]) {
    it(`end by an event, whatever is kept (${definition.options.durability})`, async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(definition, { id: 'a' });
      await ref.tell({ type: 'run', name: 'errand', id: 'x' });
      await ref.tell({ type: 'run', name: 'errand', id: 'y' });
      await system.settle();
      const [x, y] = errands.began;
      errands.held.get(y as string)?.reject(new Error('no'));
      errands.held.get(x as string)?.resolve(7);
      await system.settle();
      const ends = await ref.ask({ type: 'read' });
      expect(ends.toSorted()).to.deep.equal(['x done 7', 'y failed no']);
    });
  }

  it('record their result with the turn that handles it: one commit, and never again after it', async () => {
    const system = await systems.oneThread();
    await begun(system);
    const frames = async () => (await system.stats()).journal.frames as number;
    const before = await frames();
    held()?.resolve('done');
    await system.settle();
    expect((await frames()) - before).to.equal(1);
    const next = await systems.oneThread({ store: system.crash('powerCut'), clock: system.clock });
    expect(await contextOf(next, '/a')).to.deep.equal(['x done done']);
    expect(errands.began).to.deep.equal(['/a#x#1.1']);
  });

  it('run again after a crash before that, with the same id, also when their actor fails', async () => {
    const system = await systems.oneThread();
    const ref = await begun(system);
    await ref.tell({ type: 'trip' });
    await system.settle();
    // The actor failed and came back, and so did its effect.
    expect(new Set(errands.began)).to.deep.equal(new Set(['/a#x#1.1']));
    const next = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    expect(errands.began.at(-1)).to.equal('/a#x#1.1');
    held()?.resolve('late');
    await next.settle();
    expect(await contextOf(next, '/a')).to.deep.equal(['x done late']);
  });

  it('may tell somebody that they are aborted, when their actor has failed: it is no part of its message', async () => {
    const system = await systems.threads({ hosts: 1 });
    const other = await system.spawn(without, { id: 'other' });
    // As many as its host is given at a time, and one more than the turn with the failure has room for.
    const notes = Array.from({ length: limits.turnMessagesMax }, (_, at) => String(at));
    const expected: string[] = [];
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      const ref = await system.spawn(flushed, { id });
      await ref.tell({ type: 'run', name: 'farewell', id: 'x', input: '/other' });
      await ref.ask({ type: 'read' });
      const trip = ref.tell({ type: 'trip' });
      await Promise.all([trip, ...notes.map((text) => other.tell({ type: 'note', text }))]);
      expected.push(...notes);
    }
    const had = await eventually(async () => {
      const texts = await other.ask({ type: 'read' });
      return texts.length >= expected.length + 8 ? texts : undefined;
    }, 'everybody has said farewell');
    expect(had?.filter((text) => text !== 'aborted')).to.deep.equal(expected);
  });

  it('are aborted with their actor, and when they are cancelled', async () => {
    const system = await systems.oneThread();
    const ref = await begun(system);
    const first = held();
    await ref.tell({ type: 'cancel', id: 'x' });
    await ref.tell({ type: 'run', name: 'errand', id: 'x' });
    await system.settle();
    expect([first?.signal.aborted, held()?.signal.aborted]).to.deep.equal([true, false]);
    await ref.stop();
    await system.settle();
    expect(held()?.signal.aborted).to.equal(true);
  });

  it('are refused once, and not tried again, where the definition does not name them', async () => {
    const system = await systems.oneThread();
    const named = await system.spawn(flushed, { id: 'a' });
    const bare = await system.spawn(without, { id: 'b' });
    await named.tell({ type: 'run', name: 'other' });
    await bare.tell({ type: 'run', name: 'errand' });
    await system.settle();
    const letters = await system.deadLetters();
    expect(letters.map(({ path, error }) => [path, (error as { code?: string })?.code]).toSorted()).to.deep.equal([
      ['/a', 'EFFECT_UNKNOWN'],
      ['/b', 'EFFECT_UNKNOWN'],
    ]);
    expect(systems.heard('actorFailed')).to.have.length(2);
  });

  it('come out the same when their turns are run again, and none of them starts', async () => {
    const system = await systems.oneThread();
    const ref = await begun(system);
    held()?.resolve(1);
    await system.settle();
    await ref.tell({ type: 'run', name: 'errand', id: 'z' });
    await ref.tell({ type: 'cancel', id: 'z' });
    await system.settle();
    const began = errands.began.length;
    const history = historyOf(new Standing(system.store), '/a');
    const report = verifyHistory(history, flushed, undefined);
    expect(report).to.deep.include({ difference: undefined, skipped: [] });
    expect(report.same).to.be.at.least(4);
    expect(errands.began).to.have.length(began);
  });

  it('may be jobs, and go on when their thread dies', async function () {
    this.timeout(60_000);
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(flushed, { id: 'a' });
    await ref.tell({ type: 'run', name: 'half', input: 84 });
    await system.killHost(0);
    await ref.tell({ type: 'run', name: 'half', id: 'again', input: 6 });
    const reports = async () => (await contextOf<string[] | undefined>(system, '/a'))?.length;
    await eventually(async () => (await reports()) === 2, 'both are over', 30_000);
    expect((await contextOf<string[]>(system, '/a')).toSorted()).to.deep.equal(['again done 3', 'half done 42']);
  });
});
