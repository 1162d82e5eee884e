/** What an agent says, on its way to a listener: no faster than that one hears it, and whatever that one does. */
import { rmSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { type AgentNews, type AgentRun, startAgent } from '../../../actors/index.js';
import type { ActorDefinition, ActorRef } from '../../../src/index.js';
import {
  armFailpoint,
  disarmFailpoint,
  eventually,
  type MemoryStore,
  type TestSystem,
} from '../../../src/testing/index.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { contextOf, useSystems } from '../../helpers/with-system.js';
import {
  asker,
  chatter,
  failing,
  fleeting,
  handsOn,
  type HeardSoFar,
  leaving,
  machine,
  mute,
  quick,
  said,
  slow,
  textOf,
} from './fixtures/listeners.js';

/** Pieces that may be on their way: before the question, itself, and behind it. */
const underWayMax = 64 + 1 + 64;
/** Pieces of the model that may wait to be told: 4,096 characters, of some four each. */
const waitingMax = 1_024;

describe('what an agent says', () => {
  const systems = useSystems();
  let folder: string;
  beforeEach(() => {
    said.pieces = 0;
    folder = makeFolder();
  });
  afterEach(() => {
    disarmFailpoint();
    removeFolder(folder);
  });

  const begin = async (
    system: TestSystem,
    listener: ActorDefinition<never> | undefined,
    pieces: number,
  ): Promise<AgentRun<string>> => {
    const there = listener && (await system.spawn(listener as ActorDefinition, { id: 'listener' }));
    const streamTo = (there ?? system.get('/listener')) as ActorRef<AgentNews>;
    const run = await startAgent(system, chatter, { id: 'run', input: { text: `${pieces} pieces`, streamTo } });
    // Until its model waits, or has said everything.
    for (let before = -1; before !== said.pieces; ) {
      before = said.pieces;
      await system.settle();
    }
    return run;
  };
  const heardBy = (system: TestSystem) => contextOf<HeardSoFar>(system, '/listener');

  for (const [name, listener] of Object.entries({ quick, mute })) {
    it(`is heard whole and in order: ${name}`, async () => {
      const system = await systems.oneThread();
      const run = await begin(system, listener as ActorDefinition, 2_000);
      await system.advance(1_000);
      expect((await run.result()).answer).to.equal(textOf(2_000));
      expect((await heardBy(system)).text).to.equal(textOf(2_000));
    });
  }

  it('waits for a listener that hands it on, and for nobody else', async () => {
    const system = await systems.oneThread();
    const count = 20_000;
    const run = await begin(system, handsOn as ActorDefinition, count);
    expect(said.pieces, 'read').to.be.below(count);
    let rounds = 0;
    for (; (await run.view()).status === 'thinking'; rounds += 1) {
      const { pieces } = await heardBy(system);
      expect(pieces, 'told').to.be.at.most(1 + 64 + rounds * (1 + 64));
      // What it has said and nobody was told is in the agent's hands, and has a limit.
      const text = await heardBy(system).then((heard) => heard.text);
      expect(said.pieces - text.split(' ').length, 'waits').to.be.at.most(waitingMax);
      await system.get('/listener').tell({ type: 'done' });
      await system.settle();
    }
    expect(rounds).to.be.above(3);
    expect((await run.result()).answer).to.equal(textOf(count));
    await system.settle();
    expect((await heardBy(system)).text).to.equal(textOf(count));
  });

  it('has little on its way to a listener that is really slow, and kept', async function () {
    this.timeout(30_000);
    const system = await systems.threads({ hangAfterMs: 0 });
    const count = 600;
    const held = `${folder}/held`;
    writeFileSync(held, '');
    const listener = await system.spawn(slow, { id: 'listener', input: { while: held } });
    const input = { text: `${count} pieces, slowly`, streamTo: listener as ActorRef<AgentNews> };
    const run = await startAgent(system, chatter, { id: 'run', input });
    let isOver = false;
    const result = run.result().finally(() => (isOver = true));
    const mail = async () => (await system.state('/listener'))?.mail ?? 0;
    // What may be told behind a question, but for the few it has heard of that.
    await eventually(async () => (await mail()) >= 60, 'all that may is on its way');
    rmSync(held);
    let most = 0;
    while (!isOver) most = Math.max(most, await mail());
    expect((await result).answer).to.equal(textOf(count));
    expect(most, 'waiting mail').to.be.at.most(underWayMax + 3);
  });

  it('is not held up for long by a listener that never answers', async () => {
    const system = await systems.oneThread();
    const run = await begin(system, mute as ActorDefinition, 20_000);
    expect((await run.view()).status).to.equal('thinking');
    await system.advance(999);
    expect((await run.view()).status).to.equal('thinking');
    await system.advance(1);
    expect((await run.view()).status).to.equal('answered');
    expect((await heardBy(system)).text).to.equal(textOf(20_000));
  });

  it('is told at the end, as one piece, to a listener that answers no more', async () => {
    const system = await systems.oneThread();
    const run = await begin(system, handsOn as ActorDefinition, 20_000);
    await system.get('/listener').tell({ type: 'done' });
    await system.settle();
    const { pieces } = await heardBy(system);
    await system.advance(29_999);
    expect((await run.view()).status).to.equal('thinking');
    expect((await heardBy(system)).pieces).to.equal(pieces);
    await system.advance(1);
    expect((await run.result()).answer).to.equal(textOf(20_000));
    await system.settle();
    const after = await heardBy(system);
    expect(after.text).to.equal(textOf(20_000));
    expect(after.pieces).to.equal(pieces + 1);
  });

  it('is an answer, too, where nobody listens, or no more, or who listens cannot', async () => {
    for (const listener of [undefined, leaving, failing]) {
      const system = await systems.oneThread();
      const run = await begin(system, listener as ActorDefinition | undefined, 2_000);
      if (listener === failing) await system.advance(60_000);
      expect((await run.result()).answer, listener?.name).to.equal(textOf(2_000));
      if (listener === failing) expect((await heardBy(system)).pieces).to.be.above(0);
      await systems.stopAll();
    }
  });

  it('is heard by machines, by those that keep nothing, and by who has started the run', async () => {
    const told = await systems.oneThread();
    const run = await begin(told, machine as ActorDefinition, 2_000);
    expect((await run.result()).answer).to.equal(textOf(2_000));
    expect((await contextOf<{ pieces: number }>(told, '/listener')).pieces).to.be.above(1);
    await systems.stopAll();
    const kept = await systems.oneThread();
    await (await begin(kept, fleeting as ActorDefinition, 2_000)).result();
    expect(await kept.get('/listener').ask({ type: 'text' })).to.equal(textOf(2_000));
    await systems.stopAll();
    const system = await systems.oneThread();
    const ref = await system.spawn(asker, { id: 'listener' });
    await ref.tell({ type: 'begin', text: '2000 pieces' });
    await system.settle();
    expect((await heardBy(system)).text).to.equal(textOf(2_000));
  });

  it('is given up with its run, also while it waits for a listener', async () => {
    const system = await systems.oneThread();
    const run = await begin(system, handsOn as ActorDefinition, 20_000);
    const before = said.pieces;
    await run.cancel('enough');
    await system.settle();
    expect((await run.view()).status).to.equal('stopped');
    await system.get('/listener').tell({ type: 'done' });
    await system.advance(60_000);
    expect(said.pieces).to.be.within(before, before + 1);
  });

  it('begins again when its call does, after a crash, with a listener that kept the old question', async () => {
    let left: MemoryStore | undefined;
    const first = await systems.oneThread();
    armFailpoint('journal.afterCommitBeforeRoute', 20, () => {
      left = first.store.fork('kill');
    });
    await begin(first, handsOn as ActorDefinition, 2_000);
    expect((await heardBy(first)).pieces).to.be.above(1);
    const { clock } = first;
    first.crash('kill');
    const second = await systems.oneThread({ store: left as MemoryStore, clock });
    for (let rounds = 0; rounds < 100 && (await heardBy(second)).text !== textOf(2_000); rounds += 1) {
      await second.get('/listener').tell({ type: 'done' });
      await second.settle();
    }
    expect(await heardBy(second)).to.include({ text: textOf(2_000), beginnings: 2 });
  });
});
