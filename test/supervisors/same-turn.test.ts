/** Decision 21: a child that fails beside its supervisor is judged, and reset, in the same turn. */
import { expect } from 'chai';
import { verifyHistory } from '../../src/host/verify.js';
import type { ActorRef } from '../../src/index.js';
import { historyOf } from '../../src/journal/history.js';
import { Standing } from '../../src/journal/standing.js';
import { limits } from '../../src/core/limits.js';
import { createTestSystem, type TestSystem } from '../../src/testing/index.js';
import { child, keeper, patron, teller, tester, trips } from './fixtures/same-turn.js';

const path = '/patron/child';
const note = (n: number) => ({ type: 'note', n }) as const;
const trip = { type: 'trip' } as const;

describe('a child that fails beside its supervisor', () => {
  let system: TestSystem;
  let telling: ActorRef<{ type: 'tell'; to: readonly string[]; events: readonly object[] }>;

  const groups = async (): Promise<number> => (await system.stats()).journal.groups as number;
  const told = async (...events: readonly object[]): Promise<void> => {
    await telling.tell({ type: 'tell', to: [path], events });
    await system.settle();
  };
  const notes = async (): Promise<unknown> => (await system.state(path))?.context;
  const tripsGivenUp = async (): Promise<unknown[]> =>
    (await system.deadLetters()).map(({ path: of, event }) => [of, (event as { type: string }).type]);
  const decisions = async (): Promise<unknown[]> =>
    (await system.decisions({ path })).map(({ decision, message, cause }) => [
      decision,
      cause === 'message' ? (message?.event as { type: string } | undefined)?.type : cause,
    ]);

  beforeEach(async () => {
    Object.assign(trips, { told: 0, had: 0, starts: 0, startsToThrow: 0, endsAtStart: false });
    system = await createTestSystem({ hosts: 1 });
    telling = (await system.spawn(teller, { id: 'teller' })) as never;
  });

  afterEach(() => system.stop());

  it('is charged for the message it failed at: that one is given up, and the next life does not see it', async () => {
    await system.spawn(patron, { id: 'patron' });
    const ref = await system.spawn(tester, { id: 'tester' });
    await ref.tell({ type: 'go' });
    await system.settle();
    // Each greeting is the first of a life.
    expect((await system.state(ref))?.context).to.deep.equal([[], [], []]);
    expect(trips).to.deep.include({ told: 3, had: 3 });
    expect(await tripsGivenUp()).to.deep.equal(Array(3).fill([path, 'trip']));
    expect(await decisions()).to.deep.equal(Array(3).fill(['reset', 'trip']));
  });

  it('has its failure, the decision and its new life in one record', async () => {
    await system.spawn(patron, { id: 'patron' });
    await system.settle();
    const before = await groups();
    await told(note(1), trip, note(2), note(3));
    // What the teller was told, and the turn with all of it.
    expect((await groups()) - before).to.equal(2);
    expect(await notes()).to.deep.equal([2, 3]);
    const { entries } = await system.history(path);
    const last = entries.slice(-4);
    expect(last.map(({ kind }) => kind)).to.deep.equal(['turn', 'failed', 'decided', 'turn']);
    expect(new Set(last.map(({ position }) => position))).to.have.length(1);
  });

  it('has a history that comes out the same when it is run again', async () => {
    await system.spawn(patron, { id: 'patron' });
    await told(note(1), trip, note(2), trip, trip, note(3), note(4));
    await told(note(5), trip);
    expect(await notes()).to.deep.equal([]);
    for (const [at, definition] of [
      [path, child],
      ['/patron', patron],
    ] as const) {
      const standing = new Standing(system.store);
      const history = historyOf(standing, at);
      const report = verifyHistory(history, definition as never, standing.pathOf(history.subject.parent));
      expect(report, at).to.deep.include({ skipped: [], difference: undefined });
      expect(report.same, at).to.be.above(2);
    }
  });

  it('is given its last state by the journal when that is what it goes on with', async () => {
    await system.spawn(keeper, { id: 'patron' });
    await told(note(1), trip, note(2), trip, note(3));
    expect(await notes()).to.deep.equal([1, 2, 3]);
    expect(await tripsGivenUp()).to.deep.equal(Array(2).fill([path, 'trip']));
    expect(await decisions()).to.deep.equal(Array(2).fill(['resume', 'trip']));
  });

  it('is reset also when the turn has no time left for its supervisor', async () => {
    await system.spawn(patron, { id: 'patron' });
    // The teller's message, one for each of these, and the child's is the last that the turn has room for.
    const others = Array.from({ length: limits.turnMessagesMax - 2 }, (_, at) => `/other-${at}`);
    for (const other of others) await system.spawn(teller, { id: other.slice(1) });
    await system.settle();
    const before = await groups();
    await telling.tell({ type: 'tell', to: [...others, path], events: [{ ...trip, to: [], events: [] }] });
    await system.settle();
    expect((await groups()) - before).to.be.above(3);
    await told(note(1));
    expect(await notes()).to.deep.equal([1]);
    expect(await tripsGivenUp()).to.deep.equal([[path, 'trip']]);
    expect(await decisions()).to.deep.equal([['reset', 'trip']]);
  });

  it('is started again by its supervisor when its new life cannot start', async () => {
    await system.spawn(patron, { id: 'patron' });
    await system.settle();
    trips.startsToThrow = 2;
    await told(note(1), trip, note(2));
    expect(await notes()).to.deep.equal([2]);
    expect(await decisions()).to.deep.equal([
      ['reset', 'trip'],
      ['reset', 'start'],
      ['reset', 'start'],
    ]);
    expect(trips.starts).to.equal(4);
  });

  it('has not started when it ends in its first turn', async () => {
    trips.endsAtStart = true;
    const error = await system.spawn(patron, { id: 'patron' }).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'SUPERVISOR_START' });
    expect(trips.starts).to.equal(1);
  });

  it('gets the rest of its mail by the journal, in order, when there is some there', async () => {
    const ref = await system.spawn(patron, { id: 'patron' });
    await system.settle();
    const target = system.get(path) as ActorRef<{ type: string }>;
    const before = await groups();
    const tells = [note(1), trip, note(2), trip, note(3), note(4)].map((event) => target.tell(event));
    await Promise.all(tells);
    await system.settle();
    expect((await groups()) - before).to.be.above(3);
    expect(await notes()).to.deep.equal([3, 4]);
    expect(await decisions()).to.deep.equal(Array(2).fill(['reset', 'trip']));
    expect(await ref.ask({ type: 'count' })).to.deep.include({ active: 1 });
  });

  it('gets what one actor tells it in order, also what that tells it while it begins anew', async () => {
    await system.spawn(patron, { id: 'patron' });
    await system.settle();
    const tell = (...events: readonly object[]) => telling.tell({ type: 'tell', to: [path], events });
    await Promise.all([tell(trip, trip, note(1), note(2)), tell(), tell(note(3)), tell(note(4))]);
    await system.settle();
    expect(await notes()).to.deep.equal([1, 2, 3, 4]);
    expect(await tripsGivenUp()).to.deep.equal(Array(2).fill([path, 'trip']));
  });
});
